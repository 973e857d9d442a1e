// One throw-away PostgreSQL for the whole run, unless DATABASE_ADMIN_URL names one.
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importTypeScript } from './import-typescript.mjs';

export default async function setup() {
  if (process.env.DATABASE_ADMIN_URL) return;
  const { startEmbeddedPostgres } = await importTypeScript(new URL('../../postgres/src/index.ts', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'opora-test-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    folder,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  process.env.DATABASE_ADMIN_URL = postgres.adminUrl;
  globalThis.oporaTestPostgres = { postgres, folder };
}
