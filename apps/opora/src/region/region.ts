import { startDevelopmentIssuer, type TokenClaims } from '@opora/access';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@opora/postgres';
import { caller, freePort, startKafka, type Caller, type KafkaAccess, type TestKafka } from '@opora/testing';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionDatabase, provisionKafka } from '../provisioning.js';
import { agencyOf, agencyTitles, services } from '../services.js';
import { Deployment } from './deployment.js';

export interface RegionOptions {
  /** Instances of each service. */
  readonly instances?: number;
  /** Variables for every service, or for one: `{ gateway: { GATEWAY_STALE_AFTER_MS: '1000' } }`. */
  readonly environment?: Record<string, string>;
  readonly environmentOf?: Record<string, Record<string, string>>;
  /** Kafka wants TLS and passwords, and lets each service do what it was granted. */
  readonly secured?: boolean;
  /** Services beside the product's own: name → program. */
  readonly besides?: Readonly<Record<string, string>>;
}

/** Every service in processes of its own, a real Kafka and a real PostgreSQL: what a region runs, on one machine. For trials of it. */
export interface Region {
  /** The one address for integrators. */
  readonly gateway: string;
  readonly issuer: string;
  readonly kafka: TestKafka;
  readonly adminUrl: string;
  readonly deployments: ReadonlyMap<string, Deployment>;
  deployment(service: string): Deployment;
  mint(claims: TokenClaims): Promise<string>;
  as(claims: TokenClaims): Promise<Caller>;
  /** PostgreSQL goes away, and comes back on the same data and port. */
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  /** Holds the data directory of PostgreSQL. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Two cores that others use too: a dozen processes may start slowly. */
const BOOT_MS = 180_000;

const kafkaVariables = ({ brokers, ssl, sasl }: KafkaAccess): Record<string, string> => ({
  KAFKA_BROKERS: brokers.join(),
  ...(typeof ssl === 'object' && { KAFKA_TLS: 'true', KAFKA_TLS_CA: String(ssl.ca) }),
  ...(sasl && 'password' in sasl && { KAFKA_SASL_MECHANISM: sasl.mechanism, KAFKA_SASL_USERNAME: sasl.username, KAFKA_SASL_PASSWORD: sasl.password }),
});

const program = (service: string): string => join(import.meta.dirname, '..', '..', '..', service, 'dist', 'main.js');

export const startRegion = async ({ instances = 1, environment = {}, environmentOf = {}, secured = false, besides = {} }: RegionOptions = {}): Promise<Region> => {
  const programs = [...services.map(({ name }): [string, string] => [name, program(name)]), ...Object.entries(besides)];
  const folder = mkdtempSync(join(tmpdir(), 'opora-region-'));
  // PostgreSQL does not run as root; whom it runs as must be able to get here.
  chmodSync(folder, 0o755);
  const opened: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })];
  const close = async (): Promise<void> => {
    for (const one of opened.reverse()) await one();
    opened.length = 0;
  };
  try {
    const port = await freePort();
    const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ folder: join(folder, 'postgres'), port, settings: { max_connections: '300' } });
    let postgres = await start();
    opened.push(() => postgres.stop());
    const kafka = await startKafka(secured ? { users: programs.map(([name]) => name) } : {});
    opened.push(() => kafka.stop());
    const issuer = await startDevelopmentIssuer({ audience: 'opora' });
    opened.push(() => issuer.close());
    const [logins] = await Promise.all([
      provisionDatabase(postgres.adminUrl, 'opora', join(folder, 'secrets'), programs.map(([name]) => name)),
      provisionKafka(kafka.as('admin')),
    ]);

    const deployments: ReadonlyMap<string, Deployment> = new Map(programs.map(([name, file]) => [name, new Deployment(name, file, (own, url) => ({
      HOST: '127.0.0.1', PORT: String(own), BASE_URL: url, AGENCY: agencyOf(name),
      AGENCY_TITLE_EN: agencyTitles[agencyOf(name)]!.en, AGENCY_TITLE_RU: agencyTitles[agencyOf(name)]!.ru,
      DATABASE_URL: logins.get(name)!.runtimeUrl, DATABASE_OWNER_URL: logins.get(name)!.ownerUrl, AUDIT_KEY_FILE: join(folder, 'secrets', name, 'audit-key'), DATABASE_POOL_SIZE: '4', ...kafkaVariables(kafka.as(name)),
      TOKEN_ISSUER: issuer.issuer, TOKEN_JWKS_URI: issuer.jwksUri, LEGAL_AID_CLIENTS_MATCH_AT: `${deployments.get('intake')!.url}/v1/intake`,
      // One machine asks for everybody.
      REQUESTS_PER_ADDRESS: '0', REQUESTS_PER_SUBJECT: '0',
      WATERMARK_EVERY_MS: '300', DRAIN_MS: '1000', GATEWAY_STALE_AFTER_MS: '5000',
      ...environment, ...environmentOf[name],
    }))]));
    opened.push(() => Promise.all([...deployments.values()].map((deployment) => deployment.close())));
    // First, because legal aid is told where it answers.
    await deployments.get('intake')!.open(instances);
    await Promise.all([...deployments.values()].filter(({ name }) => name !== 'intake').map((deployment) => deployment.open(instances)));
    await Promise.all([...deployments.values()].map((deployment) => deployment.ready(BOOT_MS)));

    const mint = (claims: TokenClaims): Promise<string> => issuer.mint(claims);
    const gateway = deployments.get('gateway')!.url;
    const region: Region = {
      gateway, issuer: issuer.issuer, kafka, adminUrl: postgres.adminUrl, folder, mint, close, deployments,
      deployment: (service) => deployments.get(service)!,
      as: async (claims) => caller(gateway, await mint(claims)),
      stopPostgres: () => postgres.stop(),
      startPostgres: async () => { postgres = await start(); },
    };
    await known(region);
    return region;
  } catch (error) {
    await close();
    throw error;
  }
};

/** A service is there for others once the gateway has heard its manifest. */
const known = async (region: Region): Promise<void> => {
  const admin = await region.as({ sub: 'opora', agency: 'centre', roles: ['admin'] });
  for (const end = performance.now() + BOOT_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const { body } = await admin.get('/v1/modules');
    const there = new Set(((body.items ?? []) as { module: string }[]).map(({ module }) => module));
    if (services.every(({ name }) => name === 'gateway' || there.has(name))) return;
    if (performance.now() > end) throw new Error('The gateway does not hear of its modules');
  }
};
