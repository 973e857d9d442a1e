import { Injectable } from '@nestjs/common';
import { entryKey, topics } from '@opora/contracts';
import { absent, type Act } from '@opora/domain';
import { Heads, newId, type Changed } from '@opora/messaging';
import type { PersonEraser } from '@opora/service';
import { Clients } from './clients.store.js';
import { Consents, recordOf } from './consents.store.js';
import { startErasing } from './domain/consent.js';
import { ask, confirm, type Erasure } from './domain/erasure.js';
import { Erasures } from './erasures.store.js';
import { People } from './people.js';

/** How an erasure begins. Call its methods in a transaction. */
@Injectable()
export class ErasureDesk implements PersonEraser {
  constructor(
    private readonly erasures: Erasures, private readonly consents: Consents, private readonly clients: Clients, private readonly people: People,
    private readonly heads: Heads,
  ) {}

  async ask({ clientId, agency, reason }: { clientId: string; agency: string; reason: string }, { by, at, ...act }: Act): Promise<Changed<Erasure>> {
    const erasureId = newId();
    await this.people.mustStandForItself(clientId);
    await this.erasures.refuseSecond(clientId);
    return this.erasures.change(erasureId, { ...act, by, at }, (e) => ask(e, { erasureId, clientId, agency, reason, by, at }));
  }

  /** Sharing ends at once; the modules erase as they hear of it. */
  async confirm(id: string, act: Act): Promise<Changed<Erasure>> {
    const { state: { clientId, agency } } = (await this.erasures.load(id))!;
    const [, ...aliases] = await this.people.records(clientId);
    const modules = (await this.heads.all(topics.modules.name)).map(({ module }) => module);
    const entries = (await this.heads.ofClients(topics.planEntries.name, [clientId, ...aliases])).map(({ module, entryId }) => entryKey(module, entryId));
    const result = await this.erasures.change(id, act, (e) => confirm(e, { by: act.by, at: act.at, aliases, modules, entries }));
    for (const one of [clientId, ...aliases]) await this.consents.change(recordOf(one), act, (r) => startErasing(r, { clientId: one, agency, erasureId: id, at: act.at }));
    return result;
  }

  /** The rule asks, a person confirms. */
  async erasePerson(clientId: string, act: Act): Promise<void> {
    const client = await this.clients.load(clientId);
    if (!client) throw absent('client');
    const { id } = await this.ask({ clientId, agency: client.state.agency, reason: 'purpose-reached' }, { ...act, by: 'retention' });
    await this.confirm(id, act);
  }
}
