import { compactedTopics } from '@opora/contracts';
import { createClient } from '@opora/messaging/kafka';
import type { KafkaMessage } from 'kafkajs';
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';

export interface FactRow { aggregate: string; aggregateId: string; sequence: number; type: string; by: string }
export interface SnapshotRow { topic: string; key: string; version: number; clientId: string | null; kind: string | null }
export interface EntryRow { key: string; version: number }
export interface HeadRow { topic: string; key: string; version: string }
export interface LineRow { source: string; id: string; type: string; topic: string; key: string; subject: string; sequence: number }

/** What one service keeps, read past the service. */
export interface ServiceStore {
  readonly service: string;
  readonly facts: readonly FactRow[];
  /** Id → version of every aggregate, whatever table it is in. */
  readonly versions: ReadonlyMap<string, number>;
  readonly snapshots: readonly SnapshotRow[];
  /** The facts that name a referral. */
  readonly referrals: readonly { readonly type: string; readonly id: string }[];
  readonly heads: readonly HeadRow[];
  readonly unpublished: number;
  /** `status type id` of each. */
  readonly deadLetters: readonly string[];
}

export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  /** Of key, headers and value. */
  readonly hash: string;
  /** What orders the values of one key on a compacted topic. */
  readonly version: number | undefined;
}

const rowsOf = async <R extends object>(client: pg.Client, sql: string): Promise<R[]> => (await client.query<R>(sql)).rows;

export const withClient = async <T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

export const readService = (databaseUrl: string, service: string): Promise<ServiceStore> => withClient(databaseUrl, async (client) => {
  await client.query(`set search_path to ${service.replaceAll('-', '_')}`);
  const tables = await rowsOf<{ name: string }>(client, `
    select table_name as name from information_schema.columns where table_schema = current_schema() and column_name in ('id', 'version', 'state') group by table_name having count(*) = 3`);
  const versions: { id: string; version: number }[] = [];
  for (const { name } of tables) versions.push(...await rowsOf<{ id: string; version: number }>(client, `select id, version from ${name}`));
  const [waiting] = await rowsOf<{ count: string }>(client, 'select count(*) from outbox where published_at is null');
  return {
    service,
    facts: await rowsOf(client, 'select aggregate, aggregate_id as "aggregateId", sequence, type, recorded_by as by from fact order by aggregate_id, sequence'),
    versions: new Map(versions.map(({ id, version }) => [id, version])),
    snapshots: await rowsOf(client, `select topic, key, version, body->>'clientId' as "clientId", body->>'kind' as kind from snapshot order by topic, key, version`),
    referrals: await rowsOf(client, `select type, data->>'referralId' as id from fact where data ? 'referralId'`),
    heads: await rowsOf(client, 'select topic, key, version::text from head'),
    unpublished: Number(waiting!.count),
    deadLetters: (await rowsOf<{ letter: string }>(client, `select concat_ws(' ', status, code, type, event_id) as letter from dead_letter`)).map(({ letter }) => letter),
  };
});

export const readEntries = (databaseUrl: string): Promise<EntryRow[]> =>
  withClient(databaseUrl, (client) => rowsOf(client, 'select key, version from gateway.plan_entry order by key, version'));

export const readLines = (databaseUrl: string): Promise<LineRow[]> =>
  withClient(databaseUrl, (client) => rowsOf(client, 'select source, event_id as id, type, topic, key, subject, sequence from witness.line order by number'));

const textOf = (value: unknown): string => String(value ?? '');

const recordOf = (topic: string, partition: number, { offset, key, value, headers = {} }: KafkaMessage): TopicRecord => {
  const named = Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, textOf(content)]));
  const { version, revision } = (compactedTopics.includes(topic) && value !== null ? JSON.parse(value.toString()) : {}) as { version?: number; revision?: number };
  return {
    topic, partition, offset: Number(offset), key: textOf(key), id: named['ce_id']!, source: named['ce_source']!, type: named['ce_type']!, subject: named['ce_subject']!,
    sequence: Number(named['ce_sequence']), hash: createHash('sha256').update(JSON.stringify([textOf(key), named, textOf(value)])).digest('base64url'),
    version: revision ?? version,
  };
};

/** Everything on these topics, from the beginning to where they end now, in the order of each partition. */
export const readTopics = async (brokers: string, topics: readonly string[]): Promise<TopicRecord[]> => {
  const kafka = createClient({ brokers: brokers.split(','), clientId: 'crash-reader', report: () => undefined });
  const admin = kafka.admin();
  await admin.connect();
  const missing = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) if (Number(high) > Number(low)) missing.set(`${topic} ${partition}`, Number(high));
  }
  await admin.disconnect();
  const records: TopicRecord[] = [];
  const consumer = kafka.consumer({ groupId: `crash-reader-${randomUUID()}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  const { promise: read, resolve } = Promise.withResolvers<void>();
  const look = () => { if (missing.size === 0) resolve(); };
  look();
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const place = `${batch.topic} ${batch.partition}`;
      for (const message of batch.messages) if (Number(message.offset) < (missing.get(place) ?? 0)) records.push(recordOf(batch.topic, batch.partition, message));
      if (Number(batch.lastOffset()) + 1 >= (missing.get(place) ?? Infinity)) missing.delete(place);
      look();
    },
  });
  await read;
  await consumer.disconnect();
  return records.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition || a.offset - b.offset));
};
