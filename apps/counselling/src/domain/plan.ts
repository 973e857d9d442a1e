import type { OfferRef, Ref, RejectionCode, Urgency } from '@opora/contracts';
import { absent, wrongStatus, type Day, type Instant } from '@opora/domain';
import type { ActionTitle, GoalTitle, PlanOutcome } from './titles.js';

export interface Goal {
  readonly goalId: string;
  readonly needs: readonly Ref[];
  readonly title: GoalTitle;
  /** What the person wants in the long run, in the person's own words. */
  readonly ownAim: string;
  /** Goal Attainment Scaling: what −2 (much less than hoped) to +2 (much more) would look like. */
  readonly levels: readonly { readonly level: number; readonly text: string }[];
  readonly weight: number;
  readonly actions: readonly { readonly id: string; readonly title: ActionTitle; readonly due?: Day; readonly responsible?: string }[];
  /** That of the most sensitive need. */
  readonly dataClass: 'D1' | 'D2';
}

export interface Choice extends OfferRef {
  readonly choiceId: string;
  readonly needs: readonly Ref[];
  readonly goalIds: readonly string[];
  readonly urgency: Urgency;
  readonly alternatives: readonly OfferRef[];
  readonly recommendationId?: string;
  /** What the client said of it in this version. */
  readonly decision?: { readonly agreed: boolean; readonly alternatives: readonly OfferRef[] };
}

export interface ClientDecision {
  readonly decision: 'agree' | 'disagree';
  readonly at: Instant;
  readonly by: string;
  readonly onBehalfOf?: string;
  /** What the client does not agree with, in the client's own words. */
  readonly disagreement?: string;
}

export interface PlanVersion {
  readonly number: number;
  readonly status: 'draft' | 'awaiting-client' | 'agreed' | 'active' | 'under-review' | 'superseded' | 'closed';
  readonly goals: readonly Goal[];
  readonly notNow: readonly { readonly need: Ref; readonly reason: string }[];
  readonly choices: readonly Choice[];
  readonly reviewOn?: Day;
  readonly responsible?: string;
  /** Oldest first. */
  readonly decisions: readonly ClientDecision[];
}

export type ReferralAnswer = 'accepted' | 'rejected' | 'expired' | 'entered-in-error';

/** What was asked of a module for one choice. */
export interface Referral extends OfferRef {
  readonly referralId: string;
  readonly choiceId: string;
  readonly agency: string;
  readonly respondBy: Instant;
  readonly status: 'requested' | 'withdrawn' | 'unanswered' | ReferralAnswer;
  readonly reason?: RejectionCode;
}

/** What a counsellor has to decide, because the machine may not: about a referral that came to nothing, or about a need that ended. */
export type Proposal = {
  readonly proposalId: string;
  readonly consequence: 'next-offer' | 'reassess' | 'park';
  readonly reason: string;
  readonly notBefore?: Day;
  readonly status: 'open' | 'dismissed' | 'settled';
  readonly dismissal?: string;
} & (
  | { readonly referralId: string; readonly choiceId: string }
  | { readonly need: Ref; readonly goalIds: readonly string[]; readonly choiceIds: readonly string[] }
);

export interface Plan {
  readonly planId: string;
  readonly clientId: string;
  readonly agency: string;
  readonly status: 'open' | 'closed' | 'entered-in-error';
  readonly outcome?: PlanOutcome;
  readonly versions: readonly PlanVersion[];
  /** Number of the version that came into force last. */
  readonly inForce?: number;
  /** Every goal that ever lay before the client: what was once shown ends, but does not vanish. */
  readonly shownGoals: readonly Goal[];
  readonly referrals: readonly Referral[];
  readonly proposals: readonly Proposal[];
}

export const mustExist = (plan: Plan | undefined): Plan => {
  if (!plan || plan.status === 'entered-in-error') throw absent('plan');
  return plan;
};

export const mustBeOpen = (plan: Plan | undefined): Plan => {
  const known = mustExist(plan);
  if (known.status !== 'open') throw wrongStatus('plan', known.status, 'open');
  return known;
};

/** Every need that a goal or a choice of any version names, each once. */
export const needsOf = ({ versions }: Plan): Ref[] => {
  const named = versions.flatMap(({ goals, choices }) => [...goals, ...choices].flatMap(({ needs }) => needs));
  return [...new Map(named.map((ref) => [`${ref.module}/${ref.id}`, ref])).values()];
};

export const latest = (plan: Plan): PlanVersion => plan.versions.at(-1)!;

/** The version that people live by: active, or active and under review. */
export const inForce = (plan: Plan): PlanVersion | undefined => plan.versions.find(({ number }) => number === plan.inForce);

/** The newest version, if it is in one of these statuses. */
export const mustBe = (plan: Plan | undefined, ...statuses: PlanVersion['status'][]): { plan: Plan; version: PlanVersion } => {
  const open = mustBeOpen(plan);
  const version = latest(open);
  if (!statuses.includes(version.status)) throw wrongStatus('version of the plan', version.status, statuses.join(' or '));
  return { plan: open, version };
};

export const about = ({ planId, clientId }: Pick<Plan, 'planId' | 'clientId'>, { number }: Pick<PlanVersion, 'number'>, at: Instant) => ({ planId, clientId, number, at });
