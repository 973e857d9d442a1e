import { entryKey, planEntryRecorded, type Exported } from '@opora/contracts';
import type { AnyStore, Database } from '@opora/messaging';
import type { AuditRows } from './audit-rows.js';
import { accessOf } from './audit.controller.js';

/** One request must end; what is older than that many is asked for at the desk, and the archive says so. */
const MOST = 20_000;
const ACCESSES = 5_000;

/** Everything that one service keeps about a person, from its stores. */
export class PersonalRecords {
  private readonly byClient = new Map<string, boolean>();

  constructor(private readonly module: string, private readonly database: Database, private readonly rows: AuditRows, private readonly stores: readonly AnyStore[]) {}

  /** A plan entry or a record of one of these people, by its id. */
  async find(id: string, clientIds: readonly string[]): Promise<{ clientId: string; agency: string } | undefined> {
    const [entry] = await this.database.query<{ client_id: string; agency: string }>(
      `select body->>'clientId' as client_id, agency from snapshot where topic = $1 and key = $2 order by version desc limit 1`, [planEntryRecorded.topic.name, entryKey(this.module, id)]);
    if (entry) return clientIds.includes(entry.client_id) ? { clientId: entry.client_id, agency: entry.agency } : undefined;
    for (const store of this.aboutPeople()) {
      const state = (await store.load(id))?.state;
      const clientId = state && store.aggregate.client!(state);
      if (clientId !== undefined && clientIds.includes(clientId)) return { clientId, agency: store.aggregate.agency(state!) };
    }
    return undefined;
  }

  /** All of it, without what is about others: `leftOut` says what that is. */
  async all(clientIds: readonly string[]): Promise<Exported> {
    const found = await Promise.all(this.aboutPeople().map((store) => this.ofStore(store, clientIds)));
    const accesses = await this.rows.about(clientIds, { limit: ACCESSES + 1 });
    return {
      records: found.flatMap(({ records }) => records), facts: found.flatMap(({ facts }) => facts), entries: found.flatMap(({ entries }) => entries),
      accesses: accesses.slice(0, ACCESSES).map(accessOf).map(({ at, by: { agency, roles }, action, purpose, decision }) => ({ at, agency, roles, action, purpose, decision })),
      leftOut: found.flatMap(({ leftOut }) => leftOut), complete: accesses.length <= ACCESSES && found.every(({ complete }) => complete),
    };
  }

  private aboutPeople(): AnyStore[] {
    return this.stores.filter(({ aggregate }) => aggregate.client !== undefined);
  }

  private async ofStore({ aggregate }: AnyStore, clientIds: readonly string[]): Promise<Exported> {
    const column = await this.hasClientColumn(aggregate.table) ? 'client_id' : 'id';
    const records = await this.database.query<{ id: string; version: number; state: object }>(
      `select id, version, state from ${aggregate.table} where ${column} = any($1::uuid[]) order by id limit ${MOST + 1}`, [clientIds]);
    const ids = records.map(({ id }) => id);
    const facts = await this.database.query<{ aggregate_id: string; sequence: number; type: string; data: object; own: object | null; recorded_at: Date; at: Date }>(
      `select aggregate_id, sequence, type, data, own, recorded_at, at from fact where aggregate_id = any($1::uuid[]) order by aggregate_id, sequence limit ${MOST + 1}`, [ids]);
    const entries = await this.database.query<{ body: object }>(
      `select body from snapshot where aggregate_id = any($1::uuid[]) and topic = $2 and body->>'clientId' = any($3) order by seq limit ${MOST + 1}`, [ids, planEntryRecorded.topic.name, clientIds]);
    const { notExported } = aggregate;
    const leaveOut = notExported?.leaveOut ?? (() => false);
    const kept = (value: object): object => without(value, leaveOut) as object;
    return {
      records: records.slice(0, MOST).map(({ id, version, state }) => ({ kind: aggregate.name, id, version, state: kept(state) })),
      facts: facts.slice(0, MOST).filter(({ type, own }) => !leaveOut(type, own, {})).map(({ aggregate_id: recordId, sequence, type, data, own, recorded_at: recordedAt, at }) => ({
        recordId, sequence, type, at: at.toISOString(), recordedAt: recordedAt.toISOString(), data: kept(data), ...(own && { own: kept(own) }),
      })),
      entries: entries.slice(0, MOST).map(({ body }) => body), accesses: [],
      leftOut: notExported && records.length > 0 ? notExported.told.map(({ what, why }) => ({ what, why })) : [], complete: [records, facts, entries].every(({ length }) => length <= MOST),
    };
  }

  /** A person's own record stands under the person's id. */
  private async hasClientColumn(table: string): Promise<boolean> {
    const known = this.byClient.get(table);
    if (known !== undefined) return known;
    const rows = await this.database.query(`select from information_schema.columns where table_schema = current_schema() and table_name = $1 and column_name = 'client_id'`, [table]);
    this.byClient.set(table, rows.length > 0);
    return rows.length > 0;
  }
}

const without = (value: unknown, leaveOut: (key: string, value: unknown, within: object) => boolean): unknown => {
  if (Array.isArray(value)) return value.map((one) => without(one, leaveOut));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key, one]) => !leaveOut(key, one, value)).map(([key, one]) => [key, without(one, leaveOut)]));
};
