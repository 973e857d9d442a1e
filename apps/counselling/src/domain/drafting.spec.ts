import { given } from '@opora/domain';
import {
  activated, agreed, at, choice, chosen, complete, confirmed, flat, foodLater, food, goal, hostel, housing, id, offeringsOf, opened, psychological, redrafted, shelter, submitted, today, told, withGoal,
} from '../../test/given-plan.js';
import { addGoal, choose, draftVersion, dropChoice, nameResponsible, open, putOff, removeGoal, setReviewDate } from './drafting.js';
import { evolve } from './evolve.js';
import type { Plan } from './plan.js';
import type { PlanFact } from './plan-facts.js';

const draft = told(opened);
const lying = told(...complete, submitted);
const when = (history: PlanFact[], decide: (p: Plan | undefined) => PlanFact[]) => given(evolve, ...history).when(decide);

it('opens with a first draft, once', () => {
  const opening = (p: Plan | undefined) => open(p, { planId: id(1), clientId: id(2), agency: 'centre', at });
  expect(when([], opening).state).toMatchObject({ status: 'open', agency: 'centre', versions: [{ number: 1, status: 'draft' }] });
  expect(when(draft, opening)).toEqual({ refused: 'id-taken' });
});

describe('only a draft can be written into', () => {
  it.each<[string, (p: Plan | undefined) => PlanFact[]]>([
    ['goal', (p) => addGoal(p, { goal: goal(21), confirmed, at })],
    ['goal away', (p) => removeGoal(p, { goalId: id(20), at })],
    ['not now', (p) => putOff(p, { need: food.ref, reason: 'not-ready', confirmed, at })],
    ['offer', (p) => choose(p, { choice: choice(30), confirmed, offerings: offeringsOf(), at })],
    ['offer away', (p) => dropChoice(p, { choiceId: id(30), at })],
    ['review date', (p) => setReviewDate(p, { reviewOn: '2026-06-01', today, at })],
    ['responsible', (p) => nameResponsible(p, { responsible: 'counsellor-2', at })],
  ])('%s', (_, decide) => {
    expect(when(lying, decide)).toEqual({ refused: 'wrong-status' });
    expect(when([], decide)).toEqual({ refused: 'not-found' });
  });
});

describe('goals', () => {
  it('serve confirmed needs and keep the person’s words out of what is published', () => {
    const { facts, state } = when(draft, (p) => addGoal(p, { goal: goal(20), confirmed, at }));
    expect(JSON.stringify(facts![0]!.data)).not.toContain('door');
    expect(state!.versions[0]!.goals).toEqual([{ ...goal(20), dataClass: 'D1' }]);
  });
  it('are as sensitive as their most sensitive need', () => {
    const { state } = when(draft, (p) => addGoal(p, { goal: { ...goal(20), needs: [housing.ref, psychological.ref] }, confirmed: [...confirmed, psychological], at }));
    expect(state!.versions[0]!.goals[0]).toMatchObject({ dataClass: 'D2' });
  });
  it.each([
    ['no need', { needs: [] }, 'need-missing'],
    ['a need that is not confirmed', { needs: [psychological.ref] }, 'need-not-confirmed'],
    ['the same need of another module', { needs: [{ module: 'elsewhere', id: housing.ref.id }] }, 'need-not-confirmed'],
    ['a level described twice', { levels: [{ level: 0, text: 'a' }, { level: 0, text: 'b' }] }, 'level-twice'],
  ])('are refused with %s', (_, more, code) => {
    expect(when(draft, (p) => addGoal(p, { goal: { ...goal(20), ...more }, confirmed, at }))).toEqual({ refused: code });
  });
  it('are removed from the draft and from its offers', () => {
    const history = told(opened, withGoal, chosen(30, shelter, { goalIds: [id(20)] }));
    expect(when(history, (p) => removeGoal(p, { goalId: id(20), at })).state!.versions[0]).toMatchObject({ goals: [], choices: [{ goalIds: [] }] });
    expect(when(history, (p) => removeGoal(p, { goalId: id(99), at }))).toEqual({ refused: 'not-found' });
  });
});

describe('not now', () => {
  const later = (p: Plan | undefined) => putOff(p, { need: food.ref, reason: 'another-need-first', confirmed, at });
  it('keeps the need with its reason, the last one counts', () =>
    expect(when(told(opened, foodLater), later).state!.versions[0]!.notNow).toEqual([{ need: food.ref, reason: 'another-need-first' }]));
  it('ends when a goal takes the need up', () =>
    expect(when(told(opened, foodLater), (p) => addGoal(p, { goal: goal(21, food), confirmed, at })).state!.versions[0]!.notNow).toEqual([]));
  it('is refused for a need with a goal, or an unconfirmed one', () => {
    expect(when(told(opened, withGoal), (p) => putOff(p, { need: housing.ref, reason: 'not-ready', confirmed, at }))).toEqual({ refused: 'need-has-goal' });
    expect(when(draft, (p) => putOff(p, { need: psychological.ref, reason: 'not-ready', confirmed, at }))).toEqual({ refused: 'need-not-confirmed' });
  });
});

describe('choosing an offer', () => {
  const choosing = (history: PlanFact[], more: object = {}, offerings = offeringsOf()) =>
    when(history, (p) => choose(p, { choice: choice(30, shelter, more), confirmed, offerings, at }));
  it('keeps the alternatives in their order', () =>
    expect(choosing(told(opened, withGoal), { goalIds: [id(20)], alternatives: [flat, hostel] }).state!.versions[0]!.choices[0]).toMatchObject({ ...shelter, alternatives: [flat, hostel], goalIds: [id(20)] }));
  it.each([
    ['an unknown offer', {}, { shelter: null }, 'offer-unknown'],
    ['a closed offer', {}, { shelter: { availability: 'closed' as const } }, 'offer-closed'],
    ['an unknown alternative', { alternatives: [flat] }, { flat: null }, 'offer-unknown'],
    ['itself as alternative', { alternatives: [shelter] }, {}, 'alternative-twice'],
    ['an unconfirmed need', { needs: [psychological.ref] }, {}, 'need-not-confirmed'],
    ['a goal of nowhere', { goalIds: [id(99)] }, {}, 'goal-unknown'],
  ])('refuses %s', (_, more, offerings, code) => expect(choosing(draft, more, offeringsOf(offerings))).toEqual({ refused: code }));
  it('refuses the same offer twice in one version', () => expect(choosing(told(opened, chosen(31)))).toEqual({ refused: 'already-chosen' }));
  it('can be undone', () => {
    expect(when(told(opened, chosen(30)), (p) => dropChoice(p, { choiceId: id(30), at })).state!.versions[0]!.choices).toEqual([]);
    expect(when(draft, (p) => dropChoice(p, { choiceId: id(30), at }))).toEqual({ refused: 'not-found' });
  });
});

it.each([['2026-03-01'], ['2026-03-02']])('refuses %s as review date', (reviewOn) =>
  expect(when(draft, (p) => setReviewDate(p, { reviewOn, today, at }))).toEqual({ refused: 'review-date-past' }));

describe('a change is a new version', () => {
  it('copied from the one in force, without what the client said of it', () => {
    const { state } = when(told(...complete, chosen(30), submitted, agreed, activated), (p) => draftVersion(p, { at }));
    expect(state!.versions).toMatchObject([{ number: 1, status: 'active' }, { number: 2, status: 'draft', goals: [{ goalId: id(20) }], reviewOn: '2026-06-01', decisions: [] }]);
    expect(state!.versions[1]!.choices[0]).not.toHaveProperty('decision');
  });
  it.each([['nothing is in force', draft], ['one is on its way', told(...complete, submitted, agreed, activated, redrafted)]])('refused while %s', (_, history) =>
    expect(when(history, (p) => draftVersion(p, { at }))).toEqual({ refused: 'version-open' }));
});
