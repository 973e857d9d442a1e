import { createClient, createTopics, grantAccess, type KafkaOptions } from '@opora/messaging/kafka';
import { loadSecrets, provision, type Provisioned } from '@opora/postgres';
import { topicsOf } from '@opora/service';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyIn } from './audit/key-file.js';
import { services } from './services.js';

/**
 * A schema with two logins for each service. What a service needs to log in and to sign its audit trail lies in `<folder>/<service>/`
 * afterwards, and there alone: passwords and keys are made when they are missing, and stay.
 */
export const provisionDatabase = async (
  adminUrl: string, database: string, folder: string, names: readonly string[] = services.map(({ name }) => name),
): Promise<Map<string, Provisioned>> => {
  const logins = new Map<string, Provisioned>();
  for (const name of names) {
    const own = join(folder, name);
    const { owner, runtime } = loadSecrets(own, ['owner', 'runtime']);
    const login = await provision(adminUrl, { service: name, database, ownerPassword: owner, runtimePassword: runtime });
    writeFileSync(join(own, 'database-url'), login.runtimeUrl, { mode: 0o600 });
    writeFileSync(join(own, 'database-owner-url'), login.ownerUrl, { mode: 0o600 });
    keyIn(join(own, 'audit-key'));
    logins.set(name, login);
  }
  return logins;
};

export interface ProvisionedKafka {
  /** Names of the topics that were not there. */
  readonly made: readonly string[];
  /** `open`: the server keeps no rights, and everybody may do everything. */
  readonly rights: 'granted' | 'open';
}

/** Topics with their settings; and each service’s login, which is called like the service, may read what it hears and write what it says. */
export const provisionKafka = async (access: Pick<KafkaOptions, 'brokers' | 'ssl' | 'sasl'>): Promise<ProvisionedKafka> => {
  const admin = createClient({ ...access, clientId: 'provision', report: () => undefined }).admin();
  await admin.connect();
  try {
    const made = await createTopics(admin);
    const answers = [];
    for (const service of services) answers.push(await grantAccess(admin, { service: service.name, ...topicsOf(service) }));
    return { made, rights: answers.includes('open') ? 'open' : 'granted' };
  } finally {
    await admin.disconnect();
  }
};
