import { Body, Controller, Get, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { absent } from '@opora/domain';
import { Clock, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, By, changed, Creates, EnterInError, found, Performs, Recording } from '@opora/service';
import { recommendationId } from './derived-ids.js';
import { Directory } from './directory.js';
import { match, type NeedOptions } from './domain/matching.js';
import { confirmedAmong } from './domain/needs.js';
import { mustBeOpen } from './domain/offering.js';
import { enterInError, judge, make, type Recommendation, type Verdict } from './domain/recommendation.js';
import { DeclineRecommendation, MakeRecommendation, ModifyRecommendation, RecommendationsView, RecommendationView } from './recommendations.dto.js';
import { Recommendations } from './recommendations.store.js';

const path = (clientId: string, id: string) => `/v1/counselling/clients/${clientId}/recommendations/${id}`;

@ApiTags('recommendations')
@Controller('v1/counselling/clients/:clientId/recommendations')
export class RecommendationsController {
  constructor(private readonly recommendations: Recommendations, private readonly directory: Directory, private readonly clock: Clock) {}

  /** Confirmed needs × the offers of all modules, options side by side, each with its reason; and what was recommended so far. */
  @Allow('recommendation.list', 'counsellor', 'supervisor', 'client') @Get() @Answers(RecommendationsView)
  async listRecommendations(@Param('clientId', ParseUUIDPipe) clientId: string, @By() actor: Actor): Promise<RecommendationsView> {
    await this.directory.requireClient(clientId, actor);
    const recorded = await this.recommendations.page({ client_id: clientId, ...(!isClient(actor) && { agency: actor.agency }) }, { limit: 200 });
    const valid = recorded.filter(({ state }) => state.status !== 'entered-in-error');
    const decided = new Map(valid.map(({ id, state }) => [id, state.status]));
    const needs = (await this.options(clientId, actor)).map(({ need, options }) => ({
      need: need.ref, title: need.title,
      options: options.map(({ recommendationId: id, module, offer: { code, needs: _, ...offer }, choosable, reason }) =>
        ({ recommendationId: id, module, offer: code, ...offer, choosable, reason, status: decided.get(id) ?? 'proposed' })),
    }));
    return { clientId, needs, recorded: valid.map(view) };
  }

  @Allow('recommendation.read', 'counsellor', 'supervisor', 'client') @Get(':id') @Answers(RecommendationView)
  async getRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(clientId, id, actor);
    if (!stored) throw absent('recommendation');
    return found(stored, view(stored));
  }

  /** The counsellor's own recommendation, with the written conclusion. */
  @Allow('recommendation.make', 'counsellor') @Post() @Creates(RecommendationView)
  async makeRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Body() body: MakeRecommendation, @By() actor: Actor) {
    await this.directory.requireClient(clientId, actor);
    const { needs, offer, conclusion } = body;
    confirmedAmong(await this.directory.confirmedNeeds(clientId, actor), needs, '/needs');
    if (offer) mustBeOpen((await this.directory.offerings(clientId))(offer), '/offer');
    const act = actOf(actor, this.clock, body);
    const id = newId();
    const made = { recommendationId: id, clientId, agency: actor.agency, origin: 'counsellor' as const, needs, conclusion, ...(offer && { offer }) };
    const result = await this.recommendations.change(id, act, (r) => make(r, made, act));
    return changed(result, view(result), path(clientId, id));
  }

  @Allow('recommendation.accept', 'counsellor', 'client') @Post(':id/accept') @Performs(RecommendationView)
  acceptRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.judge(clientId, id, body, actor, { kind: 'accept' });
  }

  @Allow('recommendation.modify', 'counsellor', 'client') @Post(':id/modify') @Performs(RecommendationView)
  modifyRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: ModifyRecommendation, @By() actor: Actor) {
    return this.judge(clientId, id, body, actor, { kind: 'modify', instead: body.instead });
  }

  @Allow('recommendation.decline', 'counsellor', 'client') @Post(':id/decline') @Performs(RecommendationView)
  declineRecommendation(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: DeclineRecommendation, @By() actor: Actor) {
    return this.judge(clientId, id, body, actor, { kind: 'decline', reason: body.reason });
  }

  @Allow('recommendation.enter-in-error', 'counsellor', 'supervisor') @Post(':id/enter-in-error') @Performs(RecommendationView)
  async enterRecommendationInError(@Param('clientId', ParseUUIDPipe) clientId: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    await this.mine(clientId, id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.recommendations.change(id, act, (r) => enterInError(r, { reason: body.reason, at: act.at }));
    return changed(result, view(result), path(clientId, id));
  }

  private async judge(clientId: string, id: string, body: Recording, actor: Actor, verdict: Verdict) {
    const recorded = await this.mine(clientId, id, actor);
    const matched = recorded && recorded.state.status !== 'entered-in-error' ? undefined : await this.computed(clientId, id, actor);
    const offerings = await this.directory.offerings(clientId);
    const act = actOf(actor, this.clock, body);
    const result = await this.recommendations.change(id, act, (r) => judge(r, { verdict, matched, offerings, at: act.at }));
    return changed(result, view(result), path(clientId, id));
  }

  /** The computed option of this id, ready to be recorded. */
  private async computed(clientId: string, id: string, actor: Actor) {
    await this.directory.requireClient(clientId, actor);
    const option = (await this.options(clientId, actor)).flatMap(({ options }) => options).find((o) => o.recommendationId === id);
    if (!option) throw absent('recommendation');
    const { module, offer: { code: offer }, reason } = option;
    return { recommendationId: id, clientId, agency: actor.agency, origin: 'matched' as const, needs: [reason.need], offer: { module, offer } };
  }

  private async options(clientId: string, actor: Actor): Promise<NeedOptions[]> {
    const [needs, manifests, consented] = await Promise.all([this.directory.confirmedNeeds(clientId, actor), this.directory.manifests(), this.directory.consented(clientId)]);
    return match({ needs, manifests, consented, idOf: (need, offer) => recommendationId(clientId, need, offer) });
  }

  /** Undefined when nobody recorded it yet; somebody else's looks like none at all. */
  private async mine(clientId: string, id: string, actor: Actor): Promise<Stored<Recommendation> | undefined> {
    const stored = await this.recommendations.load(id);
    if (!stored) return undefined;
    const { state } = stored;
    const own = isClient(actor) ? state.clientId === actor.clientId : state.agency === actor.agency;
    if (!own || state.clientId !== clientId) throw absent('recommendation');
    return stored;
  }
}

const view = ({ id, state }: Stored<Recommendation>): RecommendationView => {
  const { clientId, origin, status, needs, offer, conclusion } = state;
  return {
    id, clientId, origin, status, needs: [...needs], ...(offer && { offer }), ...(status === 'modified' && { instead: state.instead }),
    ...(status === 'declined' && { reason: state.reason }), ...(conclusion && { conclusion }),
  };
};
