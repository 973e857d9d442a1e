import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { DomainError } from '@opora/domain';
import { Clock, Database, newId } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, IfMatch, NeedsIfMatch, Performs, Reading, Recording } from '@opora/service';
import { Directory } from './directory.js';
import { activate } from './domain/activating.js';
import { close, decideByClient, enterInError, startReview, submit, withdrawSubmission } from './domain/agreeing.js';
import { dismissProposal } from './domain/answering.js';
import { draftVersion, open } from './domain/drafting.js';
import { PlanDesk, planPath } from './plan-desk.js';
import { PlanView, planView } from './plan-view.js';
import { ClosePlan, DecideOnPlan, DismissProposal, OpenPlan, PlanQuery } from './plans.dto.js';
import { Plans } from './plans.store.js';

@ApiTags('plans')
@Controller('v1/counselling/plans')
export class PlansController {
  constructor(
    private readonly plans: Plans, private readonly desk: PlanDesk, private readonly directory: Directory, private readonly reading: Reading,
    private readonly database: Database, private readonly clock: Clock,
  ) {}

  @Allow('plan.open') @Post() @Creates(PlanView)
  async openPlan(@Body() body: OpenPlan, @By() actor: Actor) {
    const { id: planId = newId(), clientId } = body;
    await this.directory.requireClient(clientId, actor);
    const act = actOf(actor, this.clock, body);
    return this.database.transaction(async () => {
      await this.plans.refuseSecond(await this.reading.records(clientId), actor.agency);
      const result = await this.plans.change(planId, act, (plan) => open(plan, { planId, clientId, agency: actor.agency, at: act.at }));
      return changed(result, planView(result, true), planPath(planId));
    });
  }

  @Allow('plan.list') @Get() @AnswersPage(PlanView)
  async listPlans(@Query() query: PlanQuery, @By() actor: Actor) {
    const { clientId, status } = query;
    return this.reading.page(this.plans, actor, 'D1', { client_id: clientId && await this.reading.records(clientId), status }, query, (stored) => planView(stored, !isClient(actor)));
  }

  @Allow('plan.read') @Get(':id') @Answers(PlanView)
  async getPlan(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.desk.mine(id, actor);
    return found(stored, planView(stored, !isClient(actor)));
  }

  @Allow('plan.submit') @NeedsIfMatch() @Post(':id/submit') @Performs(PlanView)
  submitPlan(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @IfMatch() expectedVersion: number, @By() actor: Actor) {
    return this.desk.change(id, body, actor, submit, expectedVersion);
  }

  @Allow('plan.withdraw-submission') @Post(':id/withdraw-submission') @Performs(PlanView)
  withdrawSubmission(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.desk.change(id, body, actor, withdrawSubmission);
  }

  /** By the client, or by a counsellor who names the client, or a representative, as `onBehalfOf`. */
  @Allow('plan.decide') @NeedsIfMatch() @Post(':id/client-decision') @Performs(PlanView)
  decideOnPlan(@Param('id', ParseUUIDPipe) id: string, @Body() body: DecideOnPlan, @IfMatch() expectedVersion: number, @By() actor: Actor) {
    const { decision, disagreement, choices = [], onBehalfOf } = body;
    if (!isClient(actor) && onBehalfOf === undefined) {
      throw new DomainError('invalid', 'on-behalf-missing', 'The decision is the client’s: say for whom you record it', [{ pointer: '/onBehalfOf', code: 'on-behalf-missing', detail: 'is needed unless the client decides here' }]);
    }
    return this.desk.change(id, body, actor, (plan, { by, at }) =>
      decideByClient(plan, { decision, by, at, choices, ...(onBehalfOf && { onBehalfOf }), ...(disagreement && { disagreement }) }), expectedVersion);
  }

  /** Asks a referral of each module whose offer the client agreed to. */
  @Allow('plan.activate') @NeedsIfMatch() @Post(':id/activate') @Performs(PlanView)
  activatePlan(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @IfMatch() expectedVersion: number, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { confirmed, offerings, at, recordedAt }) =>
      activate(plan, { confirmed, offerings, newReferralId: newId, at, now: recordedAt }), expectedVersion);
  }

  /** A change is a new version; the one in force stays in force until the new one is activated. */
  @Allow('plan.draft-version') @Post(':id/versions') @Performs(PlanView)
  draftPlanVersion(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.desk.change(id, body, actor, draftVersion);
  }

  @Allow('plan.review') @Post(':id/review') @Performs(PlanView)
  reviewPlan(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.desk.change(id, body, actor, startReview);
  }

  @Allow('plan.close') @Post(':id/close') @Performs(PlanView)
  closePlan(@Param('id', ParseUUIDPipe) id: string, @Body() body: ClosePlan, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { at }) => close(plan, { outcome: body.outcome, at }));
  }

  @Allow('plan.enter-in-error') @Post(':id/enter-in-error') @Performs(PlanView)
  enterPlanInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { at }) => enterInError(plan, { reason: body.reason, at }));
  }

  @Allow('proposal.dismiss') @Post(':id/proposals/:proposalId/dismiss') @Performs(PlanView)
  dismissProposal(@Param('id', ParseUUIDPipe) id: string, @Param('proposalId', ParseUUIDPipe) proposalId: string, @Body() body: DismissProposal, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { at }) => dismissProposal(plan, { proposalId, reason: body.reason, at }));
  }
}
