import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './failures.js';
import { openToAll, programsFor, SHARED } from './programs.js';

export type Log = (line: string) => void;
export interface Account { uid: number; gid: number }

export interface Home {
  folder: string;
  /** The data directory is `<base>/data`: in `folder`, unless the account cannot get there. */
  base: string;
  /** The cluster's name stands in the title of each of its processes; by it they are found again. */
  name: string;
  /** Who runs PostgreSQL, which refuses to run as root; undefined: whoever we are. */
  account: Account | undefined;
  program(name: 'postgres' | 'initdb' | 'pg_ctl'): string;
}

export function openHome(wanted: string, log: Log): Home {
  const folder = writable(wanted);
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const data = join(folder, 'data');
  if (lstatSync(data, { throwIfNoEntry: false })?.isSymbolicLink() && !existsSync(data)) {
    throw new EmbeddedPostgresError(`${data} points to a folder that is gone; bring that back, or delete ${folder} to begin anew`);
  }
  const account = accountFor(data);
  const native = programsFor(account, log);
  return {
    folder,
    base: baseFor(folder, data, account, id, log),
    name: `opora-cluster-${id}`,
    account,
    program: (program) => join(native, 'bin', program),
  };
}

function writable(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return realpathSync(folder);
  } catch (error) {
    throw new EmbeddedPostgresError(`Cannot write to ${folder} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function accountFor(data: string): Account | undefined {
  if (!process.getuid) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  const me = process.getuid();
  if (me !== 0) {
    if (owner && owner.uid !== me) throw new EmbeddedPostgresError(`${data} belongs to another user (${owner.uid}); start as that user or as root`);
    return undefined;
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function baseFor(folder: string, data: string, account: Account | undefined, id: string, log: Log): string {
  const reachable = (path: string) => !account || spawnSync('/bin/sh', ['-c', 'cd "$0"', path], { cwd: '/', ...account }).status === 0;
  if (existsSync(data)) {
    const base = dirname(realpathSync(data));
    if (!reachable(base)) throw new EmbeddedPostgresError(`User ${account?.uid}, who runs PostgreSQL for root, may not enter ${base}; open the folders above it (chmod o+x)`);
    return base;
  }
  if (reachable(folder)) return folder;
  const base = join(SHARED, id);
  openToAll(SHARED);
  openToAll(base);
  const forgotten = join(base, 'data');
  if (existsSync(forgotten)) renameSync(forgotten, `${forgotten}.before-${Date.now()}`);
  log(`User ${account?.uid} cannot reach ${folder}; the data are kept in ${base}`);
  return base;
}

/** PostgreSQL gets no more of our environment than it needs: no passwords, no PGPORT to lead it astray; its messages are read in English. */
export function environment(): NodeJS.ProcessEnv {
  const needed = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP'].filter((key) => process.env[key] !== undefined);
  return { ...Object.fromEntries(needed.map((key) => [key, process.env[key]])), LC_ALL: 'C' };
}
