import { makeSigningKey, startDevelopmentIssuer, type TokenClaims } from '@opora/access';
import { compactedTopics, erasableTopics, topics, type Contract, type DataOf } from '@opora/contracts';
import { migratePostgresLog, newId, PostgresLog, toRecord, type Broker } from '@opora/messaging';
import { bootService, Log, type RunningService, type ServiceDefinition, type ServiceSettings } from '@opora/service';
import { caller, type Caller } from './caller.js';
import { ManualClock } from './manual-clock.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export interface Harness {
  readonly database: TestDatabase;
  readonly broker: Broker;
  readonly clock: ManualClock;
  /** Every log line written so far. */
  readonly log: readonly string[];
  readonly url: (service: string) => string;
  /** Calls a service as somebody: `as('legal-aid', { roles: ['legal-aid:practitioner'], agency: 'bureau' })`. */
  as(service: string, who: Partial<TokenClaims>): Promise<Caller>;
  mint(who: Partial<TokenClaims>): Promise<string>;
  /** Says a fact as another module would. */
  say<C extends Contract>(contract: C, data: DataOf<C> | null, from: { source: string; key: string; subject?: string; sequence?: number; id?: string }): Promise<void>;
  boot(service: ServiceDefinition, settings?: Partial<ServiceSettings>): Promise<RunningService>;
  close(): Promise<void>;
}

const audience = 'opora';
const auditKey = makeSigningKey();

/** Services on a throw-away database, a real broker on it, and real tokens. */
export const startHarness = async (services: readonly ServiceDefinition[], settings: Partial<ServiceSettings> = {}): Promise<Harness> => {
  const database = await createTestDatabase();
  const lines: string[] = [];
  const log = new Log((line) => lines.push(line), 'debug');
  const logAccess = await database.provision('event-log');
  const broker = new PostgresLog({
    url: logAccess.runtimeUrl,
    erasableTopics, compactedTopics, personsTopic: topics.consents.name,
    report: (what, code) => log.say('warn', what, { code }),
  });
  await migratePostgresLog(logAccess.ownerUrl);
  const issuer = await startDevelopmentIssuer({ audience });
  const clock = new ManualClock();
  const running = new Map<string, RunningService>();
  const started: RunningService[] = [];

  const boot = async (service: ServiceDefinition, more: Partial<ServiceSettings> = {}) => {
    const { ownerUrl, runtimeUrl } = await database.provision(service.name);
    const up = await bootService(service, {
      host: '127.0.0.1', port: 0, databaseUrl: runtimeUrl, ownerDatabaseUrl: ownerUrl, agency: `${service.name}-agency`,
      tokens: { issuers: [{ issuer: issuer.issuer, jwksUri: issuer.jwksUri }], audience }, auditKey, watermarkEveryMs: 200, ...settings, ...more,
    }, { broker, clock, log });
    running.set(service.name, up);
    started.push(up);
    return up;
  };
  const close = async (): Promise<void> => {
    await Promise.all(started.map((service) => service.close()));
    await broker.close();
    await issuer.close();
    await database.drop();
  };
  try {
    for (const service of services) await boot(service);
  } catch (error) {
    await close();
    throw error;
  }

  const url = (service: string): string => running.get(service)!.url;
  const mint = (who: Partial<TokenClaims>) => issuer.mint({ sub: 'worker-1', agency: 'centre', roles: [], ...who });
  return {
    database, broker, clock, log: lines, url, boot, mint,
    as: async (service, who) => caller(url(service), await mint(who)),
    say: (contract, data, { source, key, subject = key, sequence = 1, id = newId() }) => broker.publish([toRecord({
      id, source, type: contract.type, topic: contract.topic.name, key, subject, time: clock.now(), sequence, data,
    }, contract)]),
    close,
  };
};
