import { startDevelopmentIssuer, type DevelopmentIssuer } from '@opora/access';
import { compactedTopics, erasableTopics, topics } from '@opora/contracts';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { Clock, migratePostgresLog, PostgresLog } from '@opora/messaging';
import { connectAdmin, loadSecrets, OperatorError, provision, startEmbeddedPostgres } from '@opora/postgres';
import { bootService, Log, type RunningService, type ServiceDefinition } from '@opora/service';
import { createServer } from 'node:net';
import { keyIn } from './audit/key-file.js';
import type { Configuration } from './configuration.js';
import { door } from './door/door.module.js';
import type { Folder } from './folder.js';
import { agencyOf, agencyTitles, modules } from './services.js';

export interface System {
  readonly gateway: string;
  readonly issuer: DevelopmentIssuer;
  close(): Promise<void>;
}

const names = ['gateway', ...modules.map(({ name }) => name), 'broker', 'event-log'];
const audience = 'opora';

const mustBeFree = (port: number): Promise<void> => new Promise((resolve, reject) => {
  const probe = createServer().once('error', () => reject(new OperatorError(`Port ${port} is taken; stop what uses it or set OPORA_PORT to another.`)));
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
});

/** Everything on one machine: one PostgreSQL, one event log, every service with its own schema, logins and port. */
export const startSystem = async (config: Configuration, folder: Folder, say: (line: string) => void): Promise<System> => {
  if (process.env['NODE_ENV'] === 'production') throw new OperatorError('One process with a development issuer is not for NODE_ENV=production: the issuer gives tokens to anyone.');
  const wanted = modules.filter(({ name }) => config.OPORA_SERVICES.split(',').includes(name));
  const port = (index: number): number => config.OPORA_PORT + index;
  for (let index = 0; index <= modules.length + 2; index += 1) await mustBeFree(port(index));

  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.reverse()) await one().catch(() => undefined);
    opened.length = 0;
  };
  try {
    const log = new Log((line) => folder.appendLine('opora.log', line), config.OPORA_LOG_LEVEL);
    const adminUrl = config.DATABASE_ADMIN_URL ?? await embedded(folder, say, opened);
    await connectAdmin(adminUrl).then((client) => client.end());

    say('Preparing schemas and logins …');
    const secrets = loadSecrets(folder.path, names.flatMap((name) => [`${name}-owner`, `${name}-runtime`]));
    const logins = (service: string) => provision(adminUrl, {
      service, database: 'opora', ownerPassword: secrets[`${service}-owner`]!, runtimePassword: secrets[`${service}-runtime`]!,
    });
    const logLogins = await logins('event-log');
    await migratePostgresLog(logLogins.ownerUrl);
    const broker = new PostgresLog({
      url: logLogins.runtimeUrl, report: (what, code) => log.say('warn', what, { code }),
      erasableTopics, compactedTopics, personsTopic: topics.consents.name,
    });
    opened.push(() => broker.close());
    const issuer = await startDevelopmentIssuer({ port: port(modules.length + 2), keyFile: folder.file('issuer-key.json'), audience });
    opened.push(() => issuer.close());

    const auditKey = keyIn(folder.file('audit-key.pem'));
    const boot = async (service: ServiceDefinition, index: number): Promise<RunningService> => {
      const { ownerUrl, runtimeUrl } = await logins(service.name);
      const running = await bootService(service, {
        host: '127.0.0.1', port: port(index), databaseUrl: runtimeUrl, ownerDatabaseUrl: ownerUrl, agency: agencyOf(service.name),
        agencyTitles: agencyTitles[agencyOf(service.name)]!,
        limits: { perAddress: config.OPORA_REQUESTS_PER_MINUTE, perSubject: config.OPORA_REQUESTS_PER_MINUTE, trustedProxies: service === Gateway ? 'none' : 'loopback' },
        tokens: { issuers: [issuer], audience }, auditKey, watermarkEveryMs: config.OPORA_WATERMARK_EVERY_MS,
        environment: {
          GATEWAY_UPSTREAMS: config.OPORA_UPSTREAMS, GATEWAY_STALE_AFTER_MS: String(config.OPORA_STALE_AFTER_MS), LEGAL_AID_LAW_KEYS: config.OPORA_LAW_KEYS,
          INTAKE_CONSENT_IN_WRITING: config.OPORA_CONSENT_IN_WRITING,
          LEGAL_AID_CLIENTS_MATCH_AT: `http://127.0.0.1:${port(modules.indexOf(Intake) + 1)}/v1/${Intake.name}`,
        },
      }, { broker, clock: new Clock(), log });
      opened.push(() => running.close());
      return running;
    };
    say(`Starting ${[...wanted.map((s) => s.name), 'gateway'].join(', ')} …`);
    await Promise.all([...wanted.map((service) => boot(service, modules.indexOf(service) + 1)), boot(door(broker, names), modules.length + 1)]);
    const gateway = await boot(Gateway, 0);
    await registered(gateway.url, await issuer.mint({ sub: 'opora', agency: 'centre', roles: ['admin'] }), [...wanted.map((s) => s.name), 'broker']);
    return { gateway: gateway.url, issuer, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** A service is there for others once the gateway has heard its manifest. */
const registered = async (gateway: string, token: string, modules: readonly string[]): Promise<void> => {
  for (;;) {
    const response = await fetch(`${gateway}/v1/modules`, { headers: { authorization: `Bearer ${token}` } });
    const { items = [] } = (await response.json()) as { items?: { module: string }[] };
    if (modules.every((name) => items.some(({ module }) => module === name))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const embedded = async (folder: Folder, say: (line: string) => void, opened: (() => Promise<unknown>)[]): Promise<string> => {
  say('Starting PostgreSQL …');
  const postgres = await startEmbeddedPostgres({ folder: folder.file('postgres'), log: say });
  opened.push(() => postgres.stop());
  return postgres.adminUrl;
};
