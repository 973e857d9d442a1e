import type { DataClass, LegalBasis, Purpose } from '@opora/contracts';
import { DomainError, type Trouble } from '@opora/domain';

/** What a ground carries, and what has to be said with it. ADR 21 cites the articles, one by one. */
interface Rule {
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  /** The norm that orders or allows it must be named (GDPR art. 6(3)). */
  readonly norm: boolean;
  /** It holds as long as its cause does, and the end must be said. */
  readonly until: boolean;
}

const both = ['referral', 'coordination'] as const;

const rules: Record<LegalBasis, Rule> = {
  // Only the person waives what is privileged: no other ground carries D3.
  consent: { purposes: both, dataClasses: ['D0', 'D1', 'D2', 'D3'], norm: false, until: false },
  // GDPR art. 9(2) and 152-FZ art. 10 know no contract; and an agency that is no party to it is not reached by it.
  contract: { purposes: ['coordination'], dataClasses: ['D0', 'D1'], norm: false, until: false },
  'legal-obligation': { purposes: both, dataClasses: ['D0', 'D1', 'D2'], norm: true, until: false },
  'vital-interests': { purposes: both, dataClasses: ['D0', 'D1', 'D2'], norm: false, until: true },
  'public-task': { purposes: both, dataClasses: ['D0', 'D1', 'D2'], norm: true, until: false },
};

export interface Grounds {
  readonly purpose: Purpose;
  readonly dataClasses: readonly DataClass[];
  readonly legalBasis: LegalBasis;
  readonly norm?: string | undefined;
  readonly until?: string | undefined;
}

/** Refuses a sharing that its ground does not carry. */
export const mustCarry = ({ purpose, dataClasses, legalBasis, norm, until }: Grounds): void => {
  const rule = rules[legalBasis];
  const troubles: Trouble[] = [
    ...(rule.purposes.includes(purpose) ? [] : [{ pointer: '/purpose', code: 'basis-unsuitable', detail: 'is not carried by this legal basis' }]),
    ...dataClasses.flatMap((one, i) => (rule.dataClasses.includes(one) ? [] : [{ pointer: `/dataClasses/${i}`, code: 'basis-unsuitable', detail: 'is not carried by this legal basis' }])),
    ...(rule.norm && norm === undefined ? [{ pointer: '/norm', code: 'norm-missing', detail: 'is needed: which law orders or allows it' }] : []),
    ...(rule.until && until === undefined ? [{ pointer: '/until', code: 'end-missing', detail: 'is needed: it holds only while the danger does' }] : []),
  ];
  if (troubles.length > 0) throw new DomainError('invalid', 'basis-unsuitable', 'The legal basis does not carry this sharing, or something is to be said with it', troubles);
};

/** Consent is taken back (GDPR art. 7(3), 152-FZ art. 9 part 2); what rests on another ground is not. */
export const mustBeWithdrawable = (legalBasis: LegalBasis): void => {
  if (legalBasis !== 'consent') throw new DomainError('conflict', 'not-by-consent', 'This sharing does not rest on consent: the person may object to a public task, and the agency may end it');
};

/** GDPR art. 21(1): of these grounds only a public task is open to objection. */
export const mustBeOpenToObjection = (legalBasis: LegalBasis): void => {
  if (legalBasis === 'consent') throw new DomainError('conflict', 'withdraw-instead', 'This sharing rests on consent: withdraw it, no reason is needed');
  if (legalBasis !== 'public-task') throw new DomainError('conflict', 'no-objection', 'The law does not let this sharing be stopped by an objection; ask the agency to look at it again');
};
