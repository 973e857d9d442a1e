import { Body, Controller, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { DomainError } from '@opora/domain';
import { newId } from '@opora/messaging';
import { By, Performs, Recording } from '@opora/service';
import { addGoal, choose, dropChoice, nameResponsible, putOff, removeGoal, setReviewDate } from './domain/drafting.js';
import { AddGoal, ChooseOffer, NameResponsible, PutOffNeed, SetReviewDate } from './drafting.dto.js';
import { PlanDesk } from './plan-desk.js';
import { PlanView } from './plan-view.js';
import { RecommendationDesk } from './recommendation-desk.js';
import { Recommendations } from './recommendations.store.js';

/** What a counsellor writes into the draft. */
@ApiTags('plans')
@Controller('v1/counselling/plans/:id')
export class DraftingController {
  constructor(
    private readonly desk: PlanDesk, private readonly recommendations: Recommendations, private readonly recommendationDesk: RecommendationDesk,
  ) {}

  @Allow('plan.add-goal') @Post('goals') @Performs(PlanView)
  addGoal(@Param('id', ParseUUIDPipe) id: string, @Body() body: AddGoal, @By() actor: Actor) {
    const { needs, title = 'personal-goal', ownAim, levels = [], weight = 1, actions = [] } = body;
    const goal = { goalId: newId(), needs, title, ownAim, levels, weight, actions: actions.map((action) => ({ id: newId(), ...action })) };
    return this.desk.change(id, body, actor, (plan, { confirmed, at }) => addGoal(plan, { goal, confirmed, at }));
  }

  @Allow('plan.remove-goal') @Post('goals/:goalId/remove') @Performs(PlanView)
  removeGoal(@Param('id', ParseUUIDPipe) id: string, @Param('goalId', ParseUUIDPipe) goalId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { at }) => removeGoal(plan, { goalId, at }));
  }

  /** The need waits, with the reason; adding a goal for it takes it up again. */
  @Allow('plan.put-off-need') @Post('not-now') @Performs(PlanView)
  putOffNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: PutOffNeed, @By() actor: Actor) {
    const { need, reason } = body;
    return this.desk.change(id, body, actor, (plan, { confirmed, at }) => putOff(plan, { need, reason, confirmed, at }));
  }

  @Allow('plan.choose-offer') @Post('choices') @Performs(PlanView)
  async chooseOffer(@Param('id', ParseUUIDPipe) id: string, @Body() body: ChooseOffer, @By() actor: Actor) {
    const { needs, module, offer, goalIds = [], urgency, alternatives = [], recommendationId } = body;
    if (recommendationId !== undefined) await this.requireRecommendation(recommendationId, id, actor);
    const choice = { choiceId: newId(), needs, module, offer, goalIds, urgency, alternatives, ...(recommendationId && { recommendationId }) };
    return this.desk.change(id, body, actor, (plan, { confirmed, offerings, at }) => choose(plan, { choice, confirmed, offerings, at }));
  }

  @Allow('plan.drop-choice') @Post('choices/:choiceId/drop') @Performs(PlanView)
  dropChoice(@Param('id', ParseUUIDPipe) id: string, @Param('choiceId', ParseUUIDPipe) choiceId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { at }) => dropChoice(plan, { choiceId, at }));
  }

  @Allow('plan.set-review-date') @Post('review-date') @Performs(PlanView)
  setReviewDate(@Param('id', ParseUUIDPipe) id: string, @Body() body: SetReviewDate, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { today, at }) => setReviewDate(plan, { reviewOn: body.reviewOn, today, at }));
  }

  @Allow('plan.name-responsible') @Post('responsible') @Performs(PlanView)
  nameResponsible(@Param('id', ParseUUIDPipe) id: string, @Body() body: NameResponsible, @By() actor: Actor) {
    return this.desk.change(id, body, actor, (plan, { at }) => nameResponsible(plan, { responsible: body.responsible, at }));
  }

  /** A choice may follow a recommendation about the same person that a person has taken. */
  private async requireRecommendation(recommendationId: string, planId: string, actor: Actor): Promise<void> {
    const { state: { clientId } } = await this.desk.mine(planId, actor);
    const recommendation = (await this.recommendations.load(recommendationId))?.state;
    const taken = recommendation?.status === 'accepted' || recommendation?.status === 'modified';
    if (taken && await this.recommendationDesk.may(recommendation, clientId, actor, 'recommendation.read')) return;
    throw new DomainError('invalid', 'recommendation-unknown', 'Name a recommendation about this person that was accepted or modified, or leave it out',
      [{ pointer: '/recommendationId', code: 'recommendation-unknown', detail: 'is no taken recommendation about this person' }]);
  }
}
