import { addressOf, startEmbeddedPostgres, type EmbeddedPostgres } from '@opora/postgres';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { erasureHolds } from './erasure-checks.js';
import { freePorts, startOpora, tempFolder, type OporaProcess } from './opora-process.js';

const folder = tempFolder();
let postgres: EmbeddedPostgres;
let opora: OporaProcess;
let database: pg.Pool;
let written = '';

const start = () => startOpora(join(folder.path, 'opora'), { DATABASE_ADMIN_URL: postgres.adminUrl, OPORA_DEMO: 'never', TMPDIR: join(folder.path, 'opora') });
const restart = async (): Promise<void> => {
  await opora.end('SIGKILL');
  written += opora.output();
  opora = await start();
};

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ folder: join(folder.path, 'pg') });
  opora = await start();
  database = new pg.Pool({ connectionString: addressOf(postgres.adminUrl, { database: 'opora' }), max: 2 });
  database.on('error', () => undefined);
}, 60_000);

afterAll(async () => {
  await database?.end();
  await opora?.end('SIGINT');
  await postgres?.stop();
  folder.remove();
}, 30_000);

describe('All in one process, the event log in PostgreSQL', () => erasureHolds(() => ({
  gateway: opora.gateway, issuer: opora.issuer, mint: (claims) => opora.mint(claims), as: (claims) => opora.as(claims), database, restart,
  foreign: async () => ({ port: await freePorts(), environment: { PROBE_GATEWAY: opora.gateway, PROBE_TOKEN: await opora.mint({ sub: 'probe', agency: 'probe-agency', roles: ['module'] }) } }),
  files: async () => {
    const own = join(folder.path, 'opora');
    const files = readdirSync(own, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return [...files, join(folder.path, 'pg', 'postgres.log')].map((file) => readFileSync(file, 'utf8')).join('\n') + written + opora.output();
  },
  // They are tables, and searched as such.
  topics: async () => undefined,
  rebuildGateway: async () => {
    await opora.end('SIGKILL');
    const { rows } = await database.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'gateway' and table_name <> 'migrations' and table_name not like 'audit%'`);
    await database.query(`truncate ${rows.map(({ name }) => `gateway.${name}`).join(', ')}`);
    opora = await start();
  },
})));
