import { Injectable } from '@nestjs/common';
import { isClient, mayRead, type Actor } from '@opora/access';
import type { DataClass } from '@opora/contracts';
import { absent } from '@opora/domain';
import { Clock, type Stored } from '@opora/messaging';
import { Clients } from './clients.store.js';
import { Consents } from './consents.store.js';
import type { Client } from './domain/client.js';

/**
 * Whether a record is the caller's: the client's own, or kept by the caller's agency. Consent never opens records, answers and texts:
 * only plan entries, short names and a safe contact.
 */
export const isOwn = (actor: Actor, { clientId, agency }: { clientId?: string | undefined; agency: string }): boolean =>
  isClient(actor) ? actor.clientId === clientId : actor.agency === agency;

/** Answers with the record if it is the caller's; otherwise there is no such thing. */
export const requireOwn = <S extends { clientId?: string | undefined; agency: string }>(what: string, stored: Stored<S> | undefined, actor: Actor): Stored<S> => {
  if (!stored || !isOwn(actor, stored.state)) throw absent(what);
  return stored;
};

/** Who may see which person. */
@Injectable()
export class Care {
  constructor(private readonly clients: Clients, private readonly consents: Consents, private readonly clock: Clock) {}

  /** A record that was a mistake takes nothing more: for commands there is no such client. */
  async own(clientId: string, actor: Actor): Promise<Stored<Client>> {
    const stored = await this.onFile(clientId, actor);
    if (stored.state.status !== 'registered') throw absent('client');
    return stored;
  }

  /** For reading: also what was entered in error. */
  async onFile(clientId: string, actor: Actor): Promise<Stored<Client>> {
    return requireOwn('client', await this.clients.load(clientId), actor);
  }

  /** Of somebody in the caller's care: the own agency's client, or shared with it for coordination. For what may be said of a person, not read. */
  async shared(clientId: string, actor: Actor, dataClass: DataClass): Promise<Stored<Client>> {
    const [stored] = await this.within(await this.clients.many([clientId]), actor, dataClass);
    if (!stored) throw absent('client');
    return stored;
  }

  /** Leaves out whom the actor has nothing to do with. */
  async within(clients: readonly Stored<Client>[], actor: Actor, dataClass: DataClass = 'D1'): Promise<Stored<Client>[]> {
    const consents = await this.consents.states(clients.map(({ id }) => id));
    const now = this.clock.now();
    return clients.filter(({ id, state }) => state.status === 'registered'
      && mayRead(actor, { clientId: id, agency: state.agency, module: 'intake', dataClass }, consents.get(id), now));
  }
}
