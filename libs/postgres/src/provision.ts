import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { connectAdmin } from './connect.js';
import { DatabaseUnreachable } from './failures.js';

export interface Provisioning {
  /** The service's name, e.g. `legal-aid`; its schema is `legal_aid`. */
  service: string;
  /** Created when missing. Default: the database of the admin address. */
  database?: string;
  ownerPassword: string;
  runtimePassword: string;
  /** Roles belong to the whole cluster: a prefix lets two databases have the same services. */
  rolePrefix?: string;
}

export interface Provisioned {
  schema: string;
  /** For migrations: owns the schema. */
  ownerUrl: string;
  /** For the running service: reads and writes rows of its own schema, nothing else. */
  runtimeUrl: string;
}

/**
 * A schema with two logins for one service. Run again, it changes nothing but the passwords. Safe to run for several services at once.
 * Throws DatabaseUnreachable.
 */
export async function provision(adminUrl: string, wanted: Provisioning): Promise<Provisioned> {
  const schema = wanted.service.replaceAll('-', '_');
  const owner = `${wanted.rolePrefix ?? ''}${schema}_owner`;
  const runtime = `${wanted.rolePrefix ?? ''}${schema}_runtime`;
  const admin = await connectAdmin(adminUrl);
  try {
    // Advisory locks belong to one database, so everybody locks in the admin address's own.
    await admin.query(`select pg_advisory_lock(hashtext('opora.provision'))`);
    await ensureRole(admin, owner, wanted.ownerPassword);
    await ensureRole(admin, runtime, wanted.runtimePassword);
    const own = decodeURIComponent(new URL(adminUrl).pathname.slice(1));
    const database = wanted.database ?? own;
    if (database !== own) await ensureDatabase(admin, database);
    const inside = database === own ? admin : await connectAdmin(addressOf(adminUrl, { database }));
    try {
      await grant(inside, { database, schema, owner, runtime });
    } finally {
      if (inside !== admin) await inside.end();
    }
    return {
      schema,
      ownerUrl: addressOf(adminUrl, { database, user: owner, password: wanted.ownerPassword }),
      runtimeUrl: addressOf(adminUrl, { database, user: runtime, password: wanted.runtimePassword }),
    };
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42501') throw error;
    throw new DatabaseUnreachable(`DATABASE_ADMIN_URL: ${JSON.stringify(admin.user)} may not set up ${schema}: ${(error as Error).message}`);
  } finally {
    await admin.end();
  }
}

/** The same server, another database or login. */
export function addressOf(url: string, to: { database?: string; user?: string; password?: string }): string {
  const address = new URL(url);
  if (to.database !== undefined) address.pathname = `/${encodeURIComponent(to.database)}`;
  if (to.user !== undefined) address.username = encodeURIComponent(to.user);
  if (to.password !== undefined) address.password = encodeURIComponent(to.password);
  return address.href;
}

async function ensureRole(admin: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role]);
  const verb = rowCount ? 'alter' : 'create';
  await admin.query(`${verb} role ${name(role)} login noinherit password ${pg.escapeLiteral(scramVerifier(password))}`);
}

async function ensureDatabase(admin: pg.Client, database: string): Promise<void> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [database]);
  if (!rowCount) await admin.query(`create database ${name(database)}`);
}

async function grant(db: pg.Client, of: { database: string; schema: string; owner: string; runtime: string }): Promise<void> {
  const [database, schema, owner, runtime] = [name(of.database), name(of.schema), name(of.owner), name(of.runtime)];
  const { rows: [me] } = await db.query<{ super: boolean }>('select rolsuper as super from pg_roles where rolname = current_user');
  // Whoever may create roles but is no superuser has to be a member to make things in the owner's name.
  if (!me?.super) await db.query(`grant ${owner} to current_user`);
  await db.query(`
    begin;
    revoke all on database ${database} from public;
    revoke all on schema public from public;
    grant connect, temporary on database ${database} to ${owner};
    grant connect on database ${database} to ${runtime};
    create schema if not exists ${schema} authorization ${owner};
    grant usage on schema ${schema} to ${runtime};
    alter default privileges for role ${owner} in schema ${schema} grant select, insert, update, delete on tables to ${runtime};
    alter default privileges for role ${owner} in schema ${schema} grant usage on sequences to ${runtime};
    alter role ${owner} in database ${database} set search_path = ${schema};
    alter role ${runtime} in database ${database} set search_path = ${schema};
    commit`);
}

const name = (identifier: string): string => pg.escapeIdentifier(identifier);

/** PostgreSQL's stored form of a password (RFC 5803), so that a server which logs statements never logs the password itself. */
function scramVerifier(password: string): string {
  const [salt, rounds] = [randomBytes(16), 4096];
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, rounds, 32, 'sha256');
  const keyed = (label: string) => createHmac('sha256', salted).update(label).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}
