// Whether other people's requests stay quick while hostile forms are being refused. Run after `npm run build`:
//   node bench/hostile-form.mjs [seconds for each attack] [attack …]
// One intake on an embedded PostgreSQL. Callers are other processes, as in life: one asks fifty times a second, whatever becomes of the
// earlier requests; the other, which gives way to all as if it were another machine, attacks from two agencies, one request after the other.
// Rounds of idle and attack take turns, because a machine that others use too is now quick and now slow.
import { makeSigningKey, startDevelopmentIssuer } from '@opora/access';
import { compactedTopics, erasableTopics } from '@opora/contracts';
import { Intake } from '@opora/intake';
import { Clock, migratePostgresLog, PostgresLog } from '@opora/messaging';
import { provision, startEmbeddedPostgres } from '@opora/postgres';
import { bootService, Log } from '@opora/service';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { attacks } from './hostile-forms.mjs';
import { percentile } from './rounds.mjs';

const RATE = 50;
const ROUND_S = 4;
const audience = 'opora';

const call = (url, token, body) => fetch(url, {
  method: body ? 'POST' : 'GET', headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { body }),
});

/** Milliseconds from when each request was due, so that waiting is seen. */
const read = async ({ url, token, seconds }) => {
  const times = [];
  let failed = 0;
  const pending = [];
  const began = performance.now();
  for (let n = 0; n < seconds * RATE; n += 1) {
    const due = began + (n * 1000) / RATE;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    pending.push(call(url, token).then(async (answer) => {
      await answer.arrayBuffer();
      if (answer.ok) times.push(performance.now() - due);
      else failed += 1;
    }));
  }
  await Promise.all(pending);
  return { times, failed };
};

let attacking = false;
/** `shots`: for each agency, what it sends by turns. */
const attack = async ({ shots }) => {
  setPriority(19);
  attacking = true;
  const statuses = {};
  await Promise.all(shots.map(async (its) => {
    for (let n = 0; attacking; n += 1) {
      const { url, token, body } = its[n % its.length];
      const answer = await call(url, token, body);
      await answer.arrayBuffer();
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    }
  }));
  return statuses;
};

const caller = () => {
  const child = fork(import.meta.filename, { stdio: 'inherit' });
  let ended = () => {};
  child.once('exit', () => ended(new Error('A caller ended')));
  const ask = (message) => new Promise((resolve, reject) => {
    ended = reject;
    child.once('message', resolve);
    child.send(message);
  });
  return { ask, tell: (message) => child.send(message), end: () => child.kill() };
};

const start = async (adminUrl, opened) => {
  const logins = (service) => provision(adminUrl, { service, ownerPassword: randomBytes(8).toString('hex'), runtimePassword: randomBytes(8).toString('hex') });
  const log = new Log(() => {}, 'error');
  const logLogins = await logins('event-log');
  await migratePostgresLog(logLogins.ownerUrl);
  const broker = new PostgresLog({ url: logLogins.runtimeUrl, report: () => {}, erasableTopics, compactedTopics });
  opened.push(() => broker.close());
  const issuer = await startDevelopmentIssuer({ audience });
  opened.push(() => issuer.close());
  const { ownerUrl, runtimeUrl } = await logins('intake');
  const service = await bootService(Intake, {
    host: '127.0.0.1', port: 0, databaseUrl: runtimeUrl, ownerDatabaseUrl: ownerUrl, agency: 'centre', tokens: { issuers: [issuer], audience }, auditKey: makeSigningKey(),
  }, { broker, clock: new Clock(), log });
  opened.push(() => service.close());
  const mint = (agency) => issuer.mint({ sub: `${agency}-1`, agency, roles: ['supervisor', 'intake-worker'] });
  return { url: `${service.url}/v1/intake`, mint };
};

/** What each agency sends by turns, for each attack. */
const prepared = async ({ url, mint }) => {
  const created = async (path, token, body) => {
    const answer = await call(`${url}/${path}`, token, JSON.stringify(body));
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).id;
  };
  const head = await mint('centre');
  const shots = Object.fromEntries(Object.keys(attacks).map((name) => [name, []]));
  for (const agency of ['one', 'two']) {
    const token = await mint(agency);
    const post = (path, body) => ({ url: `${url}/${path}`, token, body });
    for (const [name, make] of Object.entries(attacks)) shots[name].push(await make({ post, created: (path, body) => created(path, token, body), publish: (id) => call(`${url}/instruments/${id}/publish`, token, '{}') }));
  }
  return { reading: { url: `${url}/clients/${await created('clients', head, { anonymous: true })}`, token: head }, shots };
};

const row = (name, { times, failed, loop }) =>
  `  ${name.padEnd(8)} n ${times.length}  failed ${failed}  p50 ${percentile(times, 0.5).toFixed(1)} ms  p99 ${percentile(times, 0.99).toFixed(1)} ms  max ${percentile(times, 1).toFixed(1)} ms  event loop p99 ${percentile(loop.p99, 0.5).toFixed(1)} ms  max ${Math.max(...loop.max).toFixed(1)} ms`;

const measure = async (adminUrl, seconds, wanted, opened) => {
  const { reading, shots } = await prepared(await start(adminUrl, opened));
  const [reader, attacker] = [caller(), caller()];
  opened.push(() => [reader, attacker].forEach((one) => one.end()));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const round = async (to, length) => {
    delay.reset();
    const { times, failed } = await reader.ask({ read: { ...reading, seconds: length } });
    to.times.push(...times);
    to.failed += failed;
    to.loop.p99.push(delay.percentile(99) / 1e6);
    to.loop.max.push(delay.max / 1e6);
  };
  const nobody = () => ({ times: [], failed: 0, loop: { p99: [], max: [] } });
  await round(nobody(), 3);
  console.log(`${availableParallelism()} cores, ${seconds} s each, ${RATE} requests/s that read from the database`);
  for (const name of wanted) {
    const [idle, loaded, statuses] = [nobody(), nobody(), {}];
    for (let told = 0; told < seconds; told += ROUND_S) {
      await round(idle, ROUND_S);
      const attacked = attacker.ask({ attack: { shots: shots[name] } });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await round(loaded, ROUND_S);
      attacker.tell({ stop: true });
      for (const [status, count] of Object.entries(await attacked)) statuses[status] = (statuses[status] ?? 0) + count;
    }
    console.log(`${name}\n${row('idle', idle)}\n${row('loaded', loaded)}\n  ratio of p99: ${(percentile(loaded.times, 0.99) / percentile(idle.times, 0.99)).toFixed(2)}, of p50: ${(percentile(loaded.times, 0.5) / percentile(idle.times, 0.5)).toFixed(2)}`);
    console.log(`  attacker's answers, by status: ${JSON.stringify(statuses)}; memory of the service's process ${Math.round(process.memoryUsage().rss / 1024 ** 2)} MB`);
  }
};

if (process.send) {
  process.on('message', async ({ read: wanted, attack: hostile, stop }) => {
    if (stop) attacking = false;
    else process.send(await (wanted ? read(wanted) : attack(hostile)));
  });
} else {
  const folder = mkdtempSync(join(tmpdir(), 'opora-bench-'));
  chmodSync(folder, 0o755);
  const opened = [];
  try {
    const postgres = await startEmbeddedPostgres({ folder });
    opened.push(() => postgres.stop());
    const [seconds = 16, ...wanted] = process.argv.slice(2);
    await measure(postgres.adminUrl, Number(seconds), wanted.length ? wanted : Object.keys(attacks), opened);
  } finally {
    for (const close of opened.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}
