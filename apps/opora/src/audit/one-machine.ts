import { publicKeyOf } from '@opora/access';
import { loadSecrets, OperatorError } from '@opora/postgres';
import type { JWK } from 'jose';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm start` keeps in its folder: the running PostgreSQL, the log outside of it, the key. */
export const oneMachine = async (folder: string): Promise<{ databaseUrl: string; logs: string[]; keys: JWK[] }> => {
  // Its fourth line is the port (PostgreSQL: utils/pidfile.h).
  const pidFile = join(folder, 'postgres', 'data', 'postmaster.pid');
  const port = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n')[3]?.trim() : undefined;
  const keyFile = join(folder, 'audit-key.pem');
  if (!port || !existsSync(keyFile)) throw new OperatorError(`Nothing runs in ${folder}; start it (npm start), or name a database in DATABASE_URL`);
  const { superuser } = loadSecrets(join(folder, 'postgres'), ['superuser']);
  return {
    databaseUrl: `postgres://postgres:${superuser}@127.0.0.1:${port}/opora`,
    logs: ['opora.log.old', 'opora.log'].map((name) => join(folder, name)).filter((file) => existsSync(file)),
    keys: [await publicKeyOf(readFileSync(keyFile, 'utf8'))],
  };
};
