import { Asking, Policies, type Actor } from '@opora/access';
import { Heads, newId, type Database, type Visible } from '@opora/messaging';
import { startHarness, type Harness } from '@opora/testing';
import { Reading } from '../src/index.js';
import { ThingsService } from './things.js';

/** As many as make a planner read a whole table rather than an index that does not fit. */
const MANY = 20_000;
let harness: Harness;
const within = (sql: string): string => sql.replace(/\b(from|join) head\b/g, '$1 things.head');

beforeAll(async () => {
  harness = await startHarness([ThingsService]);
  await harness.database.query('create index thing_client on things.thing (client_id)');
  await harness.database.query(`insert into things.thing select gen_random_uuid(), 1, '{}', gen_random_uuid(), 'centre', 'D1' from generate_series(1, ${MANY})`);
  await harness.database.query(`insert into things.head (topic, key, version, body) select 'opora.consents.v1', client_id, 1, jsonb_build_object('clientId', client_id, 'aliases', '[]'::jsonb) from things.thing`);
  await harness.database.query('analyze things.thing, things.head');
}, 60_000);
afterAll(() => harness?.close());

/** What PostgreSQL would do for a list that this actor asks for. */
const planOf = async (actor: Actor, purpose: 'self' | 'emergency'): Promise<string> => {
  const heads = new Heads({ query: (sql: string, parameters: unknown[]) => harness.database.query(within(sql), parameters) } as unknown as Database);
  let plan = '';
  const store = {
    page: async (_: unknown, { limit }: { limit: number }, visible?: Visible) => {
      const parameters: unknown[] = [];
      const add = (value: unknown) => `$${parameters.push(value)}`;
      const rows = await harness.database.query<{ 'QUERY PLAN': string }>(
        within(`explain select t.id from things.thing t ${visible!.join('t')} where ${visible!.where('t', add)} order by t.id desc limit ${add(limit)}`), parameters);
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return [];
    },
  };
  await new Reading(new Policies('things', ThingsService.policies!), heads, harness.clock).page(store, { ...actor, asking: new Asking('thing.read', purpose, 'r') }, 'D1', {}, {}, (row) => row);
  return plan;
};

it.each<[string, Actor, 'self' | 'emergency']>([
  ['a client’s own list', { sub: 'x', agency: 'centre', roles: ['client'], clientId: newId(), clientIds: [newId(), newId()] }, 'self'],
  ['a list in an emergency', { sub: 'ann', agency: 'bureau', roles: ['counsellor'] }, 'emergency'],
])('%s reads the rows of whom it is about, and no table from end to end', async (_, actor, purpose) => {
  const plan = await planOf(actor, purpose);
  expect(plan).toContain('thing_client');
  expect(plan).not.toMatch(/Seq Scan|Index Scan Backward/);
});
