import { Injectable } from '@nestjs/common';
import { isClient, isSelf, type Actor } from '@opora/access';
import { absent } from '@opora/domain';
import type { Stored } from '@opora/messaging';
import { pageOf, Reading, type Page, type PageQuery } from '@opora/service';
import { recommendationId } from './derived-ids.js';
import { Directory } from './directory.js';
import { match, type NeedOptions } from './domain/matching.js';
import { belongsTo, recorded, type Made, type Recommendation } from './domain/recommendation.js';
import { Recommendations } from './recommendations.store.js';

/** Which recommendations somebody may see, whether computed or recorded. */
@Injectable()
export class RecommendationDesk {
  constructor(private readonly recommendations: Recommendations, private readonly directory: Directory, private readonly reading: Reading) {}

  /** Undefined when nobody recorded it yet; somebody else's looks like none at all. */
  async mine(clientId: string, id: string, actor: Actor): Promise<Stored<Recommendation> | undefined> {
    const stored = await this.recommendations.load(id);
    if (stored && !(await this.sees(stored.state, clientId, actor))) throw absent('recommendation');
    return stored;
  }

  async sees(recommendation: Recommendation, clientId: string, actor: Actor): Promise<boolean> {
    if (!(await this.reading.records(clientId)).includes(recommendation.clientId)) return false;
    if (!(await this.reading.may(actor, { ...recommendation, id: recommendation.recommendationId, dataClass: 'D1' }, 'entry.read'))) return false;
    return isClient(actor) ? isSelf(actor, clientId) : (await this.owners(clientId, actor)).includes(belongsTo(recommendation));
  }

  /** What stands, newest first. */
  async page(clientId: string, query: PageQuery, actor: Actor): Promise<Page<Stored<Recommendation>>> {
    const whose = isClient(actor) ? {} : { belongs_to: await this.owners(clientId, actor) };
    return pageOf(this.recommendations, { client_id: await this.reading.records(clientId), status: recorded, ...whose }, query, (stored) => stored);
  }

  /** Confirmed needs × offers, and what became of each option so far. */
  async options(clientId: string, actor: Actor): Promise<{ needs: NeedOptions[]; statusOf: (id: string) => string }> {
    const confirmed = await this.directory.confirmedNeeds(clientId, actor);
    const manifests = await this.directory.manifests();
    const consented = await this.directory.consented(clientId);
    const needs = match({ needs: confirmed, manifests, consented, idOf: (need, offer) => recommendationId(need.clientId, need.ref, offer) });
    const decided = await this.recommendations.ofIds(needs.flatMap(({ options }) => options.map((option) => option.recommendationId)));
    const statuses = new Map(decided.map(({ id, state }) => [id, state.status]));
    return { needs, statusOf: (id) => recorded.find((status) => status === statuses.get(id)) ?? 'proposed' };
  }

  /** The computed option of this id, ready to be recorded. */
  async computed(clientId: string, id: string, actor: Actor): Promise<Made> {
    await this.directory.requireClient(clientId, actor);
    const { needs } = await this.options(clientId, actor);
    for (const { need, options } of needs) {
      const option = options.find(({ recommendationId: its }) => its === id);
      if (option) return { recommendationId: id, clientId: need.clientId, agency: need.agency, origin: 'matched', needs: [need.ref], offer: { module: option.module, offer: option.offer.code } };
    }
    throw absent('recommendation');
  }

  private async owners(clientId: string, actor: Actor): Promise<string[]> {
    return [actor.agency, ...await this.directory.readableNeeds(clientId, actor)];
  }
}
