import { given } from '@opora/domain';
import { activated, agreed, at, chosen, complete, confirmed, endsOf, flat, food, goal, hostel, housing, id, offeringsOf, redrafted, shelter, submitted, told, types } from '../../test/given-plan.js';
import { activate } from './activating.js';
import { decideByClient } from './agreeing.js';
import { noteAnswer } from './answering.js';
import { addGoal, dropChoice } from './drafting.js';
import { evolve } from './evolve.js';
import type { Plan } from './plan.js';
import type { PlanFact } from './plan-facts.js';

const activating = (history: PlanFact[], change: Parameters<typeof offeringsOf>[0] = {}, needs = confirmed) => {
  let n = 500;
  return given(evolve, ...history).when((p) => activate(p, { confirmed: needs, offerings: offeringsOf(change), newReferralId: () => id(n++), at, now: at }));
};
const requests = (facts: readonly PlanFact[] | undefined) => facts!.filter((f) => f.type === 'opora.referral.requested');
const agreedWith = (...offers: Parameters<typeof told>) => told(...complete, ...offers, submitted, agreed);

it.each([['emergency', '2026-03-03T09:00:00.000Z'], ['urgent', '2026-03-05T09:00:00.000Z'], ['routine', '2026-03-09T09:00:00.000Z']] as const)(
  'asks with %s: an answer is due by %s', (urgency, respondBy) => {
    const { facts, state } = activating(agreedWith(chosen(30, shelter, { urgency })));
    expect(requests(facts)).toMatchObject([{ data: { referralId: id(500), ...shelter, agency: 'house', askedBy: 'centre', planVersion: 1, urgency, respondBy }, own: { choiceId: id(30) } }]);
    expect(state).toMatchObject({ inForce: 1, versions: [{ status: 'active' }], referrals: [{ referralId: id(500), status: 'requested', choiceId: id(30) }] });
  });

it('asks nothing that the client did not agree to', () => {
  const history = told(...complete, chosen(30), chosen(31, flat), submitted, (p) => decideByClient(p, { decision: 'agree', by: 'c', at, choices: [{ choiceId: id(30), agreed: false }] }));
  expect(requests(activating(history, { shelter: { consented: false } }).facts)).toMatchObject([{ data: flat }]);
});

describe('refuses as a whole', () => {
  const refusal = (change: Parameters<typeof offeringsOf>[0], needs = confirmed) => {
    const goalForFood = (p: Plan | undefined) => addGoal(p, { goal: goal(21, food), confirmed, at });
    const plan = agreedWith(goalForFood, chosen(30), chosen(31, hostel, { needs: [housing.ref, food.ref] }), chosen(32, flat)).reduce<Plan | undefined>(evolve, undefined);
    try {
      return activate(plan, { confirmed: needs, offerings: offeringsOf(change), newReferralId: () => id(500), at, now: at });
    } catch (error) {
      return error;
    }
  };
  it('naming each choice without consent', () => expect(refusal({ shelter: { consented: false }, flat: { consented: false } })).toMatchObject({
    kind: 'conflict', code: 'consent-missing', errors: [{ pointer: '/choices/0', code: 'consent-missing' }, { pointer: '/choices/2', code: 'consent-missing' }],
  }));
  it('naming each choice whose needs have all ended', () => expect(refusal({}, [food])).toMatchObject({
    kind: 'conflict', code: 'need-not-confirmed', errors: [{ pointer: '/choices/0', code: 'need-not-confirmed' }, { pointer: '/choices/2', code: 'need-not-confirmed' }],
  }));
  it('when no goal serves a confirmed need any more; all that stands in the way is said', () => expect(refusal({ flat: { consented: false } }, [])).toMatchObject({
    kind: 'conflict', code: 'plan-incomplete', errors: [
      { pointer: '/goals', code: 'goal-missing' }, { pointer: '/choices/0' }, { pointer: '/choices/1' }, { pointer: '/choices/2' }, { pointer: '/choices/2', code: 'consent-missing' },
    ],
  }));
  it('naming each offer that is gone', () => expect(refusal({ hostel: null })).toMatchObject({ code: 'offer-unknown', errors: [{ pointer: '/choices/1', code: 'offer-unknown' }] }));
});

it.each([['a draft', told(...complete)], ['what lies before the client', told(...complete, submitted)], ['what is active', told(...complete, submitted, agreed, activated)]])(
  'does not activate %s', (_, history) => expect(activating(history)).toEqual({ refused: 'wrong-status' }));

describe('the next version', () => {
  const first = [...complete, chosen(30), chosen(31, hostel), submitted, agreed, activated];
  it('supersedes the former one and asks only what is new', () => {
    const { facts, state } = activating(told(...first, redrafted, chosen(32, flat), submitted, agreed));
    expect(types(facts)).toEqual(['counselling.plan-activated', 'opora.referral.requested']);
    expect(requests(facts)).toMatchObject([{ data: { ...flat, planVersion: 2 } }]);
    expect(state!.versions.map(({ status }) => status)).toEqual(['superseded', 'active']);
  });
  it('may hold what was asked for a need that has ended since: it is not asked again', () => {
    const goalForFood = (p: Plan | undefined) => addGoal(p, { goal: goal(21, food), confirmed, at });
    expect(types(activating(told(...first, redrafted, goalForFood, submitted, agreed), {}, [food]).facts)).toEqual(['counselling.plan-activated']);
  });
  it('takes back a request that it drops, but no answer already given', () => {
    const accepted = (p: Plan | undefined) => noteAnswer(p, {
      referralId: p!.referrals[1]!.referralId, module: 'beta', answer: 'accepted', offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(600), proposalId: id(601), at,
    });
    const dropped = (n: number) => (p: Plan | undefined) => dropChoice(p, { choiceId: id(n), at });
    const { facts, state } = activating(told(...first, accepted, redrafted, dropped(30), dropped(31), submitted, agreed));
    expect(types(facts)).toEqual(['counselling.plan-activated', 'opora.referral.withdrawn']);
    expect(state!.referrals.map(({ status }) => status)).toEqual(['withdrawn', 'accepted']);
  });
  it('settles the open proposals', () => {
    const refused = (p: Plan | undefined) => noteAnswer(p, {
      referralId: p!.referrals[0]!.referralId, module: 'alpha', answer: 'rejected', reason: 'other', offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(600), proposalId: id(601), at,
    });
    expect(activating(told(...first, refused, redrafted, submitted, agreed)).state!.proposals).toMatchObject([{ proposalId: id(601), status: 'settled' }]);
  });
});
