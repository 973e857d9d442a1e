import { mayRead, mayShare, type Actor, type Readable } from '@opora/access';
import { topics, type ConsentState, type DataClass, type Purpose } from '@opora/contracts';
import { absent } from '@opora/domain';
import type { Clock, Heads } from '@opora/messaging';

/** The access decisions that need the person's consents. What may not be read looks like what does not exist. */
export class Reading {
  constructor(private readonly module: string, private readonly heads: Heads, private readonly clock: Clock) {}

  consents(clientId: string): Promise<ConsentState | undefined> {
    return this.heads.get(topics.consents.name, clientId);
  }

  async may(actor: Actor, resource: Omit<Readable, 'module'>): Promise<boolean> {
    return mayRead(actor, { ...resource, module: this.module }, await this.consents(resource.clientId), this.clock.now());
  }

  /** Answers with the thing if the actor may read it; otherwise there is no such thing. */
  async require<T>(what: string, thing: T | undefined, actor: Actor, label: (thing: T) => Omit<Readable, 'module'>): Promise<T> {
    if (thing === undefined || !(await this.may(actor, label(thing)))) throw absent(what);
    return thing;
  }

  async mayShare(clientId: string, purpose: Purpose, recipient: string, dataClass: DataClass): Promise<boolean> {
    return mayShare(await this.consents(clientId), purpose, recipient, dataClass, this.clock.now());
  }
}
