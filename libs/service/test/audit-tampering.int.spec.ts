import { AuditTrail, makeSigningKey, verifyTrail, type Finding, type Seen } from '@opora/access';
import { createTestDatabase, type TestDatabase } from '@opora/testing';
import pg from 'pg';
import { migrate } from '../src/database.js';

/** Everything here is done as a superuser who switches the triggers off: what is left is to be found out. */
const ROWS = 20;
const key = makeSigningKey();
const seen = (n: number): Seen => ({
  at: '2026-03-02T09:00:00.000Z', requestId: `request-${n}`, subject: `worker-${n}`, agency: 'centre', roles: ['counsellor'], purpose: 'care', action: 'plan.read',
  clientIds: [], resources: [], hidden: [], decision: 'permit', policies: [], policyVersion: '1',
});

let database: TestDatabase;
let admin: pg.Client;
let runtimeUrl: string;
let ownerUrl: string;
let trail: AuditTrail;
const said: string[] = [];

const open = (): Promise<AuditTrail> =>
  AuditTrail.open({ service: 'small', databaseUrl: runtimeUrl, key, report: (what, { checkpoint = '' }) => said.push(`${what} ${checkpoint}`) });
const write = async (from: number, to: number): Promise<void> => {
  for (let n = from; n <= to; n += 1) await trail.record([seen(n)]);
};
const tamper = async (...statements: string[]): Promise<void> => {
  for (const table of ['audit', 'audit_checkpoint']) await admin.query(`alter table ${table} disable trigger audit_only_grows`);
  for (const statement of statements) await admin.query(statement);
  for (const table of ['audit', 'audit_checkpoint']) await admin.query(`alter table ${table} enable always trigger audit_only_grows`);
};
const found = async (witnesses: readonly string[] = []): Promise<[Finding['kind'], number, number][]> =>
  (await verifyTrail({ service: 'small', client: admin, witnesses })).findings.map(({ kind, from, to }) => [kind, from, to]);
/** The hash that a row would have if it were genuine. */
const rehash = (seq: number): string => {
  // Sorted keys without spaces, as the service hands them in.
  const text = `(select '{' || string_agg(to_json(key)::text || ':' || replace(value::text, ', ', ','), ',' order by key collate "C") || '}' from jsonb_each(content))`;
  return `update audit set hash = sha256(previous || convert_to(${text}, 'UTF8')) where seq = ${seq}`;
};
const moveUp = (from: number, by = 1): string[] => [`update audit set seq = -seq where seq >= ${from}`, `update audit set seq = -seq + ${by} where seq < 0`];
const swap = (one: number, other: number): string[] => [`update audit set seq = -1 where seq = ${one}`, `update audit set seq = ${one} where seq = ${other}`, `update audit set seq = ${other} where seq = -1`];
const changed = (seq: number): string => `update audit set content = jsonb_set(content, '{subject}', '"worker-other"') where seq = ${seq}`;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

beforeEach(async () => {
  await database.query('drop schema if exists small cascade');
  ({ runtimeUrl, ownerUrl } = await database.provision('small'));
  await migrate({ migrations: [] }, ownerUrl);
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query('set search_path = small');
  said.length = 0;
  trail = await open();
  await write(1, 10);
  await trail.witness();
  await write(11, ROWS);
  await trail.witness();
  await write(ROWS + 1, ROWS + 2);
});
afterEach(async () => {
  await trail.close();
  await admin.end();
});

it('An untouched trail is found whole', async () => {
  expect(await verifyTrail({ service: 'small', client: admin })).toEqual({ service: 'small', rows: ROWS + 2, checkpoints: 2, findings: [] });
});

it.each<[string, string[], [string, number, number][]]>([
  ['a changed row', [changed(7)], [['changed', 7, 7]]],
  ['a row changed with its hash', [changed(7), rehash(7)], [['changed', 7, 7]]],
  ['a changed last row that no checkpoint knows yet', [changed(22)], [['changed', 22, 22]]],
  ['a row that a checkpoint swears to, changed with its hash', [changed(10), rehash(10)], [['changed', 10, 10]]],
  ['a removed row', ['delete from audit where seq = 7'], [['removed', 7, 7]]],
  ['removed rows', ['delete from audit where seq between 7 and 9'], [['removed', 7, 9]]],
  ['a removed first row', ['delete from audit where seq = 1'], [['removed', 1, 1]]],
  ['a removed row with the rest numbered anew', ['delete from audit where seq = 7', ...moveUp(8, -1)], [['removed', 7, 7]]],
  ['a removed first row with the rest numbered anew', ['delete from audit where seq = 1', ...moveUp(2, -1)], [['removed', 1, 1]]],
  ['two neighbours that changed places', swap(5, 6), [['reordered', 5, 5]]],
  ['two rows far from each other that changed places', swap(5, 15), [['reordered', 15, 15], ['reordered', 5, 5]]],
  ['a row moved to the end', ['update audit set seq = 23 where seq = 7', ...moveUp(8, -1)], [['reordered', 22, 22]]],
  ['an inserted row', [...moveUp(7), `insert into audit select 7, jsonb_set(content, '{subject}', '"nobody"'), hash, '' from audit where seq = 6`, rehash(7)], [['inserted', 7, 7]]],
  ['a row inserted before the first', [...moveUp(1), `insert into audit select 1, jsonb_set(content, '{subject}', '"nobody"'), '', '' from audit where seq = 2`, rehash(1)], [['inserted', 1, 1]]],
  ['a copied row', [...moveUp(7), 'insert into audit select 7, content, previous, hash from audit where seq = 8'], [['inserted', 7, 7]]],
  ['rows cut off at the end', ['delete from audit where seq > 18'], [['truncated', 19, 20]]],
  ['an emptied trail', ['delete from audit'], [['truncated', 1, 20]]],
  ['a removed checkpoint', ['delete from audit_checkpoint where number = 1'], [['checkpoint', 1, 1]]],
  ['a checkpoint of another row', ['update audit_checkpoint set seq = 9 where number = 1'], [['checkpoint', 1, 1]]],
  ['a forged checkpoint', [`update audit_checkpoint set checkpoint = checkpoint || 'A' where number = 2`], [['checkpoint', 2, 2]]],
  ['a changed and a removed row', [changed(3), 'delete from audit where seq = 8'], [['changed', 3, 3], ['removed', 8, 8]]],
])('%s is found and named', async (_, statements, expected) => {
  await tamper(...statements);
  const findings = await found();
  expect(findings).toEqual(expect.arrayContaining(expected));
  expect(findings).toHaveLength(expected.length);
});

it('A trail written anew from some row on, hashes and all, contradicts its checkpoints', async () => {
  const anew = Array.from({ length: ROWS + 2 - 12 }, (_, i) => [`update audit set previous = (select hash from audit where seq = ${12 + i}) where seq = ${13 + i}`, rehash(13 + i)]).flat();
  await tamper(changed(12), rehash(12), ...anew);
  expect(await found()).toEqual([['changed', 11, 20]]);
});

it('An end that was cut off together with its checkpoints is missed by whoever heard of it outside, also in the log', async () => {
  const { checkpoint } = (await trail.witness())!;
  await tamper('delete from audit where seq > 10', 'delete from audit_checkpoint where number > 1');
  expect(await found()).toEqual([]);
  expect(await found([checkpoint])).toEqual([['checkpoint', 2, 3], ['truncated', 11, 22]]);
  expect(said).toContain(`audit checkpoint ${checkpoint}`);
});

it('A dropped trail is missed', async () => {
  await admin.query('drop table audit');
  expect(await found()).toEqual([['truncated', 0, 0]]);
});

it('Keys that the schema exchanged convince nobody who holds the true ones', async () => {
  const keys = await trail.keys();
  const foreign = await AuditTrail.open({ service: 'small', databaseUrl: runtimeUrl, key: makeSigningKey(), report: () => undefined });
  await foreign.witness();
  await foreign.close();
  expect((await verifyTrail({ service: 'small', client: admin })).findings).toEqual([]);
  expect((await verifyTrail({ service: 'small', client: admin, keys })).findings).toMatchObject([{ kind: 'checkpoint', from: 3, to: 3 }]);
});

it('A trail whose end is cut while the service runs is not sworn to again, and the last word stands', async () => {
  const before = await trail.witness();
  await tamper('delete from audit where seq > 10', 'delete from audit_checkpoint where number > 1');
  await write(11, 12);
  expect(await trail.witness()).toEqual(before);
  expect([trail.broken, said.at(-1)]).toEqual([true, `audit broken ${before!.checkpoint}`]);
});

it.each(['audit', 'audit_checkpoint', 'audit_key'])('Nobody changes %s: not the runtime login, not the owner, not a superuser; and a missing guard is found', async (table) => {
  for (const url of [runtimeUrl, ownerUrl, database.adminUrl]) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const sql of [`update small.${table} set ${table === 'audit_key' ? 'kid = kid' : 'seq = seq'}`, `delete from small.${table}`, `truncate small.${table}`]) {
        await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await client.end();
    }
  }
  await admin.query(`alter table ${table} disable trigger audit_only_grows`);
  expect(await found()).toEqual([['unguarded', 0, 0]]);
});

it('The runtime login adds rows through the chain alone', async () => {
  const client = new pg.Client({ connectionString: runtimeUrl });
  await client.connect();
  try {
    await expect(client.query(`insert into audit values (99, '{}', '', '')`)).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('alter table audit disable trigger all')).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
  }
});
