import { Injectable } from '@nestjs/common';
import { isClient, mayShare, type Actor } from '@opora/access';
import { entryKey, topics, type Manifest, type PlanEntry, type Ref } from '@opora/contracts';
import { absent } from '@opora/domain';
import { Clock, Heads } from '@opora/messaging';
import { Reading } from '@opora/service';
import type { Ends, Need } from './domain/needs.js';
import type { Offerings } from './domain/offering.js';

/** What counselling knows from others: needs and offers of all modules, and what the person agreed to. */
@Injectable()
export class Directory {
  constructor(private readonly heads: Heads, private readonly reading: Reading, private readonly clock: Clock) {}

  /** The person's confirmed needs, of whatever module, as far as the actor may read them. */
  async confirmedNeeds(clientId: string, actor: Actor): Promise<Need[]> {
    const entries = await this.readable(clientId, actor);
    return entries.filter(({ kind, phase }) => kind === 'need' && phase === 'active')
      .map(({ module, entryId, clientId: keptUnder, title, agency, dataClass }) => ({ ref: { module, id: entryId }, clientId: keptUnder, title, agency, dataClass }));
  }

  /** The newest version of an entry of some module. */
  entry({ module, id }: Ref): Promise<PlanEntry | undefined> {
    return this.byKey(entryKey(module, id));
  }

  byKey(key: string): Promise<PlanEntry | undefined> {
    return this.heads.get(topics.planEntries.name, key);
  }

  async endsOf(needs: readonly Ref[]): Promise<Ends> {
    const ends = new Map<string, 'entered-in-error' | 'otherwise'>();
    for (const need of needs) {
      const entry = await this.entry(need);
      if (entry?.phase === 'ended') ends.set(entryKey(need.module, need.id), entry.reason?.code === 'entered-in-error' ? 'entered-in-error' : 'otherwise');
    }
    return ({ module, id }) => ends.get(entryKey(module, id));
  }

  /** Somebody of whom the actor may read nothing looks like somebody who does not exist. */
  async requireClient(clientId: string, actor: Actor): Promise<void> {
    const known = isClient(actor)
      ? await this.reading.may(actor, { clientId, agency: actor.agency, dataClass: 'D1' }, 'entry.read')
      : (await this.readable(clientId, actor)).length > 0;
    if (!known) throw absent('client');
  }

  manifests(): Promise<Manifest[]> {
    return this.heads.all(topics.modules.name);
  }

  async consented(clientId: string): Promise<(agency: string) => boolean> {
    const { consents } = await this.heads.person(clientId);
    const now = this.clock.now();
    return (agency) => mayShare(consents, 'referral', agency, 'D1', now);
  }

  async offerings(clientId: string): Promise<Offerings> {
    const consented = await this.consented(clientId);
    const manifests = (await this.manifests()).filter(({ lifecycle }) => lifecycle !== 'retiring');
    return ({ module, offer: code }) => {
      const offer = manifests.find((manifest) => manifest.module === module)?.offers.find((o) => o.code === code);
      return offer && { agency: offer.agency, availability: offer.availability, consented: consented(offer.agency) };
    };
  }

  private async readable(clientId: string, actor: Actor): Promise<PlanEntry[]> {
    const { ids, consents } = await this.heads.person(clientId);
    const entries = await this.heads.ofClients(topics.planEntries.name, ids);
    return entries.filter((entry) => this.reading.mayAsOf(consents, actor, { ...entry, id: entry.entryId }, 'entry.read'));
  }
}
