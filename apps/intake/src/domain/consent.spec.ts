import { mayShare } from '@opora/access';
import { given, type Instant } from '@opora/domain';
import { consentState, enterAllInError, enterInError, evolve, give, refuse, request, statusAt, withdraw, type ConsentFact, type ConsentRecord } from './consent.js';

const at = '2026-03-02T09:00:00.000Z';
const one = { consentId: 'k1', at };
const terms = { clientId: 'c1', agency: 'centre', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', until: '2026-06-01T00:00:00.000Z' } as const;
const asked = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'] });
const after = (...facts: readonly ConsentFact[]) => given(evolve, ...asked, ...facts);
const fold = (...decisions: ((r: ConsentRecord | undefined) => ConsentFact[])[]) =>
  decisions.reduce<ConsentFact[]>((facts, decide) => [...facts, ...decide(given(evolve, ...asked, ...facts).state)], []);

const gave = (r: ConsentRecord | undefined) => give(r, one);
const refused = (r: ConsentRecord | undefined) => refuse(r, one);
const withdrew = (r: ConsentRecord | undefined) => withdraw(r, { ...one, byClient: true });
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
  expect(after(...fold(gave)).when((r) => withdraw(r, { consentId: 'k1', at: on('06-02'), byClient: false }))).toEqual({ refused: 'wrong-status' });
  expect(after().when((r) => give(r, { consentId: 'k1', at: on('06-02') }))).toEqual({ refused: 'consent-over' });
});

it('must not end before it begins', () => {
  expect(given(evolve).when((r) => request(r, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], until: at }))).toEqual({ refused: 'invalid-request' });
});

it('lets nothing be shared before it was given, whatever it says of its beginning', () => {
  const facts = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], from: on('01-01') });
  const state = { ...consentState(given(evolve, ...facts, ...give(given(evolve, ...facts).state, one)).state!), version: 1, recordedAt: at };
  expect(mayShare(state, 'referral', 'bureau', 'D1', on('03-01'))).toBe(false);
  expect(mayShare(state, 'referral', 'bureau', 'D1', on('03-03'))).toBe(true);
});

it('ends altogether with the record of the person', () => {
  const record = after(...fold(gave)).state;
  const two = given(evolve, ...asked, ...request(record, { ...one, consentId: 'k2', ...terms, recipients: ['other'], dataClasses: ['D1'] }));
  expect(two.when((r) => enterAllInError(r, { at, reason: 'duplicate' })).state!.consents.map(({ status }) => status)).toEqual(['entered-in-error', 'entered-in-error']);
});

it.each([[true, 'not-by-consent'], [false, undefined]])('another legal ground is not the client’s to withdraw (by the client: %s)', (byClient, refused) => {
  const facts = request(undefined, { ...one, ...terms, recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'public-task' });
  const gave = [...facts, ...give(given(evolve, ...facts).state, one)];
  expect(given(evolve, ...gave).when((r) => withdraw(r, { ...one, byClient })).refused).toBe(refused);
});
