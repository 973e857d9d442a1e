// What the audit trail costs: rows per second of group commit with chain and indexes, against bare inserts into a bare table. Run after
// `npm run build`: node bench/audit-trail.mjs [seconds]. Durable: fsync is on.
import { AuditTrail, entryOf, makeSigningKey, verifyTrail } from '@opora/access';
import { Audit1700000000002, Messaging1700000000001 } from '@opora/messaging';
import { provision, startEmbeddedPostgres } from '@opora/postgres';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';

const seconds = Number(process.argv[2] ?? 4);
const people = Array.from({ length: 10_000 }, () => randomUUID());
const seen = () => ({
  at: new Date().toISOString(), requestId: randomUUID(), subject: `worker-${Math.floor(Math.random() * 200)}`, agency: 'centre', roles: ['counsellor'], purpose: 'care', action: 'plan.read',
  clientIds: [people[Math.floor(Math.random() * people.length)]], resources: [randomUUID()], hidden: [], decision: 'permit', policies: ['staff-own-agency'], policyVersion: '2026-11-22',
});

/** As many workers, each doing one after the other. Answers rows per second and the times of one, in ms. */
const measure = async (workers, rowsEach, one) => {
  const times = [];
  const began = performance.now();
  await Promise.all(Array.from({ length: workers }, async () => {
    while (performance.now() - began < seconds * 1000) {
      const start = performance.now();
      await one();
      times.push(performance.now() - start);
    }
  }));
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(1);
  return { rate: (times.length * rowsEach) / ((performance.now() - began) / 1000), p50: at(0.5), p99: at(0.99) };
};

const folder = mkdtempSync(join(tmpdir(), 'opora-bench-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ folder });
const { ownerUrl, runtimeUrl } = await provision(postgres.adminUrl, { service: 'bench', ownerPassword: 'owner', runtimePassword: 'runtime' });
const owner = await new DataSource({ type: 'postgres', url: ownerUrl, installExtensions: false, migrations: [Messaging1700000000001, Audit1700000000002] }).initialize();
await owner.runMigrations();
await owner.query('create table bare (seq bigint generated always as identity primary key, content jsonb not null)');
const pool = new pg.Pool({ connectionString: runtimeUrl, max: 16 });
const client = new pg.Client({ connectionString: runtimeUrl });
await client.connect();
const trail = await AuditTrail.open({ service: 'bench', databaseUrl: runtimeUrl, key: makeSigningKey(), report: () => undefined });

const one = { name: 'one', text: 'insert into bare (content) values ($1)' };
const many = { name: 'many', text: 'insert into bare (content) select unnest($1::jsonb[])' };
const rows = [
  ['bare insert, one connection, one row each', await measure(1, 1, () => client.query({ ...one, values: [entryOf(seen())] }))],
  ['bare insert, 16 connections, one row each', await measure(16, 1, () => pool.query({ ...one, values: [entryOf(seen())] }))],
  ['bare insert, one connection, 200 rows each', await measure(1, 200, () => client.query({ ...many, values: [Array.from({ length: 200 }, () => entryOf(seen()))] }))],
  ['trail, 1 request at a time', await measure(1, 1, () => trail.record([seen()]))],
  ['trail, 16 requests at a time', await measure(16, 1, () => trail.record([seen()]))],
  ['trail, 64 requests at a time', await measure(64, 1, () => trail.record([seen()]))],
  ['trail, 500 requests at a time', await measure(500, 1, () => trail.record([seen()]))],
];
await trail.witness();
const admin = new pg.Client({ connectionString: postgres.adminUrl });
await admin.connect();
const began = performance.now();
const verified = await verifyTrail({ service: 'bench', client: admin });
const [{ size }] = await owner.query(`select pg_total_relation_size('audit') as size`);

console.log(`${availableParallelism()} cores, ${new Date().toISOString().slice(0, 10)}\n\n| | rows/s | p50 ms | p99 ms |\n|---|---|---|---|`);
for (const [name, { rate, p50, p99 }] of rows) console.log(`| ${name} | ${Math.round(rate)} | ${p50} | ${p99} |`);
console.log(`\n${verified.rows} rows verified at ${Math.round(verified.rows / ((performance.now() - began) / 1000))}/s, ${verified.findings.length} findings; ${Math.round(size / verified.rows)} bytes a row with indexes`);

await Promise.all([trail.close(), pool.end(), client.end(), admin.end(), owner.destroy()]);
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
