import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createCluster } from './cluster.js';
import { connect } from './connect.js';
import { DatabaseUnreachable, EmbeddedPostgresError } from './failures.js';
import { openHome, type Home, type Log } from './home.js';
import { stopLeftovers } from './processes.js';
import { loadSecrets } from './secrets.js';
import { launch, logFile, stop, type Running } from './server.js';

export interface EmbeddedPostgres {
  /** The superuser's address, database `postgres`. */
  adminUrl: string;
  port: number;
  /** Ends all connections and stops the server. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Holds data, passwords and the log; made when missing. */
  folder: string;
  /** Default: a free one, another at each start. */
  port?: number;
  /** Server settings beside our own, e.g. `{ fsync: 'off' }` for data nobody will miss. */
  settings?: Record<string, string>;
  log?: Log;
}

/**
 * A PostgreSQL of our own on this machine, on 127.0.0.1 only. It survives Ctrl-C (so that whoever uses it can close first) and is
 * stopped with our process otherwise, also when that is killed. Throws EmbeddedPostgresError: one line.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { folder, port, settings = {}, log = () => {} } = options;
  const home = openHome(folder, log);
  const { superuser } = loadSecrets(folder, ['superuser']);
  await stopLeftovers(home, log);
  if (!existsSync(join(home.folder, 'data'))) await createCluster(home, superuser, log);
  for (let attempt = 1; ; attempt += 1) {
    const chosen = await freePort(port);
    const started = await launch(home, chosen, settings, log);
    if (typeof started !== 'string') return admitted(started, chosen, superuser, home);
    const taken = started.includes('TCP/IP sockets');
    if (!taken || attempt === 5) throw new EmbeddedPostgresError(`PostgreSQL did not start: ${started} (see ${logFile(home)})`);
  }
}

async function admitted(running: Running, port: number, password: string, home: Home): Promise<EmbeddedPostgres> {
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  try {
    await (await connect(adminUrl, 'PostgreSQL')).end();
  } catch (error) {
    await stop(running, home);
    if (!(error instanceof DatabaseUnreachable)) throw error;
    throw new EmbeddedPostgresError(`${home.folder}: secrets.json does not fit the data (${error.message}); restore it, or delete the folder to begin anew`);
  }
  return { adminUrl, port, stop: () => stop(running, home) };
}

/** Throws when the wanted port is taken. */
async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedPostgresError(`Port ${wanted} on 127.0.0.1 ${code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`}; PostgreSQL needs it`);
  } finally {
    server.close();
  }
}
