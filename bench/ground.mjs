// What every row of the benchmark stands on: one PostgreSQL with fsync on, one Apache Kafka, an issuer of tokens, and services as processes
// of their own, as production runs them. Nothing is left behind when it is closed.
import { makeSigningKey, startDevelopmentIssuer } from '@opora/access';
import { addressOf, connectAdmin, provision, startEmbeddedPostgres } from '@opora/postgres';
import { freePort, startKafka } from '@opora/testing';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionKafka } from '../apps/opora/dist/provisioning.js';

export const AUDIENCE = 'opora';
const PASSWORDS = { ownerPassword: 'owner', runtimePassword: 'runtime' };

export const openGround = async () => {
  const opened = [];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), 'opora-bench-'));
    chmodSync(folder, 0o755);
    opened.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), settings: { max_connections: '200', shared_buffers: '2GB', max_wal_size: '8GB', checkpoint_timeout: '30min' } });
    opened.push(() => postgres.stop());
    const kafka = await startKafka();
    opened.push(() => kafka.stop());
    await provisionKafka(kafka.as('admin'));
    const issuer = await startDevelopmentIssuer({ audience: AUDIENCE });
    opened.push(() => issuer.close());
    const auditKey = makeSigningKey();

    const logins = (service, database = 'opora') => provision(postgres.adminUrl, { service, database, ...PASSWORDS });
    /** A service's own entry, configured as in a region; limits stand, but so high that nobody is refused. */
    const start = async (service, { database, environment = {}, profile } = {}) => {
      const { ownerUrl, runtimeUrl } = await logins(service, database);
      const port = await freePort();
      // As in the image; its log goes where a container's goes, into a pipe that somebody reads.
      const process_ = spawn(process.execPath, ['--enable-source-maps', join(import.meta.dirname, '..', 'apps', service, 'dist', 'main.js')], {
        stdio: ['ignore', 'pipe', 'inherit'], env: {
          PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), DATABASE_URL: runtimeUrl, DATABASE_OWNER_URL: ownerUrl, AUDIT_KEY: auditKey,
          KAFKA_BROKERS: kafka.brokers, TOKEN_ISSUER: issuer.issuer, TOKEN_JWKS_URI: issuer.jwksUri,
          REQUESTS_PER_ADDRESS: '1000000000', REQUESTS_PER_SUBJECT: '1000000000', DRAIN_MS: '0',
          ...(profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }), ...environment,
        },
      });
      process_.stdout.resume();
      const exit = once(process_, 'exit');
      const stop = async () => {
        process_.kill('SIGTERM');
        await exit;
      };
      opened.push(stop);
      const url = `http://127.0.0.1:${port}`;
      while (!(await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) {
        if (process_.exitCode !== null) throw new Error(`${service} ended`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return { url, pid: process_.pid, runtimeUrl, ownerUrl, stop };
    };
    /** Another process of the benchmark; `ask` answers with what it answers. */
    const child = (file) => {
      const process_ = fork(join(import.meta.dirname, file), { stdio: 'inherit' });
      let fail = () => {};
      process_.once('exit', () => fail(new Error(`${file} ended`)));
      const exit = once(process_, 'exit');
      opened.push(() => {
        if (process_.connected) process_.disconnect();
        return exit;
      });
      return (message) => new Promise((resolve, reject) => {
        fail = reject;
        process_.once('message', ({ answer, error }) => (error ? reject(new Error(error)) : resolve(answer)));
        process_.send(message);
      });
    };
    const postgresVersion = async () => {
      const admin = await connectAdmin(postgres.adminUrl);
      const { rows: [row] } = await admin.query('show server_version');
      await admin.end();
      return row.server_version;
    };
    return {
      folder, kafka, postgresVersion, auditKey, adminUrl: postgres.adminUrl, adminOf: (database) => addressOf(postgres.adminUrl, { database }), logins, start, child, freePort, close,
      tokens: { issuers: [{ issuer: issuer.issuer, jwksUri: issuer.jwksUri }], audience: AUDIENCE }, mint: (claims) => issuer.mint(claims), opened,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
