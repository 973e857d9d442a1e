import type { Topic } from '@opora/contracts';
import { connectAdmin, provision, startEmbeddedPostgres } from '@opora/postgres';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migratePostgresLog, PostgresLog } from '../src/postgres-log/index.js';
import type { BrokerHarness } from './broker-contract.js';

interface Address { readonly url: string; readonly erasableTopics: string[]; readonly compactedTopics: string[] }

export const connect = (address: string): PostgresLog => new PostgresLog({ ...JSON.parse(address) as Address, report: () => undefined });

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A PostgreSQL of its own: others must not be there when it is killed. */
export const postgresLogHarness = async (): Promise<BrokerHarness> => {
  const folder = await mkdtemp(join(tmpdir(), 'opora-log-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder });
  const { ownerUrl, runtimeUrl: url } = await provision(postgres.adminUrl, { service: 'event-log', ownerPassword: 'owner', runtimePassword: 'runtime' });
  await migratePostgresLog(ownerUrl);
  const erasableTopics: string[] = [];
  const compactedTopics: string[] = [];
  return {
    createTopic: async ({ name, erasable, compacted }: Topic) => {
      if (erasable) erasableTopics.push(name);
      if (compacted) compactedTopics.push(name);
    },
    address: () => JSON.stringify({ url, erasableTopics, compactedTopics } satisfies Address),
    restart: async () => {
      const [pid] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
      while (alive(Number(pid))) await sleep(5);
      // It is started again by whoever keeps it.
      const answers = () => connectAdmin(postgres.adminUrl).then((client) => client.end()).then(() => true, () => false);
      while (!await answers()) await sleep(20);
    },
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
