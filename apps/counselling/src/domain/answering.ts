import type { OfferRef, RejectionCode } from '@opora/contracts';
import { absent, wrongStatus, type Instant } from '@opora/domain';
import { consequences, type NoCode } from './consequences.js';
import { sameOffer, type Offerings } from './offering.js';
import { about, inForce, latest, mustBeOpen, type Choice, type Plan, type PlanFact, type PlanVersion, type Referral, type ReferralAnswer } from './plan.js';
import { agreedChoices, daysLater, request } from './referring.js';

interface Answered {
  readonly referralId: string;
  /** Who answers. */
  readonly module: string;
  readonly answer: ReferralAnswer;
  readonly reason?: RejectionCode | undefined;
  readonly offerings: Offerings;
  /** The same id whenever the same answer is worked through again. */
  readonly reroutedId: (alternative: OfferRef) => string;
  readonly proposalId: string;
  readonly at: Instant;
}

/** Answers to what has been withdrawn, or was already answered so, change nothing more than what the plan says of the referral. */
const news = (referral: Referral, answer: ReferralAnswer): boolean =>
  referral.status !== answer && referral.status !== 'entered-in-error' && (referral.status !== 'withdrawn' || answer === 'accepted');

/** Notes what a module answered, and what follows from a "no". */
export const noteAnswer = (plan: Plan | undefined, input: Answered): PlanFact[] => {
  const referral = plan?.referrals.find(({ referralId }) => referralId === input.referralId);
  if (!plan || referral?.module !== input.module || !news(referral, input.answer)) return [];
  const { answer, reason, at } = input;
  const version = inForce(plan) ?? latest(plan);
  const noted: PlanFact = {
    type: 'counselling.referral-answer-noted',
    data: { ...about(plan, version, at), referralId: referral.referralId, choiceId: referral.choiceId, answer, ...(reason && { reason }) },
  };
  const choice = agreedChoices(version).find(({ choiceId }) => choiceId === referral.choiceId);
  if (answer === 'accepted' || plan.status !== 'open' || !choice) return [noted];
  return [noted, ...consequence(plan, version, choice, referral, answer === 'rejected' ? reason ?? 'other' : answer, input)];
};

const consequence = (plan: Plan, version: PlanVersion, choice: Choice, { referralId }: Referral, code: NoCode, input: Answered): PlanFact[] => {
  const follows = consequences[code];
  if (follows.kind === 'stop') return [];
  const next = follows.kind === 'next-offer' ? nextOffer(plan, choice, input.offerings) : undefined;
  if (next) return [request(plan, version, choice, next.offer, { referralId: input.reroutedId(next.offer), agency: next.agency, now: input.at })];
  return [{
    type: 'counselling.proposal-made',
    data: {
      ...about(plan, version, input.at), proposalId: input.proposalId, referralId, choiceId: choice.choiceId, consequence: follows.kind, reason: code,
      ...(follows.kind === 'park' && { notBefore: daysLater(input.at, follows.days).slice(0, 10) }),
    },
  }];
};

/** The first alternative that the client agreed to, that consent covers, that takes people, and that nobody has asked yet. */
const nextOffer = (plan: Plan, { choiceId, decision }: Choice, offerings: Offerings): { offer: OfferRef; agency: string } | undefined => {
  const asked = plan.referrals.filter((referral) => referral.choiceId === choiceId);
  for (const offer of decision?.alternatives ?? []) {
    const offering = offerings(offer);
    if (offering?.consented && offering.availability !== 'closed' && !asked.some((referral) => sameOffer(referral, offer))) return { offer, agency: offering.agency };
  }
  return undefined;
};

export const dismissProposal = (plan: Plan | undefined, { proposalId, reason, at }: { proposalId: string; reason: string; at: Instant }): PlanFact[] => {
  const open = mustBeOpen(plan);
  const proposal = open.proposals.find((p) => p.proposalId === proposalId);
  if (!proposal) throw absent('proposal');
  if (proposal.status !== 'open') throw wrongStatus('proposal', proposal.status, 'open');
  return [{ type: 'counselling.proposal-dismissed', data: { ...about(open, inForce(open) ?? latest(open), at), proposalId, reason } }];
};
