import type { Ref } from '@opora/contracts';
import type { Plan, PlanVersion, Proposal, Referral } from './plan.js';
import type { PlanFact } from './plan-facts.js';
import { sameRef } from './needs.js';
import type { PlanOutcome } from './titles.js';

const version = (plan: Plan, number: number, change: (version: PlanVersion) => Partial<PlanVersion>): Plan =>
  ({ ...plan, versions: plan.versions.map((v) => v.number === number ? { ...v, ...change(v) } : v) });

const referral = (plan: Plan, id: string, change: Partial<Referral>): Plan =>
  ({ ...plan, referrals: plan.referrals.map((r) => r.referralId === id ? { ...r, ...change } : r) });

const proposals = (plan: Plan, ids: readonly string[], change: Partial<Pick<Proposal, 'status' | 'dismissal'>>): Plan =>
  ({ ...plan, proposals: plan.proposals.map((p) => ids.includes(p.proposalId) ? { ...p, ...change } : p) });

const without = (needs: PlanVersion['notNow'], refs: readonly Ref[]) => needs.filter(({ need }) => !refs.some((ref) => sameRef(ref, need)));

export const evolve = (before: Plan | undefined, fact: PlanFact): Plan => {
  if (fact.type === 'counselling.plan-opened') {
    const { planId, clientId, number } = fact.data;
    const { agency } = fact.own!;
    const first: PlanVersion = { number, status: 'draft', goals: [], notNow: [], choices: [], decisions: [] };
    return { planId, clientId, agency, status: 'open', versions: [first], shownGoals: [], referrals: [], proposals: [] };
  }
  const plan = before!;
  switch (fact.type) {
    case 'counselling.plan-version-drafted': {
      const { number, from } = fact.data;
      const model = plan.versions.find((v) => v.number === from)!;
      const choices = model.choices.map(({ decision: _, ...choice }) => choice);
      return { ...plan, versions: [...plan.versions, { ...model, number, status: 'draft', choices, decisions: [] }] };
    }
    case 'counselling.goal-added': return version(plan, fact.data.number, (v) =>
      ({ goals: [...v.goals, fact.own!.goal], notNow: without(v.notNow, fact.data.needs) }));
    case 'counselling.goal-removed': return version(plan, fact.data.number, (v) => ({
      goals: v.goals.filter(({ goalId }) => goalId !== fact.data.goalId),
      choices: v.choices.map((choice) => ({ ...choice, goalIds: choice.goalIds.filter((id) => id !== fact.data.goalId) })),
    }));
    case 'counselling.need-put-off': return version(plan, fact.data.number, (v) => {
      const { need, reason } = fact.data;
      return { notNow: [...without(v.notNow, [need]), { need, reason }] };
    });
    case 'counselling.offer-chosen': return version(plan, fact.data.number, (v) => {
      const { planId: _plan, clientId: _client, number: _number, at: _at, ...choice } = fact.data;
      return { choices: [...v.choices, choice] };
    });
    case 'counselling.choice-dropped': return version(plan, fact.data.number, (v) => ({ choices: v.choices.filter(({ choiceId }) => choiceId !== fact.data.choiceId) }));
    case 'counselling.review-date-set': return version(plan, fact.data.number, () => ({ reviewOn: fact.data.reviewOn }));
    case 'counselling.responsible-named': return version(plan, fact.data.number, () => ({ responsible: fact.own!.responsible }));
    case 'counselling.plan-submitted': {
      const { goals } = plan.versions.find(({ number }) => number === fact.data.number)!;
      const known = new Set(plan.shownGoals.map(({ goalId }) => goalId));
      return { ...version(plan, fact.data.number, () => ({ status: 'awaiting-client' })), shownGoals: [...plan.shownGoals, ...goals.filter(({ goalId }) => !known.has(goalId))] };
    }
    case 'counselling.submission-withdrawn': return version(plan, fact.data.number, () => ({ status: 'draft' }));
    case 'counselling.client-decided': return version(plan, fact.data.number, (v) => ({
      status: fact.data.decision === 'agree' ? 'agreed' : 'draft',
      decisions: [...v.decisions, fact.own!],
      choices: v.choices.map((choice) => {
        const decided = fact.data.choices.find(({ choiceId }) => choiceId === choice.choiceId);
        return decided ? { ...choice, decision: { agreed: decided.agreed, alternatives: decided.alternatives } } : choice;
      }),
    }));
    case 'counselling.plan-activated': {
      const { number, supersedes, settles } = fact.data;
      const active = version(plan, number, () => ({ status: 'active' }));
      const former = supersedes === undefined ? active : version(active, supersedes, () => ({ status: 'superseded' }));
      return { ...proposals(former, settles, { status: 'settled' }), inForce: number };
    }
    case 'counselling.review-started': return version(plan, fact.data.number, () => ({ status: 'under-review' }));
    case 'counselling.plan-closed': return {
      ...plan, status: 'closed', outcome: fact.data.outcome as PlanOutcome,
      versions: plan.versions.map((v) => v.status === 'superseded' ? v : { ...v, status: 'closed' }),
    };
    case 'counselling.plan-entered-in-error': return { ...plan, status: 'entered-in-error' };
    case 'opora.referral.requested': {
      const { referralId, module, offer, agency, respondBy } = fact.data;
      return { ...plan, referrals: [...plan.referrals, { referralId, choiceId: fact.own!.choiceId, module, offer, agency, respondBy, status: 'requested' }] };
    }
    case 'opora.referral.withdrawn': return referral(plan, fact.data.referralId, { status: 'withdrawn' });
    case 'counselling.referral-answer-noted': {
      const { referralId, answer, reason } = fact.data;
      return referral(plan, referralId, { status: answer, ...(reason && { reason }) });
    }
    case 'counselling.referral-unanswered': return referral(plan, fact.data.referralId, { status: 'unanswered' });
    case 'counselling.proposal-made': {
      const { planId: _plan, clientId: _client, number: _number, at: _at, ...proposal } = fact.data;
      return { ...plan, proposals: [...plan.proposals, { ...proposal, status: 'open' } as Proposal] };
    }
    case 'counselling.proposal-dismissed': return proposals(plan, [fact.data.proposalId], { status: 'dismissed', dismissal: fact.data.reason });
    default: return fact satisfies never;
  }
};
