import { given } from '@opora/domain';
import { at, clientId, flat, hostel, housing, id, offeringsOf, shelter, types } from '../../test/given-plan.js';
import { enterInError, evolve, judge, make, type Recommendation, type RecommendationFact, type Verdict } from './recommendation.js';

const matched = { recommendationId: id(40), clientId, agency: 'centre', origin: 'matched' as const, needs: [housing.ref], offer: shelter };
const own = { ...matched, origin: 'counsellor' as const, conclusion: 'Needs a quiet room' };
const proposed = make(undefined, own, { at });
const judging = (history: readonly RecommendationFact[], verdict: Verdict, more: { matched?: typeof matched; change?: Parameters<typeof offeringsOf>[0] } = {}) =>
  given(evolve, ...history).when((r: Recommendation | undefined) => judge(r, { verdict, matched: more.matched, offerings: offeringsOf(more.change ?? {}), at }));

it('keeps the written conclusion out of what is published', () => {
  expect(JSON.stringify(proposed[0].data)).not.toContain('quiet');
  expect(given(evolve, ...proposed).state).toMatchObject({ status: 'proposed', conclusion: 'Needs a quiet room' });
  expect(given(evolve, ...proposed).when((r) => make(r, own, { at }))).toEqual({ refused: 'id-taken' });
});

it.each<[Verdict, object]>([
  [{ kind: 'accept' }, { status: 'accepted' }],
  [{ kind: 'modify', instead: hostel }, { status: 'modified', instead: hostel }],
  [{ kind: 'decline', reason: 'too-far' }, { status: 'declined', reason: 'too-far' }],
])('a person decides: %j', (verdict, state) => {
  expect(judging(proposed, verdict).state).toMatchObject(state);
  const computed = judging([], verdict, { matched });
  expect(computed.state).toMatchObject({ ...state, origin: 'matched' });
  expect(types(computed.facts)[0]).toBe('counselling.recommendation-made');
  expect(judging([...computed.facts!], { kind: 'accept' })).toEqual({ refused: 'wrong-status' });
});

it.each<[string, Verdict, Parameters<typeof offeringsOf>[0], string]>([
  ['accepting what is closed', { kind: 'accept' }, { shelter: { availability: 'closed' } }, 'offer-closed'],
  ['accepting what is gone', { kind: 'accept' }, { shelter: null }, 'offer-unknown'],
  ['the same offer instead', { kind: 'modify', instead: shelter }, {}, 'same-offer'],
  ['an unknown offer instead', { kind: 'modify', instead: flat }, { flat: null }, 'offer-unknown'],
])('refuses %s', (_, verdict, change, code) => expect(judging(proposed, verdict, { change })).toEqual({ refused: code }));

it('refuses what nobody recommended', () => expect(judging([], { kind: 'accept' })).toEqual({ refused: 'not-found' }));

it('is entered in error; the computed option can then be decided anew', () => {
  const mistaken = [...judging([], { kind: 'accept' }, { matched }).facts!];
  const { facts } = given(evolve, ...mistaken).when((r) => enterInError(r, { reason: 'wrong-person', at }));
  const gone = [...mistaken, ...facts!];
  expect(given(evolve, ...gone).when((r) => enterInError(r, { reason: 'wrong-person', at }))).toEqual({ refused: 'not-found' });
  expect(judging(gone, { kind: 'accept' })).toEqual({ refused: 'not-found' });
  expect(given(evolve, ...gone).when((r) => make(r, own, { at }))).toEqual({ refused: 'id-taken' });
  expect(judging(gone, { kind: 'decline', reason: 'other' }, { matched }).state).toMatchObject({ status: 'declined' });
});
