import type { OfferRef, Ref } from '@opora/contracts';
import { absent, DomainError, idTaken, type Day, type Instant } from '@opora/domain';
import { confirmedAmong, sameRef, type Need } from './needs.js';
import { mustBeOpen as mustTakePeople, sameOffer, type Offerings } from './offering.js';
import { about, inForce, latest, mustBe, mustBeOpen, type Choice, type Goal, type Plan } from './plan.js';
import type { PlanFact } from './plan-facts.js';

interface Opening { readonly planId: string; readonly clientId: string; readonly agency: string; readonly at: Instant }

export const open = (plan: Plan | undefined, { agency, at, ...ids }: Opening): PlanFact[] => {
  if (plan) throw idTaken();
  return [{ type: 'counselling.plan-opened', data: about(ids, { number: 1 }, at), own: { agency } }];
};

/** A change is a new version: a copy of the one in force, which stays in force until the new one is activated. */
export const draftVersion = (plan: Plan | undefined, { at }: { at: Instant }): PlanFact[] => {
  const open = mustBeOpen(plan);
  const from = inForce(open);
  if (!from || latest(open) !== from) throw new DomainError('conflict', 'version-open', 'There is a version that has not come into force yet; change that one');
  return [{ type: 'counselling.plan-version-drafted', data: { ...about(open, { number: from.number + 1 }, at), from: from.number } }];
};

export const addGoal = (plan: Plan | undefined, input: { goal: Omit<Goal, 'dataClass'>; confirmed: readonly Need[]; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  const { goal, confirmed, at } = input;
  const needs = confirmedAmong(confirmed, goal.needs, '/needs');
  if (new Set(goal.levels.map(({ level }) => level)).size < goal.levels.length) {
    throw new DomainError('invalid', 'level-twice', 'Describe each level once', [{ pointer: '/levels', code: 'level-twice', detail: 'names a level twice' }]);
  }
  const dataClass = needs.some((need) => need.dataClass === 'D2') ? 'D2' : 'D1';
  const { goalId, title } = goal;
  return [{ type: 'counselling.goal-added', data: { ...about(open, version, at), goalId, needs: [...goal.needs], title }, own: { goal: { ...goal, dataClass } } }];
};

export const removeGoal = (plan: Plan | undefined, { goalId, at }: { goalId: string; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  if (!version.goals.some((goal) => goal.goalId === goalId)) throw absent('goal');
  return [{ type: 'counselling.goal-removed', data: { ...about(open, version, at), goalId } }];
};

/** A need is left for later, and why. A goal for it later takes it up again. */
export const putOff = (plan: Plan | undefined, input: { need: Ref; reason: string; confirmed: readonly Need[]; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  const { need, reason, confirmed, at } = input;
  if (!confirmed.some(({ ref }) => sameRef(ref, need))) {
    throw new DomainError('conflict', 'need-not-confirmed', 'Only needs confirmed with the person can be put off', [{ pointer: '/need', code: 'need-not-confirmed', detail: 'is not a confirmed need of this person' }]);
  }
  if (version.goals.some(({ needs }) => needs.some((ref) => sameRef(ref, need)))) {
    throw new DomainError('conflict', 'need-has-goal', 'A goal of this version serves the need; remove it first', [{ pointer: '/need', code: 'need-has-goal', detail: 'has a goal' }]);
  }
  return [{ type: 'counselling.need-put-off', data: { ...about(open, version, at), need, reason } }];
};

export const choose = (
  plan: Plan | undefined, input: { choice: Omit<Choice, 'decision'>; confirmed: readonly Need[]; offerings: Offerings; at: Instant },
): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  const { choice, confirmed, offerings, at } = input;
  confirmedAmong(confirmed, choice.needs, '/needs');
  mustTakePeople(offerings(choice), '/offer');
  choice.alternatives.forEach((alternative, i) => mustTakePeople(offerings(alternative), `/alternatives/${i}`));
  const twice = [choice, ...choice.alternatives].some((a, i, all) => all.findIndex((b) => sameOffer(a, b)) < i);
  if (twice) throw new DomainError('invalid', 'alternative-twice', 'Name each offer once', [{ pointer: '/alternatives', code: 'alternative-twice', detail: 'names an offer twice' }]);
  if (version.choices.some((other) => sameOffer(other, choice))) throw new DomainError('conflict', 'already-chosen', 'This version already holds that offer');
  const unknown = choice.goalIds.findIndex((id) => !version.goals.some(({ goalId }) => goalId === id));
  if (unknown >= 0) throw new DomainError('invalid', 'goal-unknown', 'This version has no such goal', [{ pointer: `/goalIds/${unknown}`, code: 'goal-unknown', detail: 'is not a goal of this version' }]);
  const { choiceId, module, offer, needs, goalIds, urgency, alternatives, recommendationId } = choice;
  return [{
    type: 'counselling.offer-chosen',
    data: {
      ...about(open, version, at), choiceId, module, offer, needs: [...needs], goalIds: [...goalIds], urgency,
      alternatives: alternatives.map(({ module, offer }): OfferRef => ({ module, offer })), ...(recommendationId && { recommendationId }),
    },
  }];
};

export const dropChoice = (plan: Plan | undefined, { choiceId, at }: { choiceId: string; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  if (!version.choices.some((choice) => choice.choiceId === choiceId)) throw absent('choice');
  return [{ type: 'counselling.choice-dropped', data: { ...about(open, version, at), choiceId } }];
};

export const setReviewDate = (plan: Plan | undefined, { reviewOn, today, at }: { reviewOn: Day; today: Day; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  if (reviewOn <= today) throw new DomainError('invalid', 'review-date-past', 'A review lies ahead', [{ pointer: '/reviewOn', code: 'review-date-past', detail: 'must be later than today' }]);
  return [{ type: 'counselling.review-date-set', data: { ...about(open, version, at), reviewOn } }];
};

export const nameResponsible = (plan: Plan | undefined, { responsible, at }: { responsible: string; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  return [{ type: 'counselling.responsible-named', data: about(open, version, at), own: { responsible } }];
};
