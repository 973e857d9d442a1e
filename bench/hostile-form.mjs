// Whether other people's requests stay quick while forms without end are being refused. Run after `npm run build`:
//   node bench/hostile-form.mjs [seconds]
// One intake on an embedded PostgreSQL. Callers are other processes, as in life: one asks fifty times a second, whatever becomes of the
// earlier requests; the other sends answers that make a form endless, one refused after the other, from two agencies.
import { makeSigningKey, startDevelopmentIssuer } from '@opora/access';
import { compactedTopics, erasableTopics } from '@opora/contracts';
import { Intake } from '@opora/intake';
import { Clock, migratePostgresLog, PostgresLog } from '@opora/messaging';
import { provision, startEmbeddedPostgres } from '@opora/postgres';
import { bootService, Log } from '@opora/service';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const RATE = 50;
const ROUNDS = 4;
const audience = 'opora';
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';

const call = (url, token, body) => fetch(url, {
  method: body ? 'POST' : 'GET', headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { body: JSON.stringify(body) }),
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
const attack = async ({ urls, tokens, body }) => {
  attacking = true;
  const statuses = {};
  await Promise.all(urls.map(async (url, i) => {
    while (attacking) {
      const { status } = await call(url, tokens[i], body);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }));
  return statuses;
};

const caller = () => {
  const child = fork(import.meta.filename, { stdio: 'inherit' });
  const ask = (message) => new Promise((resolve, reject) => {
    child.once('message', resolve).once('exit', () => reject(new Error('A caller ended')));
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

/** Its answers, compared each with each, take minutes. */
const endless = {
  resourceType: 'Questionnaire', item: [{ linkId: 'many', type: 'string', repeats: true }, { linkId: 'total', type: 'integer', extension: [{
    url: sdc, valueExpression: { language: 'text/fhirpath', expression: '%resource.item.answer.value.select(%resource.item.answer.value | $this).count()' } }] }],
};
const answers = { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'many', answer: Array.from({ length: 4000 }, (_, i) => ({ valueString: `a${i}` })) }] };

const prepared = async ({ url, mint }) => {
  const created = async (path, token, body) => (await (await call(`${url}/${path}`, token, body)).json()).id;
  const head = await mint('centre');
  const instrumentId = await created('instruments', head, endless);
  await call(`${url}/instruments/${instrumentId}/publish`, head, {});
  const hostile = await Promise.all(['one', 'two'].map(async (agency) => {
    const token = await mint(agency);
    const clientId = await created('clients', token, { anonymous: true });
    return { token, url: `${url}/screenings/${await created('screenings', token, { clientId, instrumentId })}/complete` };
  }));
  return { reading: { url: `${url}/clients/${await created('clients', head, { anonymous: true })}`, token: head }, hostile: { urls: hostile.map((one) => one.url), tokens: hostile.map((one) => one.token), body: { response: answers } } };
};

const percentile = (times, part) => [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * part)];
const row = (name, { times, failed }) => `${name.padEnd(8)} n ${times.length}  failed ${failed}  p50 ${percentile(times, 0.5).toFixed(1)} ms  p99 ${percentile(times, 0.99).toFixed(1)} ms  max ${percentile(times, 1).toFixed(1)} ms`;

const measure = async (adminUrl, seconds, opened) => {
  const { reading, hostile } = await prepared(await start(adminUrl, opened));
  const [reader, attacker] = [caller(), caller()];
  opened.push(() => [reader, attacker].forEach((one) => one.end()));
  await reader.ask({ read: { ...reading, seconds: 3 } });
  const [idle, loaded] = [{ times: [], failed: 0 }, { times: [], failed: 0 }];
  const refused = {};
  const add = (to, { times, failed }) => { to.times.push(...times); to.failed += failed; };
  // By turns, because a machine that others use too is now quick and now slow.
  for (let round = 0; round < ROUNDS; round += 1) {
    add(idle, await reader.ask({ read: { ...reading, seconds: seconds / ROUNDS } }));
    const attacked = attacker.ask({ attack: hostile });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    add(loaded, await reader.ask({ read: { ...reading, seconds: seconds / ROUNDS } }));
    attacker.tell({ stop: true });
    for (const [status, count] of Object.entries(await attacked)) refused[status] = (refused[status] ?? 0) + count;
  }
  console.log(`${availableParallelism()} cores, ${seconds} s each, ${RATE} requests/s that read from the database`);
  console.log(`${row('idle', idle)}\n${row('loaded', loaded)}\nratio of p99: ${(percentile(loaded.times, 0.99) / percentile(idle.times, 0.99)).toFixed(2)}`);
  console.log(`meanwhile refused, by status: ${JSON.stringify(refused)}; memory of the service's process ${Math.round(process.memoryUsage().rss / 1024 ** 2)} MB`);
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
    await measure(postgres.adminUrl, Number(process.argv[2] ?? 10), opened);
  } finally {
    for (const close of opened.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}
