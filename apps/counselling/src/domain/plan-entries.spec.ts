import type { Plan } from './plan.js';
import { activated, agreed, at, chosen, complete, endsOf, folded, goal, housing, id, offeringsOf, opened, redrafted, submitted, withGoal, confirmed, planId } from '../../test/given-plan.js';
import { close, enterInError, withdrawSubmission } from './agreeing.js';
import { noteAnswer, noteUnanswered } from './answering.js';
import { addGoal, dropChoice, removeGoal } from './drafting.js';
import { planEntries } from './plan-entries.js';

const phases = (...steps: Parameters<typeof folded>) => Object.fromEntries(planEntries(folded(...steps)).map(({ entryId, phase }) => [entryId, phase]));
const active = [...complete, chosen(30), submitted, agreed, activated];
const withoutGoal = (p: Plan | undefined) => removeGoal(p, { goalId: id(20), at });
const anotherGoal = (p: Plan | undefined) => addGoal(p, { goal: goal(21), confirmed, at });
const takenBack = (p: Plan | undefined) => withdrawSubmission(p, { at });

it.each<[string, Parameters<typeof folded>, Record<string, string>]>([
  ['a draft shows no goal', [opened, withGoal], { [planId]: 'proposed' }],
  ['what lies before the client is proposed', [...complete, submitted], { [planId]: 'proposed', [id(20)]: 'proposed' }],
  ['agreed is still proposed', [...complete, submitted, agreed], { [planId]: 'proposed', [id(20)]: 'proposed' }],
  ['activation makes it active', active, { [planId]: 'active', [id(20)]: 'active' }],
  ['a goal shown once and dropped ends', [...complete, submitted, takenBack, withoutGoal], { [planId]: 'proposed', [id(20)]: 'ended' }],
  ['what is in force stays active while the next version drops it', [...active, redrafted, withoutGoal, anotherGoal], { [planId]: 'active', [id(20)]: 'active' }],
  ['the next version proposes its goals', [...active, redrafted, withoutGoal, anotherGoal, submitted], { [planId]: 'active', [id(20)]: 'active', [id(21)]: 'proposed' }],
  ['the next version in force ends what it dropped', [...active, redrafted, withoutGoal, anotherGoal, submitted, agreed, activated], { [planId]: 'active', [id(20)]: 'ended', [id(21)]: 'active' }],
  ['closing ends all', [...active, (p) => close(p, { outcome: 'goals-reached', at })], { [planId]: 'ended', [id(20)]: 'ended' }],
  ['so does a mistake', [...active, (p) => enterInError(p, { reason: 'wrong-person', at })], { [planId]: 'ended', [id(20)]: 'ended' }],
])('%s', (_, steps, expected) => expect(phases(...steps)).toEqual(expected));

it('asks in the plan’s own entry, also after the answer, until the version drops it', () => {
  const asks = (...steps: Parameters<typeof folded>) => planEntries(folded(...steps))[0]!.asks!.map(({ module, respondBy }) => [module, respondBy]);
  const no = (p: Plan | undefined) => noteAnswer(p, {
    referralId: p!.referrals[0]!.referralId, module: 'alpha', answer: 'rejected', reason: 'other', offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(600), proposalId: id(601), at,
  });
  expect(asks(...complete, chosen(30), submitted, agreed)).toEqual([]);
  expect(asks(...active)).toEqual([['alpha', '2026-03-05T09:00:00.000Z']]);
  expect(asks(...active, no)).toEqual([['alpha', '2026-03-05T09:00:00.000Z']]);
  expect(asks(...active, redrafted, (p) => dropChoice(p, { choiceId: id(30), at }), submitted, agreed, activated)).toEqual([]);
  const silent = (p: Plan | undefined) => noteUnanswered(p, { referralId: p!.referrals[0]!.referralId, offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(600), proposalId: id(601), at: '2026-03-06T09:00:00.000Z' });
  expect(asks(...active, silent)).toEqual([]);
  expect(asks(...active, (p) => close(p, { outcome: 'other', at }))).toEqual([]);
});

it('says why it ended, when it is reviewed and what it serves, and nothing in the person’s words', () => {
  const entries = planEntries(folded(...active));
  expect(entries[0]).toMatchObject({ reviewOn: '2026-06-01', needs: [housing.ref], title: { en: 'Support plan', ru: 'План поддержки' } });
  expect(entries[1]).toMatchObject({ needs: [housing.ref], because: [{ module: 'counselling', id: planId }], title: { code: 'secure-home' }, dataClass: 'D1' });
  expect(JSON.stringify(entries)).not.toContain('door');
  const closed = planEntries(folded(...active, (p) => close(p, { outcome: 'goals-reached', at })));
  expect(closed.map(({ reason }) => reason?.code)).toEqual(['goals-reached', 'goals-reached']);
  expect(closed[0]).not.toHaveProperty('reviewOn');
});
