import { Injectable } from '@nestjs/common';
import { entryKey, topics, type ConsentState, type Manifest, type PlanEntry } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { Database, Heads, personOf, STATE_OF_PERSON, type Person } from '@opora/messaging';
import type { PlanToken } from './domain/plan-token.js';
import type { KnownModule } from './domain/sections.js';
import { knownAs } from './module-registry.js';

/** What a person’s plan is assembled from, all of one moment. */
export interface PlanSource {
  readonly person: Person;
  /** One version of each entry: the newest, or the newest that was recorded by then. */
  readonly entries: readonly PlanEntry[];
  readonly modules: ReadonlyMap<string, KnownModule>;
  /** When each module last said that everything was out. */
  readonly heard: ReadonlyMap<string, Instant>;
}

type Part =
  | { part: 'person'; body: ConsentState } | { part: 'entry'; body: PlanEntry }
  | { part: 'module'; name: string; body: { manifest: Manifest | null; leftAt: string | null } } | { part: 'heard'; name: string; body: Instant };

/** One question instead of four: the way there and back costs more than the looking. */
const SOURCE = `
  with person as (${STATE_OF_PERSON}),
  ids as (select array[(body->>'clientId')::uuid] || array(select jsonb_array_elements_text(body->'aliases')::uuid) as ids from person)
  select 'person' as part, null as name, body from person
  union all (
    select distinct on (key) 'entry', null, body from plan_entry
    where client_id = any(coalesce((select ids from ids), array[$2::text::uuid])) and ($3::timestamptz is null or recorded_at <= $3)
    order by key, version desc)
  union all select 'module', name, jsonb_build_object('manifest', manifest, 'leftAt', left_at) from module
  union all select 'heard', key, body->'at' from head where topic = $4 and body is not null`;

/** All versions of all plan entries, as their owners published them. Hearing one twice, or late, changes nothing. */
@Injectable()
export class Projection {
  /** Who waits in this process for an entry, by its key. */
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly database: Database, private readonly heads: Heads) {}

  async record(entries: readonly PlanEntry[]): Promise<void> {
    const keys = entries.map(({ module, entryId }) => entryKey(module, entryId));
    await this.database.transaction(async () => {
      this.database.afterCommit(() => keys.forEach((key) => this.waiting.get(key)?.forEach((wake) => wake())));
      // Entries do not mind each other; an erasure waits for them, and they for it.
      await this.database.query(
        `select pg_advisory_xact_lock_shared(hashtextextended('person ' || current_schema() || id, 0)) from (select distinct id from unnest($1::text[]) as k (id) order by id) as sorted`,
        [entries.map(({ clientId }) => clientId)]);
      await this.database.query(
        `insert into plan_entry (key, version, client_id, module, agency, data_class, kind, recorded_at, body)
         select * from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::jsonb[])
           as e (key, version, client_id, module, agency, data_class, kind, recorded_at, body)
         where not exists (select from erased where erased.key in (e.key, e.client_id::text))
         on conflict do nothing`,
        [
          keys, entries.map(({ version }) => version), entries.map(({ clientId }) => clientId),
          entries.map(({ module }) => module), entries.map(({ agency }) => agency), entries.map(({ dataClass }) => dataClass), entries.map(({ kind }) => kind),
          entries.map(({ recordedAt }) => recordedAt), entries.map((entry) => JSON.stringify(entry)),
        ]);
    });
  }

  async eraseEntry(key: string): Promise<void> {
    await this.database.query('insert into erased (key) values ($1) on conflict do nothing', [key]);
    await this.database.query('delete from plan_entry where key = $1', [key]);
  }

  /** With the records that were merged into this one. */
  async eraseClient(clientId: string): Promise<void> {
    const aliases = await this.database.query<{ alias: string }>('select alias from alias where client_id = $1', [clientId]);
    for (const id of [clientId, ...aliases.map(({ alias }) => alias)]) {
      await this.alone(id);
      await this.database.query('insert into erased (key) values ($1) on conflict do nothing', [id]);
      await this.database.query('delete from plan_entry where client_id = $1', [id]);
    }
    await this.database.query('delete from alias where client_id = $1', [clientId]);
  }

  /** For whoever is erased: by then the consent state that named them is gone. A merge that was taken back takes its aliases with it. */
  async keepAliases(clientIds: readonly string[]): Promise<void> {
    await this.database.query(
      `with now as (select jsonb_array_elements_text(body->'aliases')::uuid as alias, key::uuid as client_id from head where topic = $1 and key = any($2::text[])),
       gone as (delete from alias where client_id = any($2::text[]::uuid[]) and (alias, client_id) not in (select alias, client_id from now))
       insert into alias (alias, client_id) select alias, client_id from now on conflict do nothing`, [topics.consents.name, clientIds]);
  }

  person(id: string): Promise<Person> {
    return this.heads.person(id);
  }

  async source(id: string, asOf?: Instant): Promise<PlanSource> {
    const rows = await this.database.query<Part>(SOURCE, [topics.consents.name, id, asOf ?? null, topics.watermarks.name], 'plan-source');
    return {
      person: personOf(id, rows.find((row) => row.part === 'person')?.body),
      entries: rows.flatMap((row) => (row.part === 'entry' ? [row.body] : [])),
      modules: new Map(rows.flatMap((row) => (row.part === 'module' ? [[row.name, knownAs(row.name, row.body.manifest, row.body.leftAt)]] : []))),
      heard: new Map(rows.flatMap((row) => (row.part === 'heard' ? [[row.name, row.body]] : []))),
    };
  }

  /** Those of the ids that are plan entries of this module, as they now stand. */
  async entriesOf(module: string, ids: readonly string[]): Promise<PlanEntry[]> {
    const rows = await this.database.query<{ body: PlanEntry }>(
      'select distinct on (key) body from plan_entry where key = any($1) order by key, version desc', [ids.map((id) => entryKey(module, id))]);
    return rows.map(({ body }) => body);
  }

  /** Those of the ids that are people's. */
  async peopleAmong(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ key: string }>('select key from head where topic = $1 and key = any($2) and body is not null', [topics.consents.name, ids]);
    return rows.map(({ key }) => key);
  }

  /** Resolves when a version of that entry was recorded by this process, or after that time. */
  recorded(key: string, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.waiting.get(key) ?? new Set();
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        if (waiting.size === 0 && this.waiting.get(key) === waiting) this.waiting.delete(key);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.waiting.set(key, waiting.add(wake));
    });
  }

  async includes(ids: readonly string[], { key, version }: PlanToken): Promise<boolean> {
    const rows = await this.database.query('select 1 from plan_entry where key = $1 and version >= $2 and client_id = any($3) limit 1', [key, version, ids]);
    return rows.length > 0;
  }

  /** An entry and the erasure of its person travel on different topics: they must not pass each other unseen. */
  private async alone(clientId: string): Promise<void> {
    await this.database.query(`select pg_advisory_xact_lock(hashtextextended('person ' || current_schema() || $1, 0))`, [clientId]);
  }
}
