import pg from 'pg';
import { DatabaseUnreachable } from './failures.js';

/**
 * A connected client for the address in the environment variable `variable`. The caller ends it.
 * Throws DatabaseUnreachable.
 */
export async function connect(url: string, variable: string): Promise<pg.Client> {
  parseAddress(url, variable);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A server that goes away between two queries would otherwise end the process; the next query reports it.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw new DatabaseUnreachable(whyUnreachable(error, url, variable));
  }
}

export const connectAdmin = (adminUrl: string): Promise<pg.Client> => connect(adminUrl, 'DATABASE_ADMIN_URL');

/** One line for a failed connection; for whoever connects by other means (a pool, TypeORM) and has the driver's error in hand. */
export function whyUnreachable(error: unknown, url: string, variable: string): string {
  const { hostname, port, username, pathname } = parseAddress(url, variable);
  const server = `${hostname}:${port || 5432}`;
  const user = JSON.stringify(decodeURIComponent(username));
  const code = String((error as { code?: unknown }).code ?? '');
  const reasons: Record<string, string> = {
    ECONNREFUSED: `nothing listens at ${server}`,
    ENOTFOUND: `the host ${hostname} is unknown`,
    EAI_AGAIN: `the host ${hostname} cannot be looked up`,
    EHOSTUNREACH: `${server} cannot be reached`,
    ENETUNREACH: `${server} cannot be reached`,
    ETIMEDOUT: `${server} does not answer`,
    ECONNRESET: `${server} closes the connection; is it PostgreSQL?`,
    '28P01': `${server} refuses the password of ${user}`,
    '28000': `${server} refuses the user ${user}`,
    '3D000': `${server} has no database ${JSON.stringify(decodeURIComponent(pathname.slice(1)))}`,
    '42501': `${server} does not let ${user} into the database`,
    '53300': `${server} has no connection left`,
    '57P03': `${server} is starting or stopping`,
  };
  const reason = reasons[code] ?? (/timeout/i.test(String(error)) ? reasons.ETIMEDOUT : `${server} cannot be used${code && ` (${code})`}`);
  return `${variable}: ${reason}`;
}

function parseAddress(url: string, variable: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^postgres(ql)?:$/.test(address.protocol) || !address.hostname) {
    throw new DatabaseUnreachable(`${variable}: must look like postgres://user:password@host:5432/database`);
  }
  return address;
}
