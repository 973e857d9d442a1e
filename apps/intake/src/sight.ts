import { isClient, type Actor } from '@opora/access';
import { topics, type ConsentState } from '@opora/contracts';
import type { Paged } from '@opora/service';
import type { Withheld } from './domain/withholding.js';

/** Lists by circumstances as intake has said them, in the same transaction; what comes back from the broker comes later. */
export const asSaid = <R extends { readonly id: string }>(store: Paged<R>): Paged<R> => ({
  page: (filter, page, visible) => store.page(filter, page, visible && { ...visible, join: ownWord }),
});

const ownWord = (table: string): string => `left join lateral (
  select said.body from snapshot said where said.topic = '${topics.consents.name}' and said.key = ${table}.client_id::text order by said.version desc limit 1) about on true`;

interface Kept { readonly agency: string }

/** Supervisors of the agency that keeps the record. */
export const oversees = (actor: Actor, { agency }: Kept): boolean => actor.roles.includes('supervisor') && actor.agency === agency;

/**
 * What of the record is left out for this reader: a safe address is for the care team and supervisors of the keeping agency, a
 * code word for the care team and that agency's intake. Not for the person's own screen either: others may look at it.
 */
export const withheldFrom = (actor: Actor, kept: Kept, state: ConsentState | undefined): ReadonlySet<Withheld> => {
  const ours = !isClient(actor) && actor.agency === kept.agency;
  const cares = ours && (state?.team?.includes(actor.sub) ?? false);
  return new Set<Withheld>([
    ...(cares || oversees(actor, kept) ? [] : ['address' as const]),
    ...(cares || (ours && actor.roles.includes('intake-worker')) ? [] : ['code-word' as const]),
  ]);
};
