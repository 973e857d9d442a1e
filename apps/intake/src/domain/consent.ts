import type {
  aliasesNamed, consentEnded, consentEnteredInError, consentGiven, consentObjectedTo, consentRefused, consentRequested, ConsentState, ConsentTerms, consentWithdrawn, DataOf, objectionOverruled, personErasing, personKeyMade,
} from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant } from '@opora/domain';
import { circumstancesState, evolveCircumstances, isCircumstance, type CircumstanceFact, type Circumstances } from './circumstances.js';
import { evidenceOf, type Evidence, type Giving } from './consent-evidence.js';
import { mustBeOpenToObjection, mustBeWithdrawable, mustCarry } from './legal-basis.js';

/** One sharing, with what stays in intake. Old ones know no evidence. */
export interface Consent extends Omit<ConsentTerms, 'status'> {
  readonly status: ConsentTerms['status'] | 'ended' | 'objected-to';
  /** The norm that orders or allows it, where it is not the person's consent. */
  readonly norm?: string;
  readonly evidence?: Evidence;
  readonly givenAt?: Instant;
  /** When it was withdrawn, ended or objected to. */
  readonly endedAt?: Instant | undefined;
}

/** All that one person was asked, and what the person said. */
export interface ConsentRecord {
  readonly clientId: string;
  readonly agency: string;
  readonly consents: readonly Consent[];
  readonly circumstances?: Circumstances;
  /** Other records of the person that were merged into this one. */
  readonly aliases?: readonly string[];
  /** What is said of the person is sealed with it where it cannot be deleted in place. */
  readonly key?: string;
  /** The erasure that was confirmed. */
  readonly erasing?: string;
}

export type ConsentFact =
  | CircumstanceFact
  | Fact<'intake.consent-requested', DataOf<typeof consentRequested>, { agency: string; norm?: string }>
  | Fact<'intake.consent-given', DataOf<typeof consentGiven>, { evidence: Evidence }>
  | Fact<'intake.consent-refused', DataOf<typeof consentRefused>>
  | Fact<'intake.consent-withdrawn', DataOf<typeof consentWithdrawn>>
  | Fact<'intake.consent-ended', DataOf<typeof consentEnded>>
  | Fact<'intake.consent-objected-to', DataOf<typeof consentObjectedTo>>
  | Fact<'intake.objection-overruled', DataOf<typeof objectionOverruled>>
  | Fact<'intake.consent-entered-in-error', DataOf<typeof consentEnteredInError>>
  | Fact<'intake.aliases-named', DataOf<typeof aliasesNamed>, { agency: string }>
  | Fact<'intake.person-erasing', DataOf<typeof personErasing>, { agency: string }>
  | Fact<'intake.person-key-made', DataOf<typeof personKeyMade>, { agency: string; key: string }>;

export type Terms = Omit<ConsentTerms, 'consentId' | 'status' | 'from'> & { readonly from?: Instant | undefined; readonly norm?: string | undefined };
interface One { readonly consentId: string; readonly at: Instant }

/** Expiry is no act of anybody: a consent that was given is over when its time is. */
export const statusAt = ({ status, until }: Pick<Consent, 'status' | 'until'>, at: Instant): Consent['status'] | 'expired' =>
  status === 'given' && until !== undefined && until <= at ? 'expired' : status;

const mustFind = (record: ConsentRecord | undefined, consentId: string): Consent & { clientId: string } => {
  const terms = record?.consents.find((consent) => consent.consentId === consentId);
  if (!terms || terms.status === 'entered-in-error') throw absent('consent');
  return { ...terms, clientId: record!.clientId };
};

const must = (record: ConsentRecord | undefined, { consentId, at }: One, ...statuses: Consent['status'][]) => {
  const terms = mustFind(record, consentId);
  const is = statusAt(terms, at);
  if (!(statuses as string[]).includes(is)) throw wrongStatus('consent', is, statuses.join(' or '));
  return terms;
};

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

const over = () => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: '/until', code: 'ends-before-it-begins', detail: 'must be later than from and than now' }]);

/** Once, and never another: what was sealed with a key that is gone nobody can read. */
export const giveKey = (record: ConsentRecord | undefined, { clientId, agency, key, at }: { clientId: string; agency: string; key: string; at: Instant }): ConsentFact[] =>
  record?.key ? [] : [{ type: 'intake.person-key-made', data: { clientId, at }, own: { agency, key } }];

/** Nothing is shared from here on. */
export const startErasing = (_: ConsentRecord | undefined, { clientId, agency, erasureId, at }: { clientId: string; agency: string; erasureId: string; at: Instant }): ConsentFact[] =>
  [{ type: 'intake.person-erasing', data: { clientId, erasureId, at }, own: { agency } }];

export const request = (record: ConsentRecord | undefined, input: One & Terms & { clientId: string; agency: string }): ConsentFact[] => {
  const { clientId, agency, consentId, at, purpose, recipients, dataClasses, legalBasis, norm, from = at, until } = input;
  if (record?.consents.some((consent) => consent.consentId === consentId)) throw new DomainError('conflict', 'already-recorded', 'This consent is already recorded');
  if (until !== undefined && until <= later(from, at)) throw over();
  mustCarry(input);
  return [{
    type: 'intake.consent-requested', own: { agency, ...(norm !== undefined && { norm }) },
    data: { clientId, consentId, at, purpose, recipients: [...new Set(recipients)], dataClasses: [...new Set(dataClasses)], legalBasis, from, ...(until !== undefined && { until }) },
  }];
};

/** Consent does not reach back behind the moment when it was given. */
export const give = (record: ConsentRecord | undefined, { consentId, at, ...giving }: One & Giving): ConsentFact[] => {
  const terms = must(record, { consentId, at }, 'requested');
  const { clientId, from, until } = terms;
  if (until !== undefined && until <= at) throw new DomainError('conflict', 'consent-over', 'The time that was asked for is over; ask anew');
  return [{ type: 'intake.consent-given', own: { evidence: evidenceOf(giving, terms) }, data: { clientId, consentId, at, from: later(from, at) } }];
};

export const refuse = (record: ConsentRecord | undefined, one: One): ConsentFact[] =>
  [{ type: 'intake.consent-refused', data: { clientId: must(record, one, 'requested').clientId, consentId: one.consentId, at: one.at } }];

/** The person takes the own consent back, or staff record it. Nothing else is asked: it is as easy as giving it. */
export const withdraw = (record: ConsentRecord | undefined, one: One): ConsentFact[] => {
  const { clientId, legalBasis } = must(record, one, 'given');
  mustBeWithdrawable(legalBasis);
  return [{ type: 'intake.consent-withdrawn', data: { clientId, consentId: one.consentId, at: one.at } }];
};

/** The agency stops, whatever the sharing rested on; so an objection is upheld, too. */
export const end = (record: ConsentRecord | undefined, { reason, ...one }: One & { reason: string }): ConsentFact[] =>
  [{ type: 'intake.consent-ended', data: { clientId: must(record, one, 'given', 'objected-to').clientId, consentId: one.consentId, at: one.at, reason } }];

/** Nothing is shared until a person has decided (GDPR art. 18(1)(d)). */
export const objectTo = (record: ConsentRecord | undefined, one: One): ConsentFact[] => {
  const { clientId, legalBasis } = must(record, one, 'given');
  mustBeOpenToObjection(legalBasis);
  return [{ type: 'intake.consent-objected-to', data: { clientId, consentId: one.consentId, at: one.at } }];
};

export const overrule = (record: ConsentRecord | undefined, { reason, ...one }: One & { reason: string }): ConsentFact[] =>
  [{ type: 'intake.objection-overruled', data: { clientId: must(record, one, 'objected-to').clientId, consentId: one.consentId, at: one.at, reason } }];

export const enterInError = (record: ConsentRecord | undefined, { consentId, at, reason }: One & { reason: string }): ConsentFact[] =>
  [{ type: 'intake.consent-entered-in-error', data: { clientId: mustFind(record, consentId).clientId, consentId, at, reason } }];

/** The person's record was a mistake: whatever it allowed ends with it. */
export const enterAllInError = (record: ConsentRecord | undefined, { at, reason }: { at: Instant; reason: string }): ConsentFact[] =>
  (record?.consents ?? []).filter(({ status }) => status !== 'entered-in-error').flatMap(({ consentId }) => enterInError(record, { consentId, at, reason }));

const answered = (record: ConsentRecord, consentId: string, more: Partial<Consent>): ConsentRecord =>
  ({ ...record, consents: record.consents.map((consent) => consent.consentId === consentId ? { ...consent, ...more } : consent) });

export const evolve = (record: ConsentRecord | undefined, fact: ConsentFact): ConsentRecord => {
  if (isCircumstance(fact)) {
    const { clientId, agency, consents } = record ?? { clientId: fact.data.clientId, agency: fact.own!.agency, consents: [] };
    return { ...record, clientId, agency, consents, circumstances: evolveCircumstances(record?.circumstances, fact) };
  }
  if (fact.type === 'intake.aliases-named') {
    const { clientId, aliases } = fact.data;
    return { agency: fact.own!.agency, consents: [], ...record, clientId, aliases };
  }
  if (fact.type === 'intake.person-key-made') return { clientId: fact.data.clientId, consents: [], ...record, ...fact.own! };
  if (fact.type === 'intake.person-erasing') return { clientId: fact.data.clientId, ...fact.own!, consents: [], ...record, erasing: fact.data.erasureId };
  const { clientId, consentId } = fact.data;
  switch (fact.type) {
    case 'intake.consent-requested': {
      const { purpose, recipients, dataClasses, legalBasis, from, until } = fact.data;
      const { agency, ...own } = fact.own!;
      const terms: Consent = { consentId, status: 'requested', purpose, recipients, dataClasses, legalBasis, from, ...(until !== undefined && { until }), ...own };
      return { ...record, clientId, agency, consents: [...(record?.consents ?? []), terms] };
    }
    case 'intake.consent-given': return answered(record!, consentId, { status: 'given', from: fact.data.from, givenAt: fact.data.at, ...fact.own });
    case 'intake.consent-refused': return answered(record!, consentId, { status: 'refused' });
    case 'intake.consent-withdrawn': return answered(record!, consentId, { status: 'withdrawn', endedAt: fact.data.at });
    case 'intake.consent-ended': return answered(record!, consentId, { status: 'ended', endedAt: fact.data.at });
    case 'intake.consent-objected-to': return answered(record!, consentId, { status: 'objected-to', endedAt: fact.data.at });
    case 'intake.objection-overruled': return answered(record!, consentId, { status: 'given', endedAt: undefined });
    case 'intake.consent-entered-in-error': return answered(record!, consentId, { status: 'entered-in-error' });
    default: return fact satisfies never;
  }
};

/** To others only counts whether it holds: what was ended or objected to is to them as if withdrawn. */
const published = ({ consentId, status, purpose, recipients, dataClasses, legalBasis, from, until }: Consent): ConsentTerms => ({
  consentId, status: status === 'ended' || status === 'objected-to' ? 'withdrawn' : status, purpose, recipients, dataClasses, legalBasis, from, ...(until !== undefined && { until }),
});

/** What everybody hears: the whole state, without the version and time that publishing adds. */
export const consentState = ({ clientId, consents, aliases = [], circumstances, key, erasing }: ConsentRecord): Omit<ConsentState, 'version' | 'recordedAt'> => ({
  clientId, consents: erasing === undefined ? consents.map(published) : [], aliases: [...aliases], ...circumstancesState(circumstances),
  ...(erasing !== undefined && { erasing }), ...(key !== undefined && { key }),
});
