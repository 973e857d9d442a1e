import pg from 'pg';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The port from which the leading relay of a schema is connected: who holds its advisory lock. */
export const leaderPort = async (databaseUrl: string, service: string): Promise<number | undefined> => {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ client_port: number }>(
      `select a.client_port from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.granted and a.application_name = $1 and a.client_port > 0`, [`relay ${service}`]);
    return rows[0]?.client_port;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Whether the process holds the local TCP port (Linux: /proc). */
export const holdsPort = (pid: number, port: number): boolean => {
  try {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const tables = ['tcp', 'tcp6'].map((table) => readFileSync(`/proc/net/${table}`, 'utf8')).join('\n');
    const inodes = new Set(tables.split('\n').map((line) => line.trim().split(/\s+/)).filter(([, local]) => local?.endsWith(`:${hex}`)).map((columns) => `socket:[${columns[9]}]`));
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};
