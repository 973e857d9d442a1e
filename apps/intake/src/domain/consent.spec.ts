import { mayShare } from '@opora/access';
import { given, type Instant } from '@opora/domain';
import { consentState, end, enterAllInError, enterInError, evolve, give, objectTo, overrule, refuse, request, statusAt, withdraw, type ConsentFact, type ConsentRecord } from './consent.js';

const at = '2026-03-02T09:00:00.000Z';
const one = { consentId: 'k1', at };
const terms = { clientId: 'c1', agency: 'centre', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', until: '2026-06-01T00:00:00.000Z' } as const;
const asked = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'] });
const after = (...facts: readonly ConsentFact[]) => given(evolve, ...asked, ...facts);
const fold = (...decisions: ((r: ConsentRecord | undefined) => ConsentFact[])[]) =>
  decisions.reduce<ConsentFact[]>((facts, decide) => [...facts, ...decide(given(evolve, ...asked, ...facts).state)], []);

const taken = { takenBy: 'worker-1', byClient: false, inWriting: [] };
const gave = (r: ConsentRecord | undefined) => give(r, { ...one, ...taken });
const refused = (r: ConsentRecord | undefined) => refuse(r, one);
const withdrew = (r: ConsentRecord | undefined) => withdraw(r, one);
const wrong = (r: ConsentRecord | undefined) => enterInError(r, { ...one, reason: 'typing-error' });

it.each<[string, ((r: ConsentRecord | undefined) => ConsentFact[])[], (r: ConsentRecord | undefined) => ConsentFact[], string]>([
  ['give what was asked', [], gave, 'given'],
  ['refuse what was asked', [], refused, 'refused'],
  ['withdraw what was asked only', [], withdrew, 'wrong-status'],
  ['give twice', [gave], gave, 'wrong-status'],
  ['withdraw what was given', [gave], withdrew, 'withdrawn'],
  ['withdraw twice', [gave, withdrew], withdrew, 'wrong-status'],
  ['give what was refused', [refused], gave, 'wrong-status'],
  ['give again what was withdrawn', [gave, withdrew], gave, 'wrong-status'],
  ['enter in error', [gave], wrong, 'entered-in-error'],
  ['anything after that', [wrong], gave, 'not-found'],
])('%s', (_, history, decide, expected) => {
  const { state, refused: code } = after(...fold(...history)).when(decide);
  expect(code ?? state!.consents[0]!.status).toBe(expected);
});

const on = (day: string): Instant => `2026-${day}T00:00:00.000Z`;

it('is over at its end, though nobody did anything; then it can neither be given nor withdrawn', () => {
  const [terms] = after(...fold(gave)).state!.consents;
  expect(statusAt(terms!, on('05-31'))).toBe('given');
  expect(statusAt(terms!, on('06-01'))).toBe('expired');
  expect(after(...fold(gave)).when((r) => withdraw(r, { consentId: 'k1', at: on('06-02') }))).toEqual({ refused: 'wrong-status' });
  expect(after().when((r) => give(r, { consentId: 'k1', at: on('06-02'), ...taken }))).toEqual({ refused: 'consent-over' });
});

it('must not end before it begins', () => {
  expect(given(evolve).when((r) => request(r, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], until: at }))).toEqual({ refused: 'invalid-request' });
});

it('lets nothing be shared before it was given, whatever it says of its beginning', () => {
  const facts = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], from: on('01-01') });
  const state = { ...consentState(given(evolve, ...facts, ...gave(given(evolve, ...facts).state)).state!), version: 1, recordedAt: at };
  expect(mayShare(state, 'referral', 'bureau', 'D1', on('03-01'))).toBe(false);
  expect(mayShare(state, 'referral', 'bureau', 'D1', on('03-03'))).toBe(true);
});

it('ends altogether with the record of the person', () => {
  const record = after(...fold(gave)).state;
  const two = given(evolve, ...asked, ...request(record, { ...one, consentId: 'k2', ...terms, recipients: ['other'], dataClasses: ['D1'] }));
  expect(two.when((r) => enterAllInError(r, { at, reason: 'duplicate' })).state!.consents.map(({ status }) => status)).toEqual(['entered-in-error', 'entered-in-error']);
});

describe('what rests on a public task', () => {
  const basis = { legalBasis: 'public-task', norm: 'ru/442-fz/6' } as const;
  const facts = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], ...basis });
  const shared = [...facts, ...gave(given(evolve, ...facts).state)];
  const objected = [...shared, ...objectTo(given(evolve, ...shared).state, one)];
  const holds = (history: readonly ConsentFact[]) =>
    mayShare({ ...consentState(given(evolve, ...history).state!), version: 1, recordedAt: at }, 'referral', 'bureau', 'D1', on('03-03'));

  it('is not withdrawn, by nobody', () => expect(given(evolve, ...shared).when(withdrew)).toEqual({ refused: 'not-by-consent' }));

  it('is ended by the agency: nothing is shared any more', () => {
    const ended = given(evolve, ...shared).when((r) => end(r, { ...one, reason: 'no-longer-needed' }));
    expect(ended.state!.consents[0]).toMatchObject({ status: 'ended', endedAt: at });
    expect([holds(shared), holds([...shared, ...ended.facts!])]).toEqual([true, false]);
    expect(consentState(ended.state!).consents[0]).toEqual({ consentId: 'k1', status: 'withdrawn', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'public-task', from: at, until: terms.until });
  });

  it('stops with an objection, until a person has decided either way', () => {
    expect(holds(objected)).toBe(false);
    expect(holds([...objected, ...overrule(given(evolve, ...objected).state, { ...one, reason: 'danger-to-others' })])).toBe(true);
    expect(given(evolve, ...objected).when((r) => end(r, { ...one, reason: 'objection-upheld' })).state!.consents[0]!.status).toBe('ended');
    expect(given(evolve, ...objected).when((r) => objectTo(r, one))).toEqual({ refused: 'wrong-status' });
    expect(given(evolve, ...shared).when((r) => overrule(r, { ...one, reason: 'other' }))).toEqual({ refused: 'wrong-status' });
  });
});

it.each([['consent', 'withdraw-instead'], ['legal-obligation', 'no-objection']] as const)('%s is not open to objection: %s', (legalBasis, refused) => {
  const facts = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], legalBasis, norm: 'ru/442-fz/6' });
  expect(given(evolve, ...facts, ...gave(given(evolve, ...facts).state)).when((r) => objectTo(r, one))).toEqual({ refused });
});

it('keeps what shows that it was given to itself', () => {
  const document = { medium: 'paper', sha256: 'a'.repeat(64), formVersion: '3', language: 'ru' } as const;
  const [fact] = give(given(evolve, ...asked).state, { ...one, ...taken, document });
  expect(fact!.data).toEqual({ clientId: 'c1', consentId: 'k1', at, from: at });
  const { state } = given(evolve, ...asked, fact!);
  expect(state!.consents[0]).toMatchObject({ givenAt: at, evidence: { document, takenBy: 'worker-1', byClient: false } });
  expect(JSON.stringify(consentState(state!))).not.toMatch(/worker-1|aaaa|paper/);
});

it('knows a record of before, which has no evidence', () => {
  const { state } = given(evolve, ...asked, { type: 'intake.consent-given', data: { clientId: 'c1', consentId: 'k1', at, from: at } } as ConsentFact);
  expect(given(evolve, ...asked).state!.consents[0]!.status).toBe('requested');
  expect(state!.consents[0]).toMatchObject({ status: 'given' });
});
