import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './failures.js';
import { environment, type Home, type Log } from './home.js';

/** A new data directory, its superuser `postgres` with this password. Throws EmbeddedPostgresError. */
export async function createCluster(home: Home, password: string, log: Log): Promise<void> {
  log('Creating the database cluster');
  const unfinished = join(home.base, `data.new.${process.pid}`);
  const passwordFile = join(home.base, 'initdb.password');
  try {
    const leftovers = readdirSync(home.base).filter((entry) => entry.startsWith('data.new.'));
    for (const entry of leftovers) rmSync(join(home.base, entry), { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (home.account) for (const path of [unfinished, passwordFile]) chownSync(path, home.account.uid, home.account.gid);
    // The collation comes with PostgreSQL and not from the machine: the same order everywhere, no surprise after a system update.
    await promisify(execFile)(home.program('initdb'), ['-D', unfinished, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
      '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    { cwd: '/', env: environment(), ...home.account });
    // Under its own name only when complete: a kill halfway leaves nothing that looks like a cluster.
    renameSync(unfinished, join(home.base, 'data'));
    if (home.base !== home.folder) symlinkSync(join(home.base, 'data'), join(home.folder, 'data'));
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const reason = stderr?.split('\n').find((line) => /error|fatal/i.test(line)) ?? message.split('\n')[0];
    throw new EmbeddedPostgresError(`The database cluster in ${home.folder} could not be created: ${reason}`);
  } finally {
    rmSync(passwordFile, { recursive: true, force: true });
  }
}
