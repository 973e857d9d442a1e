import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, addressOf, type EmbeddedPostgres } from '@opora/postgres';
import { eventually } from '@opora/testing';
import { playJourney } from '../src/demo/journey.js';
import { staff } from './staff.js';
import { startOpora, tempFolder, type OporaProcess } from './opora-process.js';

/** Nobody is called this: whatever of it is found was leaked. */
const canary = { given: 'Kanareika', family: 'Zholtopuzova', birthDate: '1961-07-19', phone: '+79995550137', street: 'Kletochnaya 77' };
const needles = [canary.given, canary.family, '9995550137', canary.street, canary.birthDate, 'zholtopuzova'];

const folder = tempFolder();
let postgres: EmbeddedPostgres;
let opora: OporaProcess;
let admin: pg.Client;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ folder: join(folder.path, 'pg') });
  opora = await startOpora(join(folder.path, 'opora'), { DATABASE_ADMIN_URL: postgres.adminUrl, OPORA_DEMO: 'never' });
  admin = new pg.Client({ connectionString: addressOf(postgres.adminUrl, { database: 'opora' }) });
  await admin.connect();
}, 60_000);

afterAll(async () => {
  await admin?.end();
  await opora?.end('SIGINT');
  await postgres?.stop();
  folder.remove();
}, 30_000);

/** Tables of a schema whose bytes hold one of the needles. */
const found = async (schema: string): Promise<string[]> => {
  const { rows: tables } = await admin.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'`, [schema]);
  const hits = await Promise.all(tables.map(async ({ name }) => {
    const { rows: columns } = await admin.query<{ column_name: string; data_type: string }>('select column_name, data_type from information_schema.columns where table_schema = $1 and table_name = $2', [schema, name]);
    const text = columns.map(({ column_name: c, data_type: t }) => t === 'bytea' ? `coalesce(encode("${c}", 'escape'), '')` : `coalesce("${c}"::text, '')`).join(` || ' ' || `);
    const { rows } = await admin.query<{ count: string }>(`select count(*) from "${schema}"."${name}" where (${text}) ilike any($1)`, [needles.map((n) => `%${n}%`)]);
    return Number(rows[0]!.count) > 0 ? [`${schema}.${name}`] : [];
  }));
  return hits.flat();
};

const services = ['gateway', 'intake', 'counselling', 'legal-aid', 'broker'];
const schemaOf = (service: string) => service.replaceAll('-', '_');

it('gives each service a login of its own, in one process too, and no other’s schema', async () => {
  const { rows } = await admin.query<{ usename: string }>(`select distinct usename from pg_stat_activity where datname = 'opora' and usename like '%_runtime' order by usename`);
  expect(rows.map(({ usename }) => usename)).toEqual([...services, 'event-log'].map((service) => `${schemaOf(service)}_runtime`).sort());
  const secrets = JSON.parse(readFileSync(join(folder.path, 'opora', 'secrets.json'), 'utf8')) as Record<string, string>;
  for (const service of services) {
    const login = new pg.Client({ connectionString: addressOf(postgres.adminUrl, { database: 'opora', user: `${schemaOf(service)}_runtime`, password: secrets[`${service}-runtime`]! }) });
    await login.connect();
    await login.query('select 1 from outbox limit 1');
    for (const other of services.filter((name) => name !== service)) {
      await expect(login.query(`select 1 from ${schemaOf(other)}.outbox`)).rejects.toMatchObject({ code: '42501' });
    }
    await expect(login.query('select 1 from event_log.record')).rejects.toMatchObject({ code: '42501' });
    await login.end();
  }
});

it('keeps names and contacts in intake’s schema, and nowhere else', async () => {
  const clientId = await playJourney({ gateway: opora.gateway, mint: opora.mint, say: () => undefined, client: canary });

  // Mistakes and curious requests, with the data where it does not belong.
  const worker = await opora.as(staff.intake);
  const problems = await Promise.all([
    worker.post('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: canary.given, family: canary.family }] }, birthDate: { status: 'known', value: canary.birthDate } }),
    worker.post('/v1/intake/clients', { names: canary.family, surname: canary.family }),
    worker.post('/v1/intake/clients', `{"names": "${canary.family}`),
    worker.post('/v1/intake/help-requests', { source: canary.family }),
    worker.post(`/v1/intake/clients/${canary.family}/consents`, {}),
    worker.get(`/v1/intake/clients?name=${canary.family}`),
    worker.get(`/v1/nothing/${canary.family}`),
    worker.get(`/v1/clients/${canary.family}/plan`),
    worker.post('/v1/intake/clients:search-outside-caseload', { name: canary.family }, { 'idempotency-key': canary.family }),
  ]);
  for (const { status, body } of problems.slice(0, 8)) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    for (const needle of needles) expect(JSON.stringify(body)).not.toContain(needle);
  }
  expect(problems[8]).toMatchObject({ status: 200, body: { items: [{ id: clientId }] } });

  // A fact that nobody can handle: the dead letters are not empty when they are searched.
  await admin.query('select event_log.append($1, $2, $3, $4, $5)', [['opora.referrals.v1'], [clientId], [JSON.stringify({ ce_type: 'opora.referral.requested', ce_id: 'x', ce_source: 'nobody', ce_time: '2026-01-01T00:00:00.000Z' })], [Buffer.from('{"module": "legal-aid"}')], []]);
  const operator = await opora.as(staff.admin);
  const { body: dead } = await eventually(() => operator.get('/v1/legal-aid/admin/dead-letters'), ({ body }) => body.items.length === 1);
  expect(dead.items).toMatchObject([{ code: 'contract-violated', status: 'dead' }]);

  // The positive control: intake does hold it.
  expect(await found('intake')).toEqual(expect.arrayContaining(['intake.client', 'intake.fact']));
  for (const leaky of ['outbox', 'inbox', 'dead_letter', 'snapshot', 'head', 'idempotency']) expect(await found('intake')).not.toContain(`intake.${leaky}`);
  for (const schema of ['event_log', 'counselling', 'legal_aid', 'gateway', 'broker']) expect(await found(schema)).toEqual([]);

  const log = readFileSync(join(folder.path, 'opora', 'opora.log'), 'utf8');
  expect(log).toContain('"event":"request"');
  const metrics = await Promise.all([0, 1, 2, 3, 4].map(async (i) => (await fetch(opora.gateway.replace(/\d+$/, (p) => String(Number(p) + i)) + '/metrics')).text()));
  expect(metrics.join()).toContain('http_request_duration_seconds');
  for (const needle of needles) {
    expect(log).not.toContain(needle);
    expect(metrics.join()).not.toContain(needle);
    expect(opora.output()).not.toContain(needle);
    expect(readFileSync(join(folder.path, 'pg', 'postgres.log'), 'utf8')).not.toContain(needle);
  }
}, 60_000);
