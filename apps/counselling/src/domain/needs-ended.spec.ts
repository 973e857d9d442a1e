import { given } from '@opora/domain';
import { activated, agreed, at, chosen, complete, confirmed, endsOf, flat, food, goal, hostel, housing, id, offeringsOf, redrafted, shelter, submitted, told, types } from '../../test/given-plan.js';
import { close, decideByClient } from './agreeing.js';
import { noteAnswer } from './answering.js';
import { addGoal } from './drafting.js';
import { evolve } from './evolve.js';
import { noteNeedEnded } from './needs-ended.js';
import type { Plan } from './plan.js';
import type { PlanFact } from './plan-facts.js';

const foodToo = (p: Plan | undefined) => addGoal(p, { goal: goal(21, food), confirmed, at });
const both = { needs: [housing.ref, food.ref] };
// Choice 30 serves housing alone, choice 31 housing and food.
const draft = [...complete, foodToo, chosen(30, shelter), chosen(31, hostel, both)];
const active = told(...draft, submitted, agreed, activated);
const [mistaken, met] = [{ [housing.ref.id]: 'entered-in-error' as const }, { [housing.ref.id]: 'otherwise' as const }];
const ending = (history: PlanFact[], ends: Parameters<typeof endsOf>[0], need = housing, proposalId = id(700)) =>
  given(evolve, ...history).when((p: Plan | undefined) => noteNeedEnded(p, { need: need.ref, ended: endsOf(ends), proposalId, at }));
const [withdrawn, proposed] = ['opora.referral.withdrawn', 'counselling.proposal-made'];

it('takes back what was asked for needs that never were, and leaves the rest to the counsellor', () => {
  const { facts, state } = ending(active, mistaken);
  expect(types(facts)).toEqual([withdrawn, proposed]);
  expect(state!.referrals.map(({ status }) => status)).toEqual(['withdrawn', 'requested']);
  expect(state!.proposals).toEqual([{
    proposalId: id(700), consequence: 'reassess', reason: 'need-ended', need: housing.ref, goalIds: [id(20)], choiceIds: [id(30), id(31)], status: 'open',
  }]);
  expect(state!.versions).toEqual(active.reduce<Plan | undefined>(evolve, undefined)!.versions);
});

it('takes back the request of several needs when the last of them turns out a mistake', () => {
  const first = [...active, ...ending(active, mistaken).facts!];
  const { state } = ending(first, { ...mistaken, [food.ref.id]: 'entered-in-error' }, food, id(701));
  expect(state!.referrals.map(({ status }) => status)).toEqual(['withdrawn', 'withdrawn']);
  expect(state!.proposals).toMatchObject([{ need: housing.ref }, { need: food.ref, goalIds: [id(21)], choiceIds: [id(31)] }]);
  expect(ending(first, { ...mistaken, [food.ref.id]: 'otherwise' }, food, id(701)).state!.referrals[1]).toMatchObject({ status: 'requested' });
});

it('leaves the requests alone when the need was met or withdrawn', () => expect(types(ending(active, met).facts)).toEqual([proposed]));

it('leaves an answer alone that was given already', () => {
  const accepted = (p: Plan | undefined) => noteAnswer(p, {
    referralId: p!.referrals[0]!.referralId, module: 'alpha', answer: 'accepted', offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(600), proposalId: id(601), at,
  });
  expect(types(ending(told(...draft, submitted, agreed, activated, accepted), mistaken).facts)).toEqual([proposed]);
});

it('is settled by the next version', () => {
  const ended = [...active, ...ending(active, met).facts!];
  const next = [redrafted, submitted, agreed, activated].reduce<PlanFact[]>((facts, step) => [...facts, ...step(facts.reduce<Plan | undefined>(evolve, undefined))], ended);
  expect(next.reduce<Plan | undefined>(evolve, undefined)!.proposals).toMatchObject([{ status: 'settled' }]);
});

it('does not name a choice that the client did not want', () => {
  const wantsNot = (p: Plan | undefined) => decideByClient(p, { decision: 'agree', by: 'c', at, choices: [{ choiceId: id(30), agreed: false }] });
  expect(ending(told(...draft, submitted, wantsNot, activated), met).state!.proposals).toMatchObject([{ goalIds: [id(20)], choiceIds: [id(31)] }]);
});

it.each<[string, PlanFact[], typeof housing]>([
  ['the same version of the entry again', [...active, ...ending(active, mistaken).facts!], housing],
  ['a need that the version in force does not name', told(...complete, chosen(32, flat), submitted, agreed, activated), food],
  ['a version that is not in force yet', told(...draft, submitted, agreed), housing],
  ['a plan that is closed', [...active, ...close(active.reduce<Plan | undefined>(evolve, undefined), { outcome: 'other', at })], housing],
])('nothing follows for %s', (_, history, need) => expect(ending(history, { [need.ref.id]: 'entered-in-error' }, need).facts).toEqual([]));
