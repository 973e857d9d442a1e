import type { OfferRef, Urgency } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import type { Choice, Plan, PlanVersion, Referral } from './plan.js';
import type { PlanFact } from './plan-facts.js';

/** Days that a module has to answer. */
const daysToAnswer: Record<Urgency, number> = { emergency: 1, urgent: 3, routine: 7 };

/** Days after which a module that says nothing, not even that its time is over, is not waited for any longer. */
const graceDays = 1;

export const daysLater = (at: Instant, days: number): Instant =>
  Temporal.Instant.from(at).add({ hours: 24 * days }).toString({ smallestUnit: 'millisecond' });

interface Asking { readonly referralId: string; readonly agency: string; readonly now: Instant }

export const request = (plan: Plan, version: PlanVersion, choice: Choice, { module, offer }: OfferRef, { referralId, agency, now }: Asking): PlanFact => ({
  type: 'opora.referral.requested',
  data: {
    referralId, clientId: plan.clientId, module, offer, agency, askedBy: plan.agency, planId: plan.planId, planVersion: version.number,
    needs: [...choice.needs], urgency: choice.urgency, respondBy: daysLater(now, daysToAnswer[choice.urgency]),
  },
  own: { choiceId: choice.choiceId },
});

export const waitsUntil = ({ respondBy }: Referral): Instant => daysLater(respondBy, graceDays);

export const isAsking = ({ status }: Referral): boolean => status === 'requested';

/** Requests that are waited for in vain. */
export const unanswered = (plan: Plan, at: Instant): Referral[] => plan.referrals.filter((referral) => isAsking(referral) && waitsUntil(referral) <= at);

/** The offers that the client wants. */
export const agreedChoices = (version: PlanVersion): Choice[] => version.choices.filter(({ decision }) => decision?.agreed === true);

export const withdrawn = (plan: Plan, { referralId, module, offer, agency }: Referral): PlanFact => ({
  type: 'opora.referral.withdrawn', data: { referralId, clientId: plan.clientId, module, offer, agency, askedBy: plan.agency },
});

/** Requests that nobody has answered yet end with the plan. */
export const withdrawAll = (plan: Plan): PlanFact[] => plan.referrals.filter(isAsking).map((referral) => withdrawn(plan, referral));
