import type { ConsentState, DataClass } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { isClient, worksIn, type Actor } from './actor.js';
import { mayShare } from './may-share.js';

/** What a read rule needs to know of the thing that is read. */
export interface Readable {
  readonly clientId: string;
  readonly agency: string;
  readonly module: string;
  readonly dataClass: DataClass;
}

/**
 * The first read rule. A client reads the own record. Staff read what their own agency recorded, and what consent shares
 * with their agency. Privileged data (D3) stays with the module that recorded it, whatever the consent says.
 */
export const mayRead = (actor: Actor, resource: Readable, consents: ConsentState | undefined, at: Instant): boolean => {
  if (isClient(actor)) return actor.clientId === resource.clientId || (consents?.aliases.includes(actor.clientId ?? '') ?? false);
  if (resource.dataClass === 'D3') return worksIn(actor, resource.module) && actor.agency === resource.agency;
  return actor.agency === resource.agency || mayShare(consents, 'coordination', actor.agency, resource.dataClass, at);
};
