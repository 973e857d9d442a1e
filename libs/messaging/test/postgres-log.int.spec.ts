import { DomainError } from '@opora/domain';
import { createTestDatabase, type TestDatabase } from '@opora/testing';
import { Temporal } from 'temporal-polyfill';
import type { Delivery } from '../src/broker.js';
import { migratePostgresLog, PostgresLog } from '../src/postgres-log/index.js';
import { brokerContract } from './broker-contract.js';
import { connect, postgresLogHarness } from './postgres-log-harness.js';

brokerContract('The Postgres log', { module: new URL('./postgres-log-harness.ts', import.meta.url), connect, start: postgresLogHarness });

describe('The Postgres log', () => {
  let database: TestDatabase;
  let log: PostgresLog;
  const reports: string[] = [];
  const record = (topic: string, key: string, value: string | null) => ({ topic, key, headers: {}, value: value === null ? null : Buffer.from(value) });
  const texts = (records: readonly Delivery[]) => records.map(({ value }) => value?.toString() ?? null);
  const stored = (topic: string) => database.query<{ key: string; value: Buffer | null }>('select key, value from event_log.record where topic = $1 order by seq', [topic]);

  beforeAll(async () => {
    database = await createTestDatabase();
    const { ownerUrl, runtimeUrl: url } = await database.provision('event-log');
    await Promise.all([migratePostgresLog(ownerUrl), migratePostgresLog(ownerUrl)]);
    log = new PostgresLog({ url, erasableTopics: ['persons'], compactedTopics: ['persons', 'values'], report: (what) => reports.push(what) });
  });
  afterAll(async () => {
    await log.close();
    await database.drop();
  });

  it('removes the earlier values of an erased key from the table', async () => {
    await log.publish([record('persons', 'p', '1'), record('persons', 'p', '2'), record('persons', 'q', '1')]);
    await log.publish([record('persons', 'p', '3'), record('persons', 'p', null)]);
    expect(await stored('persons')).toEqual([{ key: 'q', value: Buffer.from('1') }, { key: 'p', value: null }]);
  });

  it('does not deliver again what was erased while its key was paused', async () => {
    const heard: (string | null)[] = [];
    const subscription = await log.subscribe({
      group: 'pausing', topics: ['persons'],
      deliver: async ({ key, value }) => {
        if (key !== 'paused') return 'done';
        heard.push(value?.toString() ?? null);
        return value === null ? 'done' : { pauseMs: 20 };
      },
    });
    await log.publish([record('persons', 'paused', '1')]);
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await log.publish([record('persons', 'paused', null)]);
    while (!heard.includes(null)) await new Promise((resolve) => setTimeout(resolve, 5));
    await subscription.close();
    expect(new Set(heard.slice(0, -1))).toEqual(new Set(['1']));
    expect(heard.at(-1)).toBeNull();
  });

  it('sweeps replaced values and aged facts, never the newest value of a key', async () => {
    const values = ['1', '2', '3'].map((value) => record('values', 'k', value));
    await log.publish([...values, record('values', 'ended', '1'), record('values', 'ended', null), record('facts', 'k', '1')]);
    const later = Temporal.Now.instant().add({ hours: 1 }).toString();
    const earlier = Temporal.Now.instant().subtract({ hours: 1 }).toString();
    expect(await log.compact({ supersededBefore: earlier, factsBefore: earlier })).toBe(0);
    expect(await log.compact({ supersededBefore: later, factsBefore: earlier })).toBeGreaterThanOrEqual(3);
    expect(await stored('values')).toEqual([{ key: 'k', value: Buffer.from('3') }, { key: 'ended', value: null }]);
    expect(await stored('facts')).toHaveLength(1);
    await log.compact({ supersededBefore: later, factsBefore: later });
    expect(await stored('facts')).toHaveLength(0);
  });

  it('lets an outsider read and commit by hand, waiting for the first record', async () => {
    const read = { group: 'outside', topics: ['door-a', 'door-b'], limit: 2, waitMs: 0 };
    expect(await log.read(read)).toEqual([]);
    const waiting = log.read({ ...read, waitMs: 25_000 });
    await log.publish([record('door-a', 'k', '1'), record('door-b', 'k', '2'), record('door-a', 'k', '3')]);
    const first = await waiting;
    expect(texts(first)).toEqual(['1', '2']);
    expect(texts(await log.read(read))).toEqual(['1', '2']);
    await log.commit({ group: 'outside', ...first[0]! });
    const rest = await log.read(read);
    expect(texts(rest)).toEqual(['2', '3']);
    expect(rest[1]!.position > first[0]!.position).toBe(true);
  });

  it('moves a cursor neither back nor past the newest record', async () => {
    await log.publish([record('clamped', 'k', '1'), record('clamped', 'k', '2')]);
    const read = { group: 'hasty', topics: ['clamped'], limit: 10, waitMs: 0 };
    const [one] = await log.read(read);
    await log.commit({ group: 'hasty', topic: 'clamped', position: '9999999999999999' });
    await log.commit({ group: 'hasty', topic: 'clamped', position: one!.position });
    await log.publish([record('clamped', 'k', '3')]);
    expect(texts(await log.read(read))).toEqual(['3']);
    await expect(log.commit({ group: 'hasty', topic: 'clamped', position: '-1' })).rejects.toThrow(DomainError);
  });

  it('takes its place again when its connection is cut, and survives a handler that throws', async () => {
    const heard: string[] = [];
    const subscription = await log.subscribe({
      group: 'cut', topics: ['cut'],
      deliver: async ({ value }) => {
        heard.push(String(value));
        if (heard.length === 1) throw new Error('against its promise');
        return 'done';
      },
    });
    await log.publish([record('cut', 'k', '1')]);
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'event_log cut'`, [database.name]);
    await log.publish([record('cut', 'k', '2')]);
    while (!heard.includes('2')) await new Promise((resolve) => setTimeout(resolve, 5));
    await subscription.close();
    expect(heard.slice(0, 2)).toEqual(['1', '1']);
    expect(reports).toContain('log-reader-failed');
  });

  it('answers whoever still waits when it closes', async () => {
    const { runtimeUrl: url } = await database.provision('event-log');
    const closing = new PostgresLog({ url, erasableTopics: [], compactedTopics: [], report: () => undefined });
    const waiting = closing.read({ group: 'outside', topics: ['silent'], limit: 1, waitMs: 25_000 });
    await closing.close();
    expect(await waiting).toEqual([]);
    await expect(closing.subscribe({ group: 'g', topics: ['silent'], deliver: async () => 'done' })).rejects.toThrow('closed');
  });
});
