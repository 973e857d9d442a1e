import type { OfferRef, RejectionCode } from '@opora/contracts';
import { absent, wrongStatus, type Instant } from '@opora/domain';
import { consequences, type NoCode } from './consequences.js';
import type { Ends } from './needs.js';
import { sameOffer, type Offerings } from './offering.js';
import { about, inForce, latest, mustBeOpen, type Choice, type Plan, type PlanVersion, type Referral, type ReferralAnswer } from './plan.js';
import type { PlanFact } from './plan-facts.js';
import { agreedChoices, daysLater, request, unanswered, withdrawn } from './referring.js';

/** What has to be known to follow up a referral. */
interface Following {
  readonly referralId: string;
  readonly offerings: Offerings;
  readonly ended: Ends;
  /** The same id whenever the same answer is worked through again. */
  readonly reroutedId: (alternative: OfferRef) => string;
  readonly proposalId: string;
  readonly at: Instant;
}

interface Answered extends Following {
  /** Who answers. */
  readonly module: string;
  readonly answer: ReferralAnswer;
  readonly reason?: RejectionCode | undefined;
}

/** Answers to what has been taken back, or was already answered so, change nothing more than what the plan says of the referral. */
const news = ({ status }: Referral, answer: ReferralAnswer): boolean =>
  status !== answer && status !== 'entered-in-error' && ((status !== 'withdrawn' && status !== 'unanswered') || answer === 'accepted');

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
  return answer === 'accepted' ? [noted] : [noted, ...consequence(plan, version, referral, answer === 'rejected' ? reason ?? 'other' : answer, input)];
};

/** A module that is gone cannot say that the time is over: the request is taken back, and the plan goes on as if it had. */
export const noteUnanswered = (plan: Plan | undefined, input: Following): PlanFact[] => {
  const referral = plan && unanswered(plan, input.at).find(({ referralId }) => referralId === input.referralId);
  if (!plan || !referral) return [];
  const version = inForce(plan) ?? latest(plan);
  const { referralId, choiceId, respondBy } = referral;
  return [
    withdrawn(plan, referral),
    { type: 'counselling.referral-unanswered', data: { ...about(plan, version, input.at), referralId, choiceId, respondBy } },
    ...consequence(plan, version, referral, 'unanswered', input),
  ];
};

const consequence = (plan: Plan, version: PlanVersion, { referralId, choiceId }: Referral, code: NoCode, input: Following): PlanFact[] => {
  const choice = agreedChoices(version).find((c) => c.choiceId === choiceId);
  const follows = consequences[code];
  if (plan.status !== 'open' || !choice || follows.kind === 'stop') return [];
  const needed = choice.needs.some((need) => !input.ended(need));
  const next = follows.kind === 'next-offer' && needed ? nextOffer(plan, choice, input.offerings) : undefined;
  if (next) return [request(plan, version, choice, next.offer, { referralId: input.reroutedId(next.offer), agency: next.agency, now: input.at })];
  return [{
    type: 'counselling.proposal-made',
    data: {
      ...about(plan, version, input.at), proposalId: input.proposalId, referralId, choiceId, consequence: follows.kind, reason: code,
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
