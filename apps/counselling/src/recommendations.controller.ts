import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent } from '@opora/domain';
import { Clock, newId } from '@opora/messaging';
import { actOf, Answers, By, changed, Creates, EnterInError, found, PageQuery, Performs, Recording } from '@opora/service';
import { Directory } from './directory.js';
import { confirmedAmong } from './domain/needs.js';
import { mustBeOpen } from './domain/offering.js';
import { enterInError, judge, make, type Verdict } from './domain/recommendation.js';
import { RecommendationDesk } from './recommendation-desk.js';
import { DeclineRecommendation, MakeRecommendation, ModifyRecommendation, RecommendationsView, recommendationView, RecommendationView } from './recommendations.dto.js';
import { Recommendations } from './recommendations.store.js';

const path = (clientId: string, id: string) => `/v1/counselling/clients/${clientId}/recommendations/${id}`;

@ApiTags('recommendations')
@Controller('v1/counselling/clients/:clientId/recommendations')
export class RecommendationsController {
  constructor(
    private readonly recommendations: Recommendations, private readonly desk: RecommendationDesk, private readonly directory: Directory, private readonly clock: Clock,
  ) {}

  /** Confirmed needs × the offers of all modules, options side by side, each with its reason; and what was recommended so far. */
  @Allow('recommendation.list') @Get() @Answers(RecommendationsView)
  async listRecommendations(@Param('clientId', ParseUUIDPipe) clientId: string, @Query() query: PageQuery, @By() actor: Actor): Promise<RecommendationsView> {
    await this.directory.requireClient(clientId, actor);
    const { needs, statusOf } = await this.desk.options(clientId, actor);
    const { items, next } = await this.desk.page(clientId, query, actor);
    return {
      clientId,
      needs: needs.map(({ need, options }) => ({
        need: need.ref, title: need.title,
        options: options.map(({ recommendationId: id, module, offer: { code, needs: _, ...offer }, choosable, reason }) =>
          ({ recommendationId: id, module, offer: code, ...offer, choosable, reason, status: statusOf(id) })),
      })),
      recorded: items.map(recommendationView), ...(next && { next }),
    };
  }

  @Allow('recommendation.read') @Get(':id') @Answers(RecommendationView)
  async getRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.desk.mine(clientId, id, actor);
    if (!stored) throw absent('recommendation');
    return found(stored, recommendationView(stored));
  }

  /** The counsellor's own recommendation, with the written conclusion. */
  @Allow('recommendation.make') @Post() @Creates(RecommendationView)
  async makeRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Body() body: MakeRecommendation, @By() actor: Actor) {
    await this.directory.requireClient(clientId, actor);
    const { id = newId(), needs, offer, conclusion } = body;
    confirmedAmong(await this.directory.confirmedNeeds(clientId, actor), needs, '/needs');
    if (offer) mustBeOpen((await this.directory.offerings(clientId))(offer), '/offer');
    const act = actOf(actor, this.clock, body);
    const made = { recommendationId: id, clientId, agency: actor.agency, origin: 'counsellor' as const, needs, conclusion, ...(offer && { offer }) };
    const result = await this.recommendations.change(id, act, (r) => make(r, made, act));
    return changed(result, recommendationView(result), path(clientId, id));
  }

  @Allow('recommendation.accept') @Post(':id/accept') @Performs(RecommendationView)
  acceptRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.judge(clientId, id, body, actor, { kind: 'accept' });
  }

  @Allow('recommendation.modify') @Post(':id/modify') @Performs(RecommendationView)
  modifyRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: ModifyRecommendation, @By() actor: Actor) {
    return this.judge(clientId, id, body, actor, { kind: 'modify', instead: body.instead });
  }

  @Allow('recommendation.decline') @Post(':id/decline') @Performs(RecommendationView)
  declineRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: DeclineRecommendation, @By() actor: Actor) {
    return this.judge(clientId, id, body, actor, { kind: 'decline', reason: body.reason });
  }

  @Allow('recommendation.enter-in-error') @Post(':id/enter-in-error') @Performs(RecommendationView)
  async enterRecommendationInError(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    await this.desk.mine(clientId, id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.recommendations.change(id, act, (r) => enterInError(r, { reason: body.reason, at: act.at }));
    return changed(result, recommendationView(result), path(clientId, id));
  }

  private async judge(clientId: string, id: string, body: Recording, actor: Actor, verdict: Verdict) {
    const recorded = await this.desk.mine(clientId, id, actor);
    const matched = recorded && recorded.state.status !== 'entered-in-error' ? undefined : await this.desk.computed(clientId, id, actor);
    const offerings = await this.directory.offerings(clientId);
    const act = actOf(actor, this.clock, body);
    const result = await this.recommendations.change(id, act, (r) => judge(r, { verdict, matched, offerings, at: act.at }));
    return changed(result, recommendationView(result), path(clientId, id));
  }
}
