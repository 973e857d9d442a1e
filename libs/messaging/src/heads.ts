import { erasableTopics, topics, type AuditWitness, type ConsentState, type Manifest, type PlanEntry } from '@opora/contracts';
import type { Database } from './database.js';
import type { Event } from './envelope.js';
import { forgetLetters } from './erasing.js';

interface Bodies {
  [topics.modules.name]: Manifest;
  [topics.consents.name]: ConsentState;
  [topics.planEntries.name]: PlanEntry;
  [topics.watermarks.name]: { module: string; at: string; audit?: AuditWitness };
}

export type HeadTopic = keyof Bodies;

/** A person under all the ids that merges gave them. */
export interface Person {
  /** Of the surviving record. */
  readonly clientId: string;
  /** Of all records of the person, the surviving one first. */
  readonly ids: readonly string[];
  /** What all these records say together: merged, each says what the person says. */
  readonly consents: ConsentState | undefined;
}

/** By what the values of one key are ordered. */
const order: { [T in HeadTopic]: (body: Bodies[T]) => number } = {
  [topics.modules.name]: (body) => body.revision,
  [topics.consents.name]: (body) => body.version,
  [topics.planEntries.name]: (body) => body.version,
  [topics.watermarks.name]: (body) => Date.parse(body.at),
};

/**
 * The state of whoever has this id ($1: the topic of consents, $2: the id). Of several records that name it among their aliases the one
 * with most of them survives: whoever takes in a record takes in what was merged into that.
 */
export const STATE_OF_PERSON = `
  select body from (
    select body from head where topic = $1 and key = $2 and body is not null
    union all select body from head where topic = $1 and body->'aliases' <> '[]' and body->'aliases' ? $2
  ) known order by body->'aliases' ? $2 desc, jsonb_array_length(body->'aliases') desc limit 1`;

export const personOf = (id: string, consents: ConsentState | undefined): Person =>
  consents ? { clientId: consents.clientId, ids: [consents.clientId, ...consents.aliases], consents } : { clientId: id, ids: [id], consents };

const erasable = new Set(erasableTopics);

/** No version comes after this one: an erased key stays erased. */
const LAST = '9223372036854775807';

/** The newest value of each key of the compacted topics that this service follows. Applying one twice or late changes nothing. */
export class Heads {
  constructor(private readonly database: Database) {}

  async apply(event: Event): Promise<void> {
    const topic = event.topic as HeadTopic;
    if (event.data !== null) {
      await this.applyTogether([event]);
    } else if (erasable.has(topic)) {
      await this.database.query(
        `insert into head (topic, key, version, body) values ($1, $2, $3, null) on conflict (topic, key) do update set version = excluded.version, body = null`,
        [topic, event.key, LAST]);
      if (topic === topics.consents.name) await this.forgetClient(event.key);
    } else {
      await this.database.query('delete from head where topic = $1 and key = $2', [topic, event.key]);
    }
  }

  /** Values of one topic, none of them null. */
  async applyTogether(events: readonly Event[]): Promise<void> {
    const topic = events[0]!.topic as HeadTopic;
    const versionOf = order[topic] as (body: unknown) => number;
    const newest = new Map<string, Event>();
    for (const event of events) {
      const known = newest.get(event.key);
      if (!known || versionOf(known.data) < versionOf(event.data)) newest.set(event.key, event);
    }
    const all = [...newest.values()];
    await this.database.query(
      `insert into head (topic, key, version, body)
       select $1, key, version, body from unnest($2::text[], $3::bigint[], $4::jsonb[]) as said (key, version, body)
       where not exists (select from head where topic = $5 and key = said.body->>'clientId' and body is null)
       on conflict (topic, key) do update set version = excluded.version, body = excluded.body where head.version < excluded.version`,
      [topic, all.map(({ key }) => key), all.map(({ data }) => versionOf(data)), all.map(({ data }) => JSON.stringify(data)), topics.consents.name]);
    if (topic === topics.watermarks.name) for (const { key, data } of all) await this.witness(key, (data as Bodies[typeof topics.watermarks.name]).audit);
  }

  /** The farthest that a module ever said to have come: a trail that is shorter later has been cut. */
  private async witness(module: string, audit: AuditWitness | undefined): Promise<void> {
    if (audit) await this.database.query(
      `insert into audit_witness (module, seq, checkpoint) values ($1, $2, $3)
       on conflict (module) do update set seq = excluded.seq, checkpoint = excluded.checkpoint where audit_witness.seq < excluded.seq`,
      [module, audit.seq, audit.checkpoint]);
  }

  /** Whatever else messaging keeps that names the person, as far as it can be seen from outside. */
  private async forgetClient(clientId: string): Promise<void> {
    // Whoever may write there chooses the key: it need not be the number of a person.
    await this.database.query(`update head set version = $2, body = null where client_id = case when $1::text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then $1::text::uuid end`, [clientId, LAST]);
    await forgetLetters(this.database, [clientId]);
  }

  async get<T extends HeadTopic>(topic: T, key: string): Promise<Bodies[T] | undefined> {
    const rows = await this.database.query<{ body: Bodies[T] | null }>('select body from head where topic = $1 and key = $2', [topic, key]);
    return rows[0]?.body ?? undefined;
  }

  /** Whose id this is. Asked by any of the person's ids it answers the same. */
  async person(id: string): Promise<Person> {
    const [row] = await this.database.query<{ body: ConsentState }>(STATE_OF_PERSON, [topics.consents.name, id]);
    return personOf(id, row?.body);
  }

  /** Whose records were ever opened to this worker by break-glass, as far as anybody still says so. */
  async openedTo(subject: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select client_id as id from head where topic = $1 and body ? 'openings' and body->'openings' @> $2::jsonb`, [topics.consents.name, JSON.stringify([{ subject }])]);
    return rows.map(({ id }) => id);
  }

  async all<T extends HeadTopic>(topic: T): Promise<Bodies[T][]> {
    const rows = await this.database.query<{ body: Bodies[T] }>('select body from head where topic = $1 and body is not null order by key', [topic]);
    return rows.map((row) => row.body);
  }

  async ofClients<T extends HeadTopic>(topic: T, clientIds: readonly string[]): Promise<Bodies[T][]> {
    const rows = await this.database.query<{ body: Bodies[T] }>(
      'select body from head where topic = $1 and client_id = any($2) order by key', [topic, clientIds]);
    return rows.map((row) => row.body);
  }
}
