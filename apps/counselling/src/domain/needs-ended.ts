import type { Ref } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { sameRef, type Ends } from './needs.js';
import { about, inForce, type Choice, type Plan } from './plan.js';
import type { PlanFact } from './plan-facts.js';
import { agreedChoices, isAsking, withdrawn } from './referring.js';

interface Ended {
  readonly need: Ref;
  /** Of all needs that the plan names. */
  readonly ended: Ends;
  /** The same id for the same need and the same version of its entry. */
  readonly proposalId: string;
  readonly at: Instant;
}

/**
 * A need of the version in force ended. What was asked for needs that never were is taken back; everything else a counsellor decides, the
 * goals before all.
 */
export const noteNeedEnded = (plan: Plan | undefined, { need, ended, proposalId, at }: Ended): PlanFact[] => {
  const version = plan?.status === 'open' ? inForce(plan) : undefined;
  if (!plan || !version) return [];
  const names = ({ needs }: { needs: readonly Ref[] }): boolean => needs.some((ref) => sameRef(ref, need));
  const goalIds = version.goals.filter(names).map(({ goalId }) => goalId);
  const choices = agreedChoices(version).filter(names);
  const mistaken = ({ needs }: Choice): boolean => needs.every((ref) => ended(ref) === 'entered-in-error');
  const vain = new Set(choices.filter(mistaken).map(({ choiceId }) => choiceId));
  const takenBack = plan.referrals.filter((referral) => isAsking(referral) && vain.has(referral.choiceId)).map((referral) => withdrawn(plan, referral));
  const known = plan.proposals.some((proposal) => proposal.proposalId === proposalId);
  if (known || goalIds.length + choices.length === 0) return takenBack;
  return [...takenBack, {
    type: 'counselling.proposal-made',
    data: {
      ...about(plan, version, at), proposalId, consequence: 'reassess', reason: 'need-ended', need, goalIds, choiceIds: choices.map(({ choiceId }) => choiceId),
    },
  }];
};
