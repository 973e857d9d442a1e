import { Injectable } from '@nestjs/common';
import { entryKey, planEntryRecorded } from '@opora/contracts';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import type { Instant } from '@opora/domain';
import { evolve, nextDeadline, over, type Matter, type MatterFact } from './domain/matter.js';
import { lookAt } from './domain/matter-deadlines.js';
import { planEntries } from './domain/matter-entries.js';

const matter: Aggregate<Matter, MatterFact> = {
  name: 'matter',
  table: 'matter',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({
    client_id: state.clientId, agency: state.agency, offer: state.offer, status: state.status, referral_id: state.referralId,
    next_deadline: nextDeadline(state)?.day ?? null, look_at: lookAt(state),
  }),
  notExported: {
    leaveOut: (key) => key === 'adverseParties' || key === 'parties' || key === 'proof',
    told: [{
      what: { en: 'Who stands on the other side of your case', ru: 'Кто стоит на другой стороне вашего дела' },
      why: { en: 'It is about other people.', ru: 'Это о других людях.' },
    }],
  },
};

@Injectable()
export class Matters extends Store<Matter, MatterFact> {
  constructor(tools: StoreTools) {
    super(matter, tools);
  }

  /** Call in the transaction that opens a matter: another one for the same person waits until it ends. */
  async hasOpen(clientIds: readonly string[], { offer, agency }: { offer: string; agency: string }): Promise<boolean> {
    await this.tools.database.query(`select pg_advisory_xact_lock(hashtextextended('matter ' || current_schema() || id, 0)) from (select id from unnest($1::text[]) as k (id) order by id) as sorted`, [clientIds]);
    const rows = await this.tools.database.query(
      'select 1 from matter where client_id = any($1) and offer = $2 and agency = $3 and status <> all($4) limit 1', [clientIds, offer, agency, over]);
    return rows.length > 0;
  }

  /** Matters in which a deadline approaches or passes by now: the next hundred. */
  async due(now: Instant, after: string | undefined): Promise<string[]> {
    const rows = await this.tools.database.query<{ id: string }>('select id from matter where look_at <= $1 and ($2::uuid is null or id > $2) order by id limit 100', [now, after ?? null]);
    return rows.map(({ id }) => id);
  }

  /** After nothing was to be said: not again before there is. */
  async lookAgain(id: string, at: Instant | null): Promise<void> {
    await this.tools.database.query('update matter set look_at = $2 where id = $1 and look_at is distinct from $2', [id, at]);
  }

  /** Matters whose deadlines were computed before this document of law came: the next hundred. */
  async computedBefore(serial: number, after: string | undefined): Promise<string[]> {
    const rows = await this.tools.database.query<{ id: string }>(
      'select id from matter where law_serial < $1 and status <> all($2) and ($3::uuid is null or id > $3) order by id limit 100', [serial, over, after ?? null]);
    return rows.map(({ id }) => id);
  }

  /** Call in the transaction that computed. An earlier serial counts: what came between the two is looked at again. */
  async computedWith(id: string, serial: number, { onlyLower = false } = {}): Promise<void> {
    await this.tools.database.query(`update matter set law_serial = ${onlyLower ? 'least(law_serial, $2)' : 'greatest(law_serial, $2)'} where id = $1`, [id, serial]);
  }

  /** Matters not yet over of these records, and of all that were one person with any of them when last looked at. */
  async ofClients(clientIds: readonly string[]): Promise<{ id: string; clientId: string }[]> {
    return this.tools.database.query(
      `select id, client_id as "clientId" from matter where client_id = any($1) and status <> all($2)
       union select id, client_id from matter where state->'mergedWith' is not null and state->'mergedWith' ?| $1::text[] and status <> all($2) order by id`, [clientIds, over]);
  }

  async ofReferral(referralId: string): Promise<string | undefined> {
    const rows = await this.tools.database.query<{ id: string }>('select id from matter where referral_id = $1', [referralId]);
    return rows[0]?.id;
  }

  /** Until when the plan showed this version of the entry; undefined when there is no such version. */
  async shown(entryId: string, version: number): Promise<{ until?: string } | undefined> {
    const rows = await this.tools.database.query<{ version: number; recorded_at: Date }>(
      'select version, recorded_at from snapshot where topic = $1 and key = $2 and version in ($3, $3 + 1) order by version',
      [planEntryRecorded.topic.name, entryKey(this.tools.module, entryId), version]);
    const [asked, next] = rows;
    if (asked?.version !== version) return undefined;
    return next ? { until: next.recorded_at.toISOString() } : {};
  }
}
