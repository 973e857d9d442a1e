import type { consentEnteredInError, consentGiven, consentRefused, consentRequested, ConsentState, ConsentTerms, consentWithdrawn, DataOf } from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant } from '@opora/domain';
import { circumstancesState, evolveCircumstances, isCircumstance, type CircumstanceFact, type Circumstances } from './circumstances.js';

/** All that one person was asked, and what the person said. */
export interface ConsentRecord {
  readonly clientId: string;
  readonly agency: string;
  readonly consents: readonly ConsentTerms[];
  readonly circumstances?: Circumstances;
}

export type ConsentFact =
  | CircumstanceFact
  | Fact<'intake.consent-requested', DataOf<typeof consentRequested>, { agency: string }>
  | Fact<'intake.consent-given', DataOf<typeof consentGiven>>
  | Fact<'intake.consent-refused', DataOf<typeof consentRefused>>
  | Fact<'intake.consent-withdrawn', DataOf<typeof consentWithdrawn>>
  | Fact<'intake.consent-entered-in-error', DataOf<typeof consentEnteredInError>>;

export type Terms = Omit<ConsentTerms, 'consentId' | 'status' | 'from'> & { readonly from?: Instant | undefined };
interface One { readonly consentId: string; readonly at: Instant }

/** Expiry is no act of anybody: a consent that was given is over when its time is. */
export const statusAt = ({ status, until }: ConsentTerms, at: Instant): ConsentTerms['status'] | 'expired' =>
  status === 'given' && until !== undefined && until <= at ? 'expired' : status;

const mustFind = (record: ConsentRecord | undefined, consentId: string): ConsentTerms & { clientId: string } => {
  const terms = record?.consents.find((consent) => consent.consentId === consentId);
  if (!terms || terms.status === 'entered-in-error') throw absent('consent');
  return { ...terms, clientId: record!.clientId };
};

const must = (record: ConsentRecord | undefined, { consentId, at }: One, status: 'requested' | 'given') => {
  const terms = mustFind(record, consentId);
  const is = statusAt(terms, at);
  if (is !== status) throw wrongStatus('consent', is, status);
  return terms;
};

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

const over = () => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: '/until', code: 'ends-before-it-begins', detail: 'must be later than from and than now' }]);

export const request = (record: ConsentRecord | undefined, input: One & Terms & { clientId: string; agency: string }): ConsentFact[] => {
  const { clientId, agency, consentId, at, purpose, recipients, dataClasses, legalBasis, from = at, until } = input;
  if (record?.consents.some((consent) => consent.consentId === consentId)) throw new DomainError('conflict', 'already-recorded', 'This consent is already recorded');
  if (until !== undefined && until <= later(from, at)) throw over();
  return [{
    type: 'intake.consent-requested', own: { agency },
    data: { clientId, consentId, at, purpose, recipients: [...new Set(recipients)], dataClasses: [...new Set(dataClasses)], legalBasis, from, ...(until !== undefined && { until }) },
  }];
};

/** Consent does not reach back behind the moment when it was given. */
export const give = (record: ConsentRecord | undefined, one: One): ConsentFact[] => {
  const { clientId, from, until } = must(record, one, 'requested');
  const { consentId, at } = one;
  if (until !== undefined && until <= at) throw new DomainError('conflict', 'consent-over', 'The time that was asked for is over; ask anew');
  return [{ type: 'intake.consent-given', data: { clientId, consentId, at, from: later(from, at) } }];
};

export const refuse = (record: ConsentRecord | undefined, one: One): ConsentFact[] =>
  [{ type: 'intake.consent-refused', data: { clientId: must(record, one, 'requested').clientId, consentId: one.consentId, at: one.at } }];

/** A client takes back the own consent; where sharing rests on another ground, staff end it. */
export const withdraw = (record: ConsentRecord | undefined, { byClient, ...one }: One & { byClient: boolean }): ConsentFact[] => {
  const { clientId, legalBasis } = must(record, one, 'given');
  if (byClient && legalBasis !== 'consent') throw new DomainError('conflict', 'not-by-consent', 'This sharing does not rest on your consent; ask the agency to look at it again');
  return [{ type: 'intake.consent-withdrawn', data: { clientId, consentId: one.consentId, at: one.at } }];
};

export const enterInError = (record: ConsentRecord | undefined, { consentId, at, reason }: One & { reason: string }): ConsentFact[] =>
  [{ type: 'intake.consent-entered-in-error', data: { clientId: mustFind(record, consentId).clientId, consentId, at, reason } }];

/** The person's record was a mistake: whatever it allowed ends with it. */
export const enterAllInError = (record: ConsentRecord | undefined, { at, reason }: { at: Instant; reason: string }): ConsentFact[] =>
  (record?.consents ?? []).filter(({ status }) => status !== 'entered-in-error').flatMap(({ consentId }) => enterInError(record, { consentId, at, reason }));

const answered = (record: ConsentRecord, consentId: string, more: Partial<ConsentTerms>): ConsentRecord =>
  ({ ...record, consents: record.consents.map((consent) => consent.consentId === consentId ? { ...consent, ...more } : consent) });

export const evolve = (record: ConsentRecord | undefined, fact: ConsentFact): ConsentRecord => {
  if (isCircumstance(fact)) {
    const { clientId, agency, consents } = record ?? { clientId: fact.data.clientId, agency: fact.own!.agency, consents: [] };
    return { ...record, clientId, agency, consents, circumstances: evolveCircumstances(record?.circumstances, fact) };
  }
  const { clientId, consentId } = fact.data;
  switch (fact.type) {
    case 'intake.consent-requested': {
      const { purpose, recipients, dataClasses, legalBasis, from, until } = fact.data;
      const terms: ConsentTerms = { consentId, status: 'requested', purpose, recipients, dataClasses, legalBasis, from, ...(until !== undefined && { until }) };
      return { ...record, clientId, agency: fact.own!.agency, consents: [...(record?.consents ?? []), terms] };
    }
    case 'intake.consent-given': return answered(record!, consentId, { status: 'given', from: fact.data.from });
    case 'intake.consent-refused': return answered(record!, consentId, { status: 'refused' });
    case 'intake.consent-withdrawn': return answered(record!, consentId, { status: 'withdrawn' });
    case 'intake.consent-entered-in-error': return answered(record!, consentId, { status: 'entered-in-error' });
    default: return fact satisfies never;
  }
};

/** What everybody hears: the whole state, without the version and time that publishing adds. */
export const consentState = ({ clientId, consents, circumstances }: ConsentRecord): Omit<ConsentState, 'version' | 'recordedAt'> =>
  ({ clientId, consents: [...consents], aliases: [], ...circumstancesState(circumstances) });
