import { Injectable } from '@nestjs/common';
import { isClient, mayRead, type Actor } from '@opora/access';
import { absent } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { Clients } from './clients.store.js';
import { Consents } from './consents.store.js';
import type { Client } from './domain/client.js';

export interface Look {
  readonly action: 'read' | 'display' | 'search';
  readonly purpose?: string | undefined;
}

/** Who may see which person, and the record of who looked. */
@Injectable()
export class Care {
  constructor(private readonly clients: Clients, private readonly consents: Consents, private readonly database: Database, private readonly clock: Clock) {}

  /**
   * The whole record: for the agency that keeps it and for the client. Consent shares the short name and a safe contact only.
   * A record that was a mistake takes nothing more: for commands there is no such client.
   */
  async own(clientId: string, actor: Actor): Promise<Stored<Client>> {
    const stored = await this.onFile(clientId, actor);
    if (stored.state.status !== 'registered') throw absent('client');
    return stored;
  }

  /** For reading: also what was entered in error. */
  async onFile(clientId: string, actor: Actor): Promise<Stored<Client>> {
    const stored = await this.clients.load(clientId);
    const mine = isClient(actor) ? actor.clientId === clientId : actor.agency === stored?.state.agency;
    if (!stored || !mine) throw absent('client');
    return stored;
  }

  /** Leaves out whom the actor has nothing to do with: neither the own agency's client nor shared with it for coordination. */
  async within(clients: readonly Stored<Client>[], actor: Actor): Promise<Stored<Client>[]> {
    const consents = await this.consents.states(clients.map(({ id }) => id));
    const now = this.clock.now();
    return clients.filter(({ id, state }) => state.status === 'registered'
      && mayRead(actor, { clientId: id, agency: state.agency, module: 'intake', dataClass: 'D1' }, consents.get(id), now));
  }

  /** Call in the transaction of the answer: who looked is on record before anything is shown. */
  async record(actor: Actor, { action, purpose }: Look, clientIds: readonly string[]): Promise<void> {
    await this.database.query('insert into display_audit (id, at, by, agency, action, purpose, client_ids) values ($1, $2, $3, $4, $5, $6, $7)',
      [newId(), this.clock.now(), actor.sub, actor.agency, action, purpose ?? null, clientIds]);
  }
}
