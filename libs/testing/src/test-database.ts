import { addressOf, connectAdmin, provision, type Provisioned } from '@opora/postgres';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  name: string;
  /** The superuser's address of this database. */
  adminUrl: string;
  /** The service's schema and its two logins in this database. */
  provision(service: string): Promise<Provisioned>;
  /** As superuser: sees every schema, so name it. */
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<R[]>;
  /** Database and roles; ends connections that are still open. */
  drop(): Promise<void>;
}

/** A fresh database for one test file. Needs DATABASE_ADMIN_URL, which the run's set-up provides. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const clusterUrl = process.env.DATABASE_ADMIN_URL;
  if (!clusterUrl) throw new Error('DATABASE_ADMIN_URL is missing: name the file *.int.spec.ts under test/, or set the variable');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const rolePrefix = `${name}_`;
  const adminUrl = addressOf(clusterUrl, { database: name });
  await asAdmin(clusterUrl, (admin) => admin.query(`create database ${name}`));

  const pool = new pg.Pool({ connectionString: adminUrl, max: 2, allowExitOnIdle: true });
  pool.on('error', () => {});
  return {
    name,
    adminUrl,
    provision: (service) => provision(adminUrl, { service, rolePrefix, ownerPassword: 'owner', runtimePassword: 'runtime' }),
    query: async <R extends pg.QueryResultRow>(sql: string, params?: unknown[]) => (await pool.query<R>(sql, params)).rows,
    drop: async () => {
      await pool.end();
      await asAdmin(clusterUrl, async (admin) => {
        await admin.query(`drop database if exists ${name} with (force)`);
        const { rows } = await admin.query<{ rolname: string }>('select rolname from pg_roles where starts_with(rolname, $1)', [rolePrefix]);
        if (rows.length > 0) await admin.query(`drop role ${rows.map(({ rolname }) => pg.escapeIdentifier(rolname)).join(', ')}`);
      });
    },
  };
}

async function asAdmin(url: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = await connectAdmin(url);
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
