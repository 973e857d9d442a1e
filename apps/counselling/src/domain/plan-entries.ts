import type { Coded, PlanEntryBody, Ref } from '@opora/contracts';
import { sameRef } from './needs.js';
import { inForce, latest, type Goal, type Plan } from './plan.js';
import { actions, droppedTitle, enteredInErrorTitle, goals, outcomes, planTitle } from './titles.js';

const together = (needs: readonly Ref[]): Ref[] => needs.filter((a, i) => needs.findIndex((b) => sameRef(a, b)) === i);

const ending = (plan: Plan): Coded | undefined => {
  switch (plan.status) {
    case 'open': return undefined;
    case 'closed': return outcomes.coded(plan.outcome!);
    case 'entered-in-error': return enteredInErrorTitle;
    default: return plan.status satisfies never;
  }
};

const planEntry = (plan: Plan): PlanEntryBody => {
  const { planId, clientId, agency, status, referrals } = plan;
  const current = inForce(plan);
  const reason = ending(plan);
  const chosen = new Set(current?.choices.map(({ choiceId }) => choiceId));
  const takenBack = ['withdrawn', 'unanswered'];
  return {
    entryId: planId, clientId, agency, kind: 'plan', phase: status !== 'open' ? 'ended' : current ? 'active' : 'proposed', ...(reason && { reason }),
    title: planTitle, dataClass: 'D1', because: [], needs: together(current?.goals.flatMap(({ needs }) => needs) ?? []), actions: [],
    ...(status === 'open' && current?.reviewOn && { reviewOn: current.reviewOn }),
    asks: referrals.filter((referral) => chosen.has(referral.choiceId) && !takenBack.includes(referral.status))
      .map(({ module, offer, referralId, respondBy }) => ({ module, offer, referralId, respondBy })),
  };
};

const phaseOf = (plan: Plan, { goalId }: Goal): 'active' | 'proposed' | 'ended' => {
  const holds = (version: ReturnType<typeof inForce>): boolean => version?.goals.some((goal) => goal.goalId === goalId) ?? false;
  if (plan.status !== 'open') return 'ended';
  return holds(inForce(plan)) ? 'active' : holds(latest(plan)) ? 'proposed' : 'ended';
};

const goalEntry = (plan: Plan, goal: Goal): PlanEntryBody => {
  const phase = phaseOf(plan, goal);
  return {
    entryId: goal.goalId, clientId: plan.clientId, agency: plan.agency, kind: 'goal', phase, ...(phase === 'ended' && { reason: ending(plan) ?? droppedTitle }),
    title: goals.coded(goal.title), dataClass: goal.dataClass, because: [{ module: 'counselling', id: plan.planId }], needs: [...goal.needs],
    actions: goal.actions.map(({ id, title, due, responsible }) => ({
      id, title: actions.coded(title), ...(due && { due }), status: phase === 'ended' ? 'cancelled' : 'planned', ...(responsible && { responsible }),
    })),
  };
};

/** The plan itself, with what it asks of others, and each goal that ever lay before the client. */
export const planEntries = (plan: Plan): PlanEntryBody[] => [planEntry(plan), ...plan.shownGoals.map((goal) => goalEntry(plan, goal))];
