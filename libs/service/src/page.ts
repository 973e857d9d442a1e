import { hashOf } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import type { Visible } from '@opora/messaging';
import { isUUID } from 'class-validator';
import { Text, Whole } from './fields.js';

/** Query parameters of every list. */
export class PageQuery {
  @Text(400, { optional: true, description: 'The `next` of the page before' })
  cursor?: string;

  @Whole(1, 200, { optional: true, description: 'How many at most; 50 unless said' })
  limit?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** A cursor is good only for the list that gave it out: it carries a hash of the filter. */
const encode = (filter: object, last: string): string => Buffer.from(JSON.stringify([hashOf(filter).slice(0, 16), last])).toString('base64url');

const decode = (filter: object, cursor: string, isId: (last: unknown) => boolean): string => {
  try {
    const [hash, last] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (hash === hashOf(filter).slice(0, 16) && isId(last)) return last as string;
  } catch { /* falls through to the refusal */ }
  throw new DomainError('invalid', 'cursor-invalid', 'This cursor belongs to another list or filter; start without it', [{ pointer: '/cursor', code: 'cursor-invalid', detail: 'is not of this list' }]);
};

/** A store, or whatever else answers in a fixed order. */
export interface Paged<R extends { readonly id: string }> {
  page(filter: Readonly<Record<string, unknown>>, page: { after?: string | undefined; limit: number }, visible?: Visible): Promise<readonly R[]>;
}

/** One page of a store's aggregates, newest first, as the caller may see them. `isId`: what their ids look like. */
export const pageOf = async <R extends { readonly id: string }, T>(
  store: Paged<R>, filter: Readonly<Record<string, unknown>>, query: PageQuery, view: (row: R) => T,
  isId: (last: unknown) => boolean = isUUID, visible?: Visible,
): Promise<Page<T>> => {
  const limit = query.limit ?? 50;
  const rows = await store.page(filter, { limit: limit + 1, after: query.cursor === undefined ? undefined : decode(filter, query.cursor, isId) }, visible);
  const items = rows.slice(0, limit).map(view);
  return rows.length > limit ? { items, next: encode(filter, rows[limit - 1]!.id) } : { items };
};
