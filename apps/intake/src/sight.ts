import type { Actor } from '@opora/access';
import { topics } from '@opora/contracts';
import type { Paged } from '@opora/service';

/** Lists by circumstances as intake has said them, in the same transaction; what comes back from the broker comes later. */
export const asSaid = <R extends { readonly id: string }>(store: Paged<R>): Paged<R> => ({
  page: (filter, page, visible) => store.page(filter, page, visible && { ...visible, join: ownWord }),
});

const ownWord = (table: string): string => `left join lateral (
  select said.body from snapshot said where said.topic = '${topics.consents.name}' and said.key = ${table}.client_id::text order by said.version desc limit 1) about on true`;

interface Kept { readonly agency: string }

/** Supervisors of the agency that keeps the record. */
export const oversees = (actor: Actor, { agency }: Kept): boolean => actor.roles.includes('supervisor') && actor.agency === agency;
