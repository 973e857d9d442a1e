import { RejectionCode } from '@opora/contracts';
import { AtField, CodeField, DayField, IdField, OneOf, Part, RefPart, StaffField, Text, Whole } from '@opora/service';
import type { Stored } from '@opora/messaging';
import { ChoiceDecisionPart } from './plans.dto.js';
import { LevelPart, PlanActionPart, urgencies } from './drafting.dto.js';
import type { Plan, PlanVersion } from './domain/plan.js';
import { goals } from './domain/titles.js';
import { CodedView, OfferPart } from './values.dto.js';

class ActionView extends PlanActionPart {
  @IdField() id!: string;
}

class GoalView {
  @IdField() goalId!: string;
  @Part(() => RefPart, { list: true }) needs!: RefPart[];
  @Part(() => CodedView) title!: CodedView;
  @Text(2000) ownAim!: string;
  @Part(() => LevelPart, { list: true }) levels!: LevelPart[];
  @Whole(1, 10) weight!: number;
  @Part(() => ActionView, { list: true }) actions!: ActionView[];
}

class NotNowView {
  @Part(() => RefPart) need!: RefPart;
  @CodeField() reason!: string;
}

class ReferralView extends OfferPart {
  @IdField() referralId!: string;
  @CodeField() agency!: string;
  @OneOf(['requested', 'withdrawn', 'unanswered', 'accepted', 'rejected', 'expired', 'entered-in-error']) status!: string;
  @OneOf(RejectionCode.enum as string[], { optional: true }) reason?: string;
  @AtField() respondBy!: string;
}

class ChoiceView extends OfferPart {
  @IdField() choiceId!: string;
  @Part(() => RefPart, { list: true }) needs!: RefPart[];
  @IdField({ list: true }) goalIds!: string[];
  @OneOf(urgencies) urgency!: string;
  @Part(() => OfferPart, { list: true }) alternatives!: OfferPart[];
  @IdField({ optional: true }) recommendationId?: string;
  @Part(() => ChoiceDecisionPart, { optional: true, description: 'What the client said of it' }) decision?: ChoiceDecisionPart;
  @Part(() => ReferralView, { list: true, description: 'What was asked for it, first the offer itself, then alternatives' }) referrals!: ReferralView[];
}

class ClientDecisionView {
  @OneOf(['agree', 'disagree']) decision!: string;
  @AtField() at!: string;
  @Text(80) by!: string;
  @Text(80, { optional: true }) onBehalfOf?: string;
  @Text(4000, { optional: true }) disagreement?: string;
}

class PlanVersionView {
  @Whole(1, 10_000) number!: number;
  @OneOf(['draft', 'awaiting-client', 'agreed', 'active', 'under-review', 'superseded', 'closed']) status!: string;
  @Part(() => GoalView, { list: true }) goals!: GoalView[];
  @Part(() => NotNowView, { list: true }) notNow!: NotNowView[];
  @Part(() => ChoiceView, { list: true }) choices!: ChoiceView[];
  @DayField({ optional: true }) reviewOn?: string;
  @StaffField({ optional: true }) responsible?: string;
  @Part(() => ClientDecisionView, { list: true, description: 'Oldest first' }) clientDecisions!: ClientDecisionView[];
}

class ProposalView {
  @IdField() proposalId!: string;
  @OneOf(['next-offer', 'reassess', 'park']) consequence!: string;
  @CodeField({ description: 'The module’s code, `expired`, `unanswered` or `entered-in-error`: of a referral; or `need-ended`' }) reason!: string;
  @IdField({ optional: true, description: 'The referral that came to nothing' }) referralId?: string;
  @IdField({ optional: true, description: 'The choice that it was asked for' }) choiceId?: string;
  @Part(() => RefPart, { optional: true, description: 'The need that ended' }) need?: RefPart;
  @IdField({ list: true, optional: true, description: 'Goals of the version in force that serve that need' }) goalIds?: string[];
  @IdField({ list: true, optional: true, description: 'Choices that serve it' }) choiceIds?: string[];
  @DayField({ optional: true }) notBefore?: string;
  @OneOf(['open', 'dismissed', 'settled']) status!: string;
  @CodeField({ optional: true }) dismissal?: string;
}

export class PlanView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @CodeField() agency!: string;
  @OneOf(['open', 'closed', 'entered-in-error']) status!: string;
  @CodeField({ optional: true }) outcome?: string;
  @Whole(1, 10_000, { optional: true, description: 'The version in force' }) inForce?: number;
  @Part(() => PlanVersionView, { list: true }) versions!: PlanVersionView[];
  @Part(() => ProposalView, { list: true, description: 'What a counsellor has to decide: a referral came to nothing, or a need ended' }) proposals!: ProposalView[];
}

const versionView = (plan: Plan, { number, status, goals: own, notNow, choices, reviewOn, responsible, decisions }: PlanVersion): PlanVersionView => ({
  number, status, ...(reviewOn && { reviewOn }), ...(responsible && { responsible }),
  goals: own.map(({ goalId, needs, title, ownAim, levels, weight, actions }) =>
    ({ goalId, needs: [...needs], title: goals.coded(title), ownAim, levels: [...levels], weight, actions: [...actions] })),
  notNow: [...notNow],
  choices: choices.map(({ needs, goalIds, alternatives, decision, ...choice }) => ({
    ...choice, needs: [...needs], goalIds: [...goalIds], alternatives: [...alternatives],
    ...(decision && { decision: { choiceId: choice.choiceId, agreed: decision.agreed, alternatives: [...decision.alternatives] } }),
    referrals: plan.referrals.filter(({ choiceId }) => choiceId === choice.choiceId).map(({ choiceId: _, ...referral }) => referral),
  })),
  clientDecisions: [...decisions],
});

/** `drafts`: false for the client, before whom only what was submitted lies. */
export const planView = ({ id, state }: Stored<Plan>, drafts: boolean): PlanView => {
  const { clientId, agency, status, outcome, inForce, versions, proposals } = state;
  return {
    id, clientId, agency, status, ...(outcome && { outcome }), ...(inForce !== undefined && { inForce }),
    versions: versions.filter((version) => drafts || version.status !== 'draft').map((version) => versionView(state, version)),
    proposals: proposals.map((proposal) => 'need' in proposal ? { ...proposal, goalIds: [...proposal.goalIds], choiceIds: [...proposal.choiceIds] } : proposal),
  };
};
