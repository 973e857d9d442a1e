import type { AnyStore } from '@opora/messaging';
import { Objections, readRules, type ServiceDefinition } from '@opora/service';
import { startHarness, type Harness } from '@opora/testing';
import { services } from '../src/services.js';

let harness: Harness;
beforeAll(async () => { harness = await startHarness(services); }, 60_000);
afterAll(() => harness?.close());

const schemaOf = ({ name }: ServiceDefinition): string => name.replace('-', '_');
const storesOf = ({ stores = [] }: ServiceDefinition): AnyStore[] => [Objections, ...stores].map((type) => new (type as new (tools?: unknown) => AnyStore)());

/** What the rules forget of the tables that are there, and what they say of tables that are not, or are otherwise. */
const wrongIn = async (service: ServiceDefinition): Promise<string[]> => {
  const columns = await harness.database.query<{ table: string; column: string; type: string }>(
    `select table_name as table, column_name as column, data_type as type from information_schema.columns where table_schema = $1`, [schemaOf(service)]);
  const has = (table: string, column: string) => columns.some((one) => one.table === table && one.column === column);
  const stores = storesOf(service);
  const { rules, tables } = readRules(service, stores);
  const named = new Set([...tables.map(({ table }) => table), ...stores.map(({ aggregate }) => aggregate.table)]);
  return [
    ...[...new Set(columns.map(({ table }) => table))].filter((table) => !named.has(table)).map((table) => `${table}: no rule`),
    ...tables.filter(({ table }) => !columns.some((one) => one.table === table)).map(({ table }) => `${table}: no such table`),
    ...tables.filter(({ table, ends }) => ends === 'person' && !has(table, 'client_id')).map(({ table }) => `${table}: no erasure finds a person in it`),
    ...tables.filter(({ table, ends }) => ends === 'nobody' && ['client_id', 'person_id', 'client_ids'].some((column) => has(table, column))).map(({ table }) => `${table}: names people`),
    ...tables.filter(({ table, from }) => from !== undefined && !columns.some((one) => one.table === table && one.column === from && one.type.startsWith('timestamp'))).map(({ table }) => `${table}: no such moment`),
    ...rules.filter(({ hold, legalBasis }) => hold && legalBasis === 'purpose-reached').map(({ recordType }) => `${recordType}: kept without a law`),
  ];
};

describe.each(services.map((service) => [service.name, service] as const))('%s', (name, service) => {
  it('says of every record and every table how long it stays', async () => {
    expect(service.retention).toMatch(/retention\.json$/);
    expect(await wrongIn(service)).toEqual([]);
  });

  it('cannot forget the next table, nor the next record', async () => {
    await harness.database.query(`create table ${schemaOf(service)}.diary (id uuid, client_id uuid, words text)`);
    try {
      expect(await wrongIn(service)).toEqual(['diary: no rule']);
    } finally {
      await harness.database.query(`drop table ${schemaOf(service)}.diary`);
    }
    const diary = { aggregate: { ...storesOf(service)[0]!.aggregate, name: 'diary', client: () => name } };
    expect(() => readRules(service, [...storesOf(service), diary])).toThrow('no rule says how long records of type diary stay');
  });
});

it('what only grows old goes when its time is over, and not before', async () => {
  const look = (id: string, at: string) => harness.database.query(`insert into intake.display_audit (id, at, by, agency, action, client_ids) values ($1, $2, 'worker-1', 'centre', 'read', '{}')`, [id, at]);
  await look('00000000-0000-7000-8000-000000000001', '2023-03-02T08:59:59Z');
  await look('00000000-0000-7000-8000-000000000002', '2023-03-02T09:00:01Z');
  const supervisor = await harness.as('intake', { sub: 'boss-1', roles: ['supervisor'] });
  expect((await supervisor.post('/v1/intake/retention/proposals:find', {})).status).toBe(200);
  expect(await harness.database.query('select id from intake.display_audit')).toEqual([{ id: '00000000-0000-7000-8000-000000000002' }]);
});
