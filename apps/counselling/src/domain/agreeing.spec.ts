import { DomainError, given } from '@opora/domain';
import {
  activated, agreed, at, chosen, complete, confirmed, dated, flat, folded, food, foodLater, hostel, id, named, opened, psychological, redrafted, shelter, submitted, today, told, types, withGoal,
} from '../../test/given-plan.js';
import { close, decideByClient, enterInError, startReview, submit, withdrawSubmission } from './agreeing.js';
import { evolve } from './evolve.js';
import type { Plan } from './plan.js';
import type { PlanFact } from './plan-facts.js';

const when = (history: PlanFact[], decide: (p: Plan | undefined) => PlanFact[]) => given(evolve, ...history).when(decide);

const troubles = (plan: Plan, needs = confirmed, day = today): string[] => {
  try {
    submit(plan, { confirmed: needs, today: day, at });
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'plan-incomplete', kind: 'conflict' });
    return (error as DomainError).errors.map(({ code, pointer }) => `${pointer} ${code}`);
  }
};

describe('submitting', () => {
  it.each<[string, Parameters<typeof folded>, string[]]>([
    ['nothing', complete, []],
    ['a goal', [opened, foodLater, named, dated], ['/goals goal-missing', `/needs/${id(10)} need-unanswered`]],
    ['an answer to a need', [opened, withGoal, named, dated], [`/needs/${id(11)} need-unanswered`]],
    ['a responsible person', [opened, withGoal, foodLater, dated], ['/responsible responsible-missing']],
    ['a review date', [opened, withGoal, foodLater, named], ['/reviewOn review-date-missing']],
    ['everything', [opened], ['/goals goal-missing', '/responsible responsible-missing', '/reviewOn review-date-missing', `/needs/${id(10)} need-unanswered`, `/needs/${id(11)} need-unanswered`]],
  ])('lacks %s: all of it is said at once', (_, steps, expected) => expect(troubles(folded(...steps))).toEqual(expected));
  it('is refused when the review date has passed meanwhile', () => expect(troubles(folded(...complete), confirmed, '2026-06-01')).toEqual(['/reviewOn review-date-past']));
  it('is refused when the only goal serves a need that is no longer confirmed', () =>
    expect(troubles(folded(...complete), [food])).toEqual(['/goals goal-missing']));
  it('asks about needs confirmed since', () =>
    expect(troubles(folded(...complete), [...confirmed, psychological])).toEqual([`/needs/${id(12)} need-unanswered`]));
  it('lays the version before the client; it can be taken back', () => {
    expect(when(told(...complete), (p) => submit(p, { confirmed, today, at })).state!.versions[0]!.status).toBe('awaiting-client');
    expect(when(told(...complete, submitted), (p) => withdrawSubmission(p, { at })).state!.versions[0]!.status).toBe('draft');
    expect(when(told(...complete, submitted, agreed), (p) => withdrawSubmission(p, { at })).state!.versions[0]!.status).toBe('draft');
    expect(when(told(...complete), (p) => withdrawSubmission(p, { at }))).toEqual({ refused: 'wrong-status' });
    expect(when(told(...complete, submitted), (p) => submit(p, { confirmed, today, at }))).toEqual({ refused: 'wrong-status' });
  });
});

describe('the client’s decision', () => {
  const lying = told(...complete, chosen(30, shelter, { alternatives: [hostel, flat] }), submitted);
  const deciding = (more: object, history = lying) => when(history, (p) => decideByClient(p, { decision: 'agree', by: 'client-1', choices: [], at, ...more }));
  const choice = (outcome: ReturnType<typeof deciding>) => outcome.state!.versions[0]!.choices[0]!.decision;

  it('agrees to the version with all it holds', () => {
    const outcome = deciding({});
    expect(outcome.state!.versions[0]).toMatchObject({ status: 'agreed', decisions: [{ decision: 'agree', by: 'client-1' }] });
    expect(choice(outcome)).toEqual({ agreed: true, alternatives: [hostel, flat] });
  });
  it.each([
    ['one alternative only', { agreed: true, alternatives: [flat] }, { agreed: true, alternatives: [flat] }],
    ['no alternative', { agreed: true, alternatives: [] }, { agreed: true, alternatives: [] }],
    ['not this offer', { agreed: false }, { agreed: false, alternatives: [] }],
  ])('agrees, but to %s', (_, said, kept) => expect(choice(deciding({ choices: [{ choiceId: id(30), ...said }] }))).toEqual(kept));
  it.each([
    ['a choice that is not there', { choiceId: id(99), agreed: true }],
    ['an alternative that is not there', { choiceId: id(30), agreed: true, alternatives: [shelter] }],
  ])('refuses %s', (_, said) => expect(deciding({ choices: [said] })).toEqual({ refused: 'choice-unknown' }));
  it('disagrees: back to the draft, the disagreement kept beside it and never published', () => {
    const { facts, state } = deciding({ decision: 'disagree', disagreement: 'Too far from my school' });
    expect(state!.versions[0]).toMatchObject({ status: 'draft', decisions: [{ decision: 'disagree', disagreement: 'Too far from my school' }] });
    expect(JSON.stringify(facts![0]!.data)).not.toContain('school');
  });
  it('needs a version that lies before the client', () => expect(deciding({}, told(...complete))).toEqual({ refused: 'wrong-status' }));
});

describe('review, close, enter in error', () => {
  const active = told(...complete, chosen(30), submitted, agreed, activated);
  it('reviews what is active', () => {
    expect(when(active, (p) => startReview(p, { at })).state!.versions[0]!.status).toBe('under-review');
    expect(when(told(...complete), (p) => startReview(p, { at }))).toEqual({ refused: 'wrong-status' });
    expect(when([...active, ...startReview(folded(...complete, chosen(30), submitted, agreed, activated), { at })], (p) => startReview(p, { at }))).toEqual({ refused: 'wrong-status' });
  });
  it('reviews the version in force while the next one is drafted', () =>
    expect(when(told(...complete, submitted, agreed, activated, redrafted), (p) => startReview(p, { at })).state!.versions.map(({ status }) => status)).toEqual(['under-review', 'draft']));
  it('closes once, and takes back what nobody has answered', () => {
    const closed = when(active, (p) => close(p, { outcome: 'goals-reached', at }));
    expect(types(closed.facts)).toEqual(['counselling.plan-closed', 'opora.referral.withdrawn']);
    expect(closed.state).toMatchObject({ status: 'closed', outcome: 'goals-reached', versions: [{ status: 'closed' }], referrals: [{ status: 'withdrawn' }] });
    expect(when([...active, ...closed.facts!], (p) => close(p, { outcome: 'other', at }))).toEqual({ refused: 'wrong-status' });
  });
  it('is entered in error, open requests with it, and is gone', () => {
    const gone = when(active, (p) => enterInError(p, { reason: 'wrong-person', at }));
    expect(types(gone.facts)).toEqual(['counselling.plan-entered-in-error', 'opora.referral.withdrawn']);
    expect(when([...active, ...gone.facts!], (p) => enterInError(p, { reason: 'wrong-person', at }))).toEqual({ refused: 'not-found' });
  });
});
