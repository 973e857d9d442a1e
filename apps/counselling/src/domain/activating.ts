import { DomainError, type Instant, type Trouble } from '@opora/domain';
import type { Offerings } from './offering.js';
import { about, mustBe, type Plan, type PlanFact, type PlanVersion } from './plan.js';
import { agreedChoices, request, withdrawn } from './referring.js';

/** All that stands in the way is said at once. */
const refuseUncovered = (plan: Plan, version: PlanVersion, offerings: Offerings): void => {
  const troubles = version.choices.map((choice, i): Trouble | undefined => {
    if (choice.decision?.agreed !== true) return undefined;
    const pointer = `/choices/${i}`;
    const asked = plan.referrals.some(({ choiceId }) => choiceId === choice.choiceId);
    const offering = offerings(choice);
    if (!offering) return asked ? undefined : { pointer, code: 'offer-unknown', detail: 'is no longer offered' };
    if (!offering.consented) return { pointer, code: 'consent-missing', detail: 'needs the client’s consent for referral to the agency of the offer' };
    return undefined;
  }).filter((trouble) => trouble !== undefined);
  const consent = troubles.some(({ code }) => code === 'consent-missing');
  if (consent) throw new DomainError('conflict', 'consent-missing', 'The client has not agreed to every referral that the version asks for', troubles);
  if (troubles.length > 0) throw new DomainError('conflict', 'offer-unknown', 'An offer of the version is gone; take the version back and choose another', troubles);
};

/**
 * The version comes into force: what it drops is no longer asked, what it holds and was not asked yet is asked now. The time to
 * answer runs from `now`, also when the activation is recorded later than it happened.
 */
export const activate = (
  plan: Plan | undefined, input: { offerings: Offerings; newReferralId: () => string; at: Instant; now: Instant },
): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'agreed');
  const { offerings, newReferralId, at, now } = input;
  refuseUncovered(open, version, offerings);
  const choices = agreedChoices(version);
  const kept = new Set(choices.map(({ choiceId }) => choiceId));
  const asked = new Set(open.referrals.map(({ choiceId }) => choiceId));
  return [
    {
      type: 'counselling.plan-activated',
      data: {
        ...about(open, version, at), ...(open.inForce !== undefined && { supersedes: open.inForce }),
        settles: open.proposals.filter(({ status }) => status === 'open').map(({ proposalId }) => proposalId),
      },
    },
    ...open.referrals.filter(({ choiceId, status }) => status === 'requested' && !kept.has(choiceId)).map((referral) => withdrawn(open, referral)),
    ...choices.filter(({ choiceId }) => !asked.has(choiceId))
      .map((choice) => request(open, version, choice, choice, { referralId: newReferralId(), agency: offerings(choice)!.agency, now })),
  ];
};
