import { Injectable } from '@nestjs/common';
import type { Actor } from '@opora/access';
import { absent } from '@opora/domain';
import type { Stored } from '@opora/messaging';
import { pageOf, Reading, type Labelled, type Page, type PageQuery } from '@opora/service';
import { recommendationId } from './derived-ids.js';
import { Directory } from './directory.js';
import { match, type NeedOptions } from './domain/matching.js';
import { belongsTo, recorded, type Made, type Recommendation } from './domain/recommendation.js';
import { Recommendations } from './recommendations.store.js';

/** Finds recommendations, computed or recorded. Who may see which, the policies say: a matched one is as its need, a counsellor's own is counselling's. */
@Injectable()
export class RecommendationDesk {
  constructor(private readonly recommendations: Recommendations, private readonly directory: Directory, private readonly reading: Reading) {}

  /** Undefined when nobody recorded it yet; somebody else's looks like none at all. */
  async mine(clientId: string, id: string, actor: Actor): Promise<Stored<Recommendation> | undefined> {
    const stored = await this.recommendations.load(id);
    if (stored && !(await this.may(stored.state, clientId, actor))) throw absent('recommendation');
    return stored;
  }

  /** Whether the actor may do to it what the request is about, or `action`. */
  async may(recommendation: Recommendation, clientId: string, actor: Actor, action?: string): Promise<boolean> {
    if (!(await this.reading.records(clientId)).includes(recommendation.clientId)) return false;
    return this.reading.may(actor, { ...await this.label(clientId, belongsTo(recommendation)), id: recommendation.recommendationId }, action);
  }

  /** What stands, newest first. What belongs to the same is shown to the same. */
  async page(clientId: string, query: PageQuery, actor: Actor): Promise<Page<Stored<Recommendation>>> {
    const records = await this.reading.records(clientId);
    const readable: string[] = [];
    for (const owner of await this.recommendations.owners(records)) {
      if (await this.reading.may(actor, await this.label(clientId, owner))) readable.push(owner);
    }
    return pageOf(this.recommendations, { client_id: records, status: recorded, belongs_to: readable }, query, (stored) => stored);
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

  /** As the policies know it. */
  private async label(clientId: string, owner: string): Promise<Labelled> {
    const need = await this.directory.byKey(owner);
    return need ? { ...need, id: need.entryId } : { clientId, agency: owner, dataClass: 'D1' };
  }
}
