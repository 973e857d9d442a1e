import { DomainError, type Instant, type Trouble } from '@opora/domain';
import { goalMissing } from './agreeing.js';
import { sameRef, type Need } from './needs.js';
import type { Offerings } from './offering.js';
import { about, mustBe, type Plan, type PlanVersion } from './plan.js';
import type { PlanFact } from './plan-facts.js';
import { agreedChoices, isAsking, request, withdrawn } from './referring.js';

interface Surroundings { readonly confirmed: readonly Need[]; readonly offerings: Offerings }

/** Needs, offers and consent may have gone since the client agreed. */
const troublesOf = (plan: Plan, version: PlanVersion, { confirmed, offerings }: Surroundings): Trouble[] => [
  ...goalMissing(version, confirmed),
  ...version.choices.flatMap((choice, i): Trouble[] => {
    if (choice.decision?.agreed !== true) return [];
    const pointer = `/choices/${i}`;
    const asked = plan.referrals.some(({ choiceId }) => choiceId === choice.choiceId);
    const needed = choice.needs.some((ref) => confirmed.some((need) => sameRef(need.ref, ref)));
    const offering = offerings(choice);
    const troubles: (Trouble | false)[] = [
      !asked && !needed && { pointer, code: 'need-not-confirmed', detail: 'serves no need that is still confirmed' },
      !asked && !offering && { pointer, code: 'offer-unknown', detail: 'is no longer offered' },
      offering?.consented === false && { pointer, code: 'consent-missing', detail: 'needs the client’s consent for referral to the agency of the offer' },
    ];
    return troubles.filter((trouble) => trouble !== false);
  }),
];

/** What is refused first when several things stand in the way; all of them are said at once. */
const refusals = [
  ['goal-missing', 'plan-incomplete', 'The version cannot come into force any more: its needs have ended; take it back'],
  ['need-not-confirmed', 'need-not-confirmed', 'An offer of the version serves no confirmed need any more; take the version back and drop it'],
  ['consent-missing', 'consent-missing', 'The client has not agreed to every referral that the version asks for'],
  ['offer-unknown', 'offer-unknown', 'An offer of the version is gone; take the version back and choose another'],
] as const;

const refuseTroubled = (troubles: readonly Trouble[]): void => {
  for (const [trouble, code, message] of refusals) {
    if (troubles.some((t) => t.code === trouble)) throw new DomainError('conflict', code, message, troubles);
  }
};

/**
 * The version comes into force: what it drops is no longer asked, what it holds and was not asked yet is asked now. The time to
 * answer runs from `now`, also when the activation is recorded later than it happened.
 */
export const activate = (
  plan: Plan | undefined, input: Surroundings & { newReferralId: () => string; at: Instant; now: Instant },
): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'agreed');
  const { offerings, newReferralId, at, now } = input;
  refuseTroubled(troublesOf(open, version, input));
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
    ...open.referrals.filter((referral) => isAsking(referral) && !kept.has(referral.choiceId)).map((referral) => withdrawn(open, referral)),
    ...choices.filter(({ choiceId }) => !asked.has(choiceId))
      .map((choice) => request(open, version, choice, choice, { referralId: newReferralId(), agency: offerings(choice)!.agency, now })),
  ];
};
