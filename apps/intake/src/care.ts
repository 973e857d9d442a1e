import { Injectable } from '@nestjs/common';
import type { Actor } from '@opora/access';
import type { ConsentState, DataClass } from '@opora/contracts';
import { absent } from '@opora/domain';
import type { Stored } from '@opora/messaging';
import { Reading } from '@opora/service';
import { Clients } from './clients.store.js';
import { Consents } from './consents.store.js';
import type { Client } from './domain/client.js';
import type { Withheld } from './domain/withholding.js';

interface Kept { readonly clientId?: string | undefined; readonly agency: string }

/** Who may see which person. Circumstances are asked of intake's own records: what others hear comes later. */
@Injectable()
export class Care {
  constructor(private readonly clients: Clients, private readonly consents: Consents, private readonly reading: Reading) {}

  /** Whether the actor may do to this record what the request is about. */
  async may(actor: Actor, { id, state: { clientId, agency } }: Stored<Kept>, dataClass: DataClass = 'D1'): Promise<boolean> {
    return this.reading.mayAsOf(await this.circumstances(clientId), actor, { id, clientId, agency, dataClass });
  }

  /** Answers with the record if the actor may; otherwise there is no such thing. */
  async require<S extends Kept>(what: string, stored: Stored<S> | undefined, actor: Actor, dataClass: DataClass = 'D1'): Promise<Stored<S>> {
    return this.reading.require(what, stored, actor, ({ id, state: { clientId, agency } }) => ({ id, clientId, agency, dataClass }), await this.circumstances(stored?.state.clientId));
  }

  /** A record that was a mistake takes nothing more: for commands there is no such client. */
  async own(clientId: string, actor: Actor): Promise<Stored<Client>> {
    const stored = await this.onFile(clientId, actor);
    if (stored.state.status !== 'registered') throw absent('client');
    return stored;
  }

  /** For reading: also what was entered in error. */
  async onFile(clientId: string, actor: Actor): Promise<Stored<Client>> {
    return this.require('client', await this.clients.load(clientId), actor);
  }

  /** Of somebody in the caller's care: the own agency's client, or shared with it for coordination. For what may be said of a person, not read. */
  async shared(clientId: string, actor: Actor, dataClass: DataClass): Promise<Stored<Client>> {
    const [stored] = await this.within(await this.clients.many([clientId]), actor, dataClass);
    if (!stored) throw absent('client');
    return stored;
  }

  /** Leaves out whom the actor has nothing to do with. */
  async within<C extends Stored<Client>>(clients: readonly C[], actor: Actor, dataClass: DataClass = 'D1'): Promise<C[]> {
    const consents = await this.consents.states(clients.map(({ id }) => id));
    return clients.filter(({ id, state: { status, agency } }) => status === 'registered'
      && this.reading.mayAsOf(consents.get(id), actor, { id, clientId: id, agency, dataClass }, 'entry.read'));
  }

  /** Leaves out whom the actor may not read: a hint must not tell of them. */
  async readable<C extends Stored<Client>>(clients: readonly C[], actor: Actor): Promise<C[]> {
    const consents = await this.consents.states(clients.map(({ id }) => id));
    return clients.filter(({ id, state: { agency } }) => this.reading.mayAsOf(consents.get(id), actor, { id, clientId: id, agency, dataClass: 'D1' }, 'client.read'));
  }

  /** What of the client's record is left out for this reader. */
  async withheld(clientId: string, agency: string, actor: Actor): Promise<ReadonlySet<Withheld>> {
    const parts = { address: 'client.safe-address', 'code-word': 'client.code-word' } as const;
    return this.reading.withheld(await this.circumstances(clientId), actor, { id: clientId, clientId, agency, dataClass: 'D1' }, parts);
  }

  /** As they stand this moment. Whom nobody knows yet has none. */
  async circumstances(clientId: string | undefined): Promise<ConsentState | undefined> {
    return clientId === undefined ? undefined : (await this.consents.states([clientId])).get(clientId);
  }
}
