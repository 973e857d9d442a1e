import type { OfferRef } from '@opora/contracts';
import { DomainError, wrongStatus, type Day, type Instant, type Trouble } from '@opora/domain';
import { sameRef, type Need } from './needs.js';
import { sameOffer } from './offering.js';
import { about, inForce, latest, mustBe, mustBeOpen, mustExist, type ClientDecision, type Plan, type PlanVersion } from './plan.js';
import type { PlanFact } from './plan-facts.js';
import { withdrawAll } from './referring.js';
import type { PlanOutcome } from './titles.js';

const serves = ({ goals }: PlanVersion) => ({ ref }: Need): boolean => goals.some(({ needs }) => needs.some((need) => sameRef(need, ref)));

/** A plan without a goal for a confirmed need neither lies before the client nor comes into force. */
export const goalMissing = (version: PlanVersion, confirmed: readonly Need[]): Trouble[] =>
  confirmed.some(serves(version)) ? [] : [{ pointer: '/goals', code: 'goal-missing', detail: 'needs a goal linked to a confirmed need' }];

/** What a version lacks before it can lie before the client. */
const lacking = (version: PlanVersion, confirmed: readonly Need[], today: Day): Trouble[] => {
  const served = serves(version);
  const waits = (need: Need): boolean => version.notNow.some((later) => sameRef(later.need, need.ref));
  const troubles: (Trouble | false)[] = [
    ...goalMissing(version, confirmed),
    version.responsible === undefined && { pointer: '/responsible', code: 'responsible-missing', detail: 'needs somebody who answers for the plan' },
    version.reviewOn === undefined && { pointer: '/reviewOn', code: 'review-date-missing', detail: 'needs the day of the next review' },
    version.reviewOn !== undefined && version.reviewOn <= today && { pointer: '/reviewOn', code: 'review-date-past', detail: 'must be later than today' },
    ...confirmed.filter((need) => !served(need) && !waits(need))
      .map(({ ref }) => ({ pointer: `/needs/${ref.id}`, code: 'need-unanswered', detail: 'needs a goal, or a “not now” with a reason' })),
  ];
  return troubles.filter((trouble) => trouble !== false);
};

export const submit = (plan: Plan | undefined, { confirmed, today, at }: { confirmed: readonly Need[]; today: Day; at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'draft');
  const errors = lacking(version, confirmed, today);
  if (errors.length > 0) throw new DomainError('conflict', 'plan-incomplete', 'The version cannot lie before the client yet', errors);
  return [{ type: 'counselling.plan-submitted', data: about(open, version, at) }];
};

/** Back to the draft: what was submitted has to change before it can come into force. */
export const withdrawSubmission = (plan: Plan | undefined, { at }: { at: Instant }): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'awaiting-client', 'agreed');
  return [{ type: 'counselling.submission-withdrawn', data: about(open, version, at) }];
};

/** What the client says of one offer. Without `alternatives`: all that the version names. */
export interface ChoiceDecision { readonly choiceId: string; readonly agreed: boolean; readonly alternatives?: readonly OfferRef[] | undefined }

/** Agreeing to the version is agreeing to each offer in it, except where the client says otherwise. */
const resolved = (version: PlanVersion, said: readonly ChoiceDecision[]) => {
  const errors: Trouble[] = said.flatMap(({ choiceId, alternatives = [] }, i) => {
    const choice = version.choices.find((c) => c.choiceId === choiceId);
    if (!choice) return [{ pointer: `/choices/${i}/choiceId`, code: 'choice-unknown', detail: 'is not in this version' }];
    return alternatives.flatMap((offer, j) => choice.alternatives.some((a) => sameOffer(a, offer)) ? []
      : [{ pointer: `/choices/${i}/alternatives/${j}`, code: 'alternative-unknown', detail: 'is not among the alternatives of this choice' }]);
  });
  if (errors.length > 0) throw new DomainError('invalid', 'choice-unknown', 'Decide on what the version holds', errors);
  return version.choices.map(({ choiceId, alternatives }) => {
    const decision = said.find((d) => d.choiceId === choiceId);
    const agreed = decision?.agreed ?? true;
    return { choiceId, agreed, alternatives: agreed ? [...(decision?.alternatives ?? alternatives)] : [] };
  });
};

export const decideByClient = (
  plan: Plan | undefined, input: Omit<ClientDecision, 'at'> & { choices: readonly ChoiceDecision[]; at: Instant },
): PlanFact[] => {
  const { plan: open, version } = mustBe(plan, 'awaiting-client');
  const { choices, ...decided } = input;
  const agreed = decided.decision === 'agree' ? resolved(version, choices) : [];
  return [{ type: 'counselling.client-decided', data: { ...about(open, version, decided.at), decision: decided.decision, choices: agreed }, own: decided }];
};

export const startReview = (plan: Plan | undefined, { at }: { at: Instant }): PlanFact[] => {
  const open = mustBeOpen(plan);
  const version = inForce(open);
  if (version?.status !== 'active') throw wrongStatus('version in force', version?.status ?? 'none', 'active');
  return [{ type: 'counselling.review-started', data: about(open, version, at) }];
};

export const close = (plan: Plan | undefined, { outcome, at }: { outcome: PlanOutcome; at: Instant }): PlanFact[] => {
  const open = mustBeOpen(plan);
  return [{ type: 'counselling.plan-closed', data: { ...about(open, latest(open), at), outcome } }, ...withdrawAll(open)];
};

export const enterInError = (plan: Plan | undefined, { reason, at }: { reason: string; at: Instant }): PlanFact[] => {
  const known = mustExist(plan);
  return [{ type: 'counselling.plan-entered-in-error', data: { ...about(known, latest(known), at), reason } }, ...withdrawAll(known)];
};
