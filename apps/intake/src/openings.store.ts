import { Injectable } from '@nestjs/common';
import { Clock, Database, type Stored, type Visible } from '@opora/messaging';
import type { TableGauge } from '@opora/service';
import type { RecordOpening } from './domain/circumstances.js';
import type { ConsentRecord } from './domain/consent.js';

/** One opening, with whose record it is. */
export interface KeptOpening {
  readonly id: string;
  readonly state: { readonly clientId: string; readonly agency: string; readonly opening: RecordOpening };
}

const isOverdue = (now: string): string => `r.review_due < ${now}::text::timestamptz and not one ? 'review' and one->>'reviewDue' < ${now}::text`;

export const overdueReviews: TableGauge = {
  name: 'opora_opening_reviews_overdue', help: 'Openings by break-glass that a supervisor should have reviewed by now, and has not',
  sql: `select count(*)::int as value from consent_record r cross join jsonb_array_elements(r.state->'circumstances'->'openings') one where ${isOverdue('$1')}`,
};

/** Openings stand in the person's consent record; here they are found across people. */
@Injectable()
export class Openings {
  constructor(private readonly database: Database, private readonly clock: Clock) {}

  async recordOf(openingId: string): Promise<Stored<ConsentRecord> | undefined> {
    const rows = await this.database.query<Stored<ConsentRecord>>('select id, version, state from consent_record where opening_ids @> array[$1::uuid]', [openingId]);
    return rows[0];
  }

  /** Oldest first: the ids are of version 7. */
  page({ agency, review }: Readonly<Record<string, unknown>>, { after, limit }: { after?: string | undefined; limit: number }, visible?: Visible): Promise<KeptOpening[]> {
    const parameters: unknown[] = [];
    const add = (value: unknown) => `$${parameters.push(value)}`;
    const where = [
      `r.agency = ${add(agency)}`, `r.opening_ids <> '{}'`, ...(visible ? [visible.where('r', add)] : []),
      ...(review === 'open' ? [`r.review_due is not null and not one ? 'review'`] : review === 'overdue' ? [isOverdue(add(this.clock.now()))] : review === 'done' ? [`one ? 'review'`] : []),
      ...(after === undefined ? [] : [`one->>'openingId' > ${add(after)}`]),
    ];
    return this.database.query<KeptOpening>(
      `select one->>'openingId' as id, jsonb_build_object('clientId', r.client_id, 'agency', r.agency, 'opening', one) as state
       from consent_record r ${visible?.join('r') ?? ''} cross join jsonb_array_elements(r.state->'circumstances'->'openings') one
       where ${where.join(' and ')} order by id limit ${add(limit)}`, parameters);
  }
}
