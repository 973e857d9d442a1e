import { contractOfCompacted, topics, type Kept } from '@opora/contracts';
import type { Day, Fact, Instant } from '@opora/domain';
import type { Database } from './database.js';
import type { Outbox } from './outbox.js';
import type { Store } from './store.js';
import type { Clock } from './clock.js';

/** Stands in others' records where an erased person was named. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** One record of a person, as far as its keeping is decided. */
export interface PersonalRecord {
  readonly recordType: string;
  readonly lastFact: { readonly type: string; readonly at: Instant };
}

/** Why a record may not go yet; undefined when it may. */
export type Keeps = (record: PersonalRecord) => { readonly legalBasis: string; readonly until?: Day } | undefined;

export type AnyStore = Store<object, Fact>;

interface Row { readonly id: string; readonly person: string; readonly state: object; readonly type: string | null; readonly at: Date | null; readonly held: string | null }
interface Keeping { readonly id: string; readonly recordType: string; readonly person: string; readonly agency: string; readonly legalBasis: string; readonly until?: Day }

/** As contracts and paths name a kind of record. */
export const recordTypeOf = (aggregate: string): string => aggregate.replaceAll(' ', '-');

/** Of the snapshots `s` those that carry a consent state. */
const SAYS_CONSENTS = `select from snapshot s where s.topic = '${topics.consents.name}'`;

/**
 * Takes people out of one service's schema. What it erases follows from the tables: the records that the stores know, and every table
 * with a column `client_id`; of messaging's own tables whatever names the person or one of the records.
 */
export class Erasing {
  constructor(private readonly database: Database, private readonly outbox: Outbox, private readonly stores: readonly AnyStore[], private readonly clock: Clock) {}

  /**
   * All or nothing, and twice changes nothing. What carries the consent state stays until it is `gone` everywhere: others still need
   * the person's key. Entries of the plan are said to be erased.
   */
  async erase(persons: readonly string[], keeps: Keeps, { gone }: { gone: boolean }): Promise<void> {
    await this.database.transaction(async () => {
      // Every fact is read: that takes longer than a request may.
      await this.database.query(`set local statement_timeout = '10min'`);
      for (const person of [...persons].sort()) await this.database.query(`select pg_advisory_xact_lock(hashtextextended('person ' || current_schema() || $1, 0))`, [person]);
      const tables = await this.tablesOfClients();
      const own = this.stores.filter(({ aggregate: { client, receipt } }) => client && !receipt);
      for (const table of tables) if (!this.stores.some(({ aggregate }) => aggregate.table === table)) await this.database.query(`delete from ${table} where client_id = any($1)`, [persons]);
      const ids: string[] = [];
      // Those listed later may refer to earlier ones.
      for (const store of own.toReversed()) ids.push(...await this.eraseRecords(store, tables.includes(store.aggregate.table) ? 'client_id' : 'id', persons, keeps, gone));
      await this.eraseHistory(persons, ids, gone);
      await forgetLetters(this.database, [...persons, ...ids]);
      await this.unname(persons);
    });
  }

  /** What is kept of these people, each kind once. */
  async kept(persons: readonly string[]): Promise<Kept[]> {
    const rows = await this.database.query<{ recordType: string; legalBasis: string; until: Day | null }>(
      `select distinct record_type as "recordType", legal_basis as "legalBasis", until from kept_record where person_id = any($1) order by 1, 2, 3`, [persons]);
    return rows.map(({ recordType, legalBasis, until }) => ({ recordType, legalBasis, ...(until && { until }) }));
  }

  /** One record alone, whose term is over. */
  async eraseRecord(recordType: string, id: string): Promise<void> {
    await this.database.query('delete from kept_record where record_id = $1', [id]);
    const store = this.stores.find(({ aggregate }) => recordTypeOf(aggregate.name) === recordType);
    const [row] = store ? await this.database.query(`delete from ${store.aggregate.table} where id = $1 returning id`, [id]) : [];
    if (!row) return;
    await this.eraseHistory([], [id], true);
    await forgetLetters(this.database, [id]);
  }

  private async tablesOfClients(): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = current_schema() and column_name = 'client_id' and is_generated = 'NEVER' and has_table_privilege(format('%I.%I', table_schema, table_name), 'DELETE')`);
    return rows.map(({ name }) => name);
  }

  private async eraseRecords({ aggregate }: AnyStore, column: 'client_id' | 'id', persons: readonly string[], keeps: Keeps, gone: boolean): Promise<string[]> {
    const rows = await this.database.query<Row>(
      `select t.id, t.${column} as person, t.state, f.type, f.at,
         (select h.reason from legal_hold h where h.lifted_at is null and h.person_id = t.${column} and coalesce(h.record_id, t.id) = t.id limit 1) as held
       from ${aggregate.table} t left join lateral (select type, at from fact where aggregate_id = t.id order by sequence desc limit 1) f on true
       where t.${column} = any($1) and ($2 or not exists (${SAYS_CONSENTS} and s.aggregate_id = t.id)) for update of t`, [persons, gone]);
    const recordType = recordTypeOf(aggregate.name);
    for (const { id, person, state, type, at, held } of rows) {
      const kept = held ? { legalBasis: `hold:${held}` } : keeps({ recordType, lastFact: { type: type ?? '', at: at?.toISOString() ?? this.clock.now() } });
      if (kept) await this.keep({ id, recordType, person, agency: aggregate.agency(state), ...kept }, aggregate.table);
    }
    const ids = rows.map(({ id }) => id);
    await this.database.query(`delete from ${aggregate.table} where id = any($1)`, [ids]);
    return ids;
  }

  /** What is kept has a place of its own, with its history: nothing that works with records finds it there. */
  private async keep({ id, recordType, person, agency, legalBasis, until }: Keeping, table: string): Promise<void> {
    await this.database.query(
      `insert into kept_record (record_id, record_type, person_id, agency, state, facts, legal_basis, until, kept_at)
       select t.id, $2, $3, $4, t.state, (select coalesce(jsonb_agg(to_jsonb(f) order by f.sequence), '[]') from fact f where f.aggregate_id = t.id), $5, $6, $7
       from ${table} t where t.id = $1 on conflict (record_id) do nothing`, [id, recordType, person, agency, legalBasis, until ?? null, this.clock.now()]);
  }

  private async eraseHistory(persons: readonly string[], ids: readonly string[], gone: boolean): Promise<void> {
    await this.database.query('delete from outbox where (person = any($1) or headers->>\'ce_subject\' = any($2)) and ($3 or topic <> $4)', [persons, ids, gone, topics.consents.name]);
    const said = await this.database.query<{ topic: string; key: string; agency: string; aggregate_id: string }>(
      'select distinct on (topic, key) topic, key, agency, aggregate_id from snapshot where aggregate_id = any($1) and topic <> $2', [ids, topics.consents.name]);
    const now = this.clock.now();
    await this.outbox.add(said.map(({ topic, key, agency, aggregate_id: subject }) => ({ contract: contractOfCompacted(topic)!, key, subject, time: now, sequence: 0, agency, data: null })));
    await this.database.query('delete from snapshot where aggregate_id = any($1)', [ids]);
    await this.database.query('delete from fact where aggregate_id = any($1)', [ids]);
    await this.database.query('delete from retention_proposal where person_id = any($1)', [persons]);
  }

  /**
   * Records of other people, or about nobody: a person may be named as somebody else than the one whom it is about. Facts are read once, one
   * and all. A record says nothing that no fact of it said, so only records of the facts found are looked at; but a consent state speaks for
   * the person's other records, too.
   */
  private async unname(persons: readonly string[]): Promise<void> {
    const receipts = this.stores.flatMap(({ aggregate: { name, receipt } }) => (receipt ? [name] : []));
    const naming = persons.map((id) => `%${id}%`);
    const renamed = (column: string) => persons.reduce((text, _, i) => `replace(${text}, $${4 + i}, '${NOBODY}')`, `${column}::text`);
    const facts = await this.database.query<{ id: string }>(
      `update fact f set data = ${renamed('data')}::jsonb, own = ${renamed('own')}::jsonb, recorded_by = ${renamed('recorded_by')}, on_behalf_of = ${renamed('on_behalf_of')}
       where concat_ws(' ', data::text, own::text, recorded_by, on_behalf_of) like any($1) and aggregate <> all($2)
         and not exists (${SAYS_CONSENTS} and s.aggregate_id = f.aggregate_id and s.key = any($3)) returning aggregate_id as id`, [naming, receipts, persons, ...persons]);
    const ids = [...new Set(facts.map(({ id }) => id))];
    await this.database.query(
      `update snapshot set body = ${renamed('body')}::jsonb
       where (aggregate_id = any($2) or topic = '${topics.consents.name}' and key <> all($3)) and body::text like any($1)`, [naming, ids, persons, ...persons]);
    for (const store of this.stores) if (!store.aggregate.receipt) await store.unname(ids, persons, NOBODY);
  }
}

/** Letters and remembered requests that name one of these ids, wherever in them. */
export const forgetLetters = async (database: Database, ids: readonly string[]): Promise<void> => {
  await database.query(
    `delete from dead_letter where exists (
       select from unnest($1::text[]) as i (id) where position(i.id in key || ' ' || headers::text) > 0 or position(convert_to(i.id, 'UTF8') in value) > 0)`, [ids]);
  await database.query(
    `delete from idempotency where exists (select from unnest($1::text[]) as i (id) where position(i.id in concat_ws(' ', location, plan_entry)) > 0)`, [ids]);
};
