import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
    const kept = keeper(home, chosen, settings, log);
    const started = await kept.start();
    if (started === undefined) return admitted(kept, chosen, superuser, home);
    const taken = started.includes('TCP/IP sockets');
    if (!taken || attempt === 5) throw new EmbeddedPostgresError(`PostgreSQL did not start: ${started} (see ${logFile(home)})`);
  }
}

interface Keeper {
  /** Why it did not start; undefined when it did. */
  start(): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Starts the server, and starts it again on the same port when it ends without our doing: what it acknowledged is on the disk. */
function keeper(home: Home, port: number, settings: Record<string, string>, log: Log): Keeper {
  let running: Running | undefined;
  let stopped = false;
  let reviving: Promise<void> = Promise.resolve();
  const start = async (): Promise<string | undefined> => {
    const started = await launch(home, port, settings, () => { reviving = revive(); });
    if (typeof started === 'string') return started;
    running = started;
    return undefined;
  };
  const revive = async (): Promise<void> => {
    for (let attempt = 1; attempt <= 5 && !stopped; attempt += 1) {
      log(`PostgreSQL ended by itself (see ${logFile(home)}); starting it again`);
      await stopLeftovers(home, log).catch(() => undefined);
      if (await start() === undefined) return;
      await sleep(500 * attempt);
    }
    if (!stopped) log('PostgreSQL does not start any more; stop Opora and look at its log');
  };
  return {
    start,
    stop: async () => {
      stopped = true;
      await reviving;
      if (running) await stop(running, home);
    },
  };
}

async function admitted(kept: Keeper, port: number, password: string, home: Home): Promise<EmbeddedPostgres> {
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  try {
    await (await connect(adminUrl, 'PostgreSQL')).end();
  } catch (error) {
    await kept.stop();
    if (!(error instanceof DatabaseUnreachable)) throw error;
    throw new EmbeddedPostgresError(`${home.folder}: secrets.json does not fit the data (${error.message}); restore it, or delete the folder to begin anew`);
  }
  return { adminUrl, port, stop: () => kept.stop() };
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
