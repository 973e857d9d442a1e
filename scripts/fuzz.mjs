// `npm run fuzz`: schemathesis over every OpenAPI document with each role's token, against a whole system on one machine. No answer may be a server's error
// or break its own description. --cases=N: at least so many, 10,000 unless said; --seed=N: other ones. Takes some minutes; needs Python 3.10 or newer.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { install, node, root } from './install.mjs';

const given = Object.fromEntries(process.argv.slice(2).map((one) => /^--(cases|seed)=(\d+)$/.exec(one)?.slice(1) ?? [one, 0]));
const { cases: wanted = 10_000, seed = 1 } = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Number(value)]));
const started = performance.now();
const say = (line) => console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`);
const execute = promisify(execFile);

const centre = (...roles) => ({ sub: `fuzz-${roles[0]}`, agency: 'centre', roles });
const people = {
  'intake-worker': centre('intake-worker'), counsellor: centre('counsellor'), supervisor: centre('supervisor'), auditor: centre('auditor'), admin: centre('admin'),
  'legal-aid:practitioner': { ...centre('legal-aid:practitioner'), agency: 'bureau' }, module: { ...centre('module'), sub: 'fuzz-module' },
};
const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance', 'response_headers_conformance'];

/** Schemathesis, as pinned, in an environment of its own. */
function schemathesis() {
  const requirements = join(root, 'scripts/fuzz-requirements.txt');
  const venv = join(root, 'node_modules/.cache/schemathesis', readFileSync(requirements, 'utf8').match(/schemathesis==(\S+)/)[1]);
  const program = join(venv, 'bin/st');
  if (!existsSync(program)) {
    for (const [command, ...args] of [['python3', '-m', 'venv', venv], [join(venv, 'bin/pip'), 'install', '-q', '-r', requirements]]) {
      if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) throw new Error('Schemathesis could not be installed; it needs python3 with venv');
    }
  }
  return program;
}

/** Six ports in a row that are free. */
async function ports() {
  const free = (port) => new Promise((resolve) => { const server = createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true))); });
  for (let base = 20_000 + Math.floor(Math.random() * 10_000); ; base += 6) if ((await Promise.all([0, 1, 2, 3, 4, 5].map((i) => free(base + i)))).every(Boolean)) return base;
}

/** One document of all; what two of them call alike is told apart. Nothing else in it is changed. */
function together() {
  const all = { openapi: '3.1.0', info: { title: 'Opora', version: '1' }, security: [{ bearer: [] }], paths: {}, components: { securitySchemes: {}, schemas: {} } };
  for (const file of globSync(join(root, 'docs/openapi/*.json')).sort()) {
    const name = basename(file, '.json');
    const { paths, components } = JSON.parse(readFileSync(file, 'utf8').replaceAll('#/components/schemas/', `#/components/schemas/${name}.`));
    Object.assign(all.paths, paths);
    Object.assign(all.components.securitySchemes, components.securitySchemes);
    for (const [schema, value] of Object.entries(components.schemas)) all.components.schemas[`${name}.${schema}`] = value;
  }
  return all;
}

/** Ids that are really there, for every `{id}` whose collection can be listed: else nearly every answer were a 404. */
async function withIds(document, gateway, tokens) {
  const lists = new Map();
  const list = async (address) => {
    if (!lists.has(address)) {
      const answers = await Promise.all(tokens.map((token) => fetch(gateway + address, { headers: { authorization: `Bearer ${token}` } }).then((answer) => (answer.ok ? answer.json() : {}))));
      lists.set(address, [...new Set(answers.flatMap(({ items = [] }) => items).map(({ id, consentId }) => id ?? consentId).filter(Boolean))].slice(0, 20));
    }
    return lists.get(address);
  };
  for (const [path, item] of Object.entries(document.paths)) {
    let address = '';
    for (const part of path.split('/').slice(1)) {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      const found = name ? await list(address) : [];
      if (name) for (const { parameters = [] } of Object.values(item)) for (const one of parameters) if (one.in === 'path' && one.name === name && found.length > 0) one.schema = { type: 'string', enum: found };
      address += `/${name ? found[0] ?? part : part}`;
    }
  }
  return document;
}

install({ everything: true });
if (spawnSync(node, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
const program = schemathesis();
const folder = mkdtempSync(join(tmpdir(), 'opora-fuzz-'));
chmodSync(folder, 0o755);
const port = await ports();
const gateway = `http://127.0.0.1:${port}`;
const opora = spawn(node, ['--enable-source-maps', join(root, 'apps/opora/dist/main.js')], {
  cwd: root, stdio: ['ignore', 'pipe', 'inherit'],
  env: { PATH: process.env.PATH, OPORA_FOLDER: join(folder, 'opora'), OPORA_PORT: String(port), OPORA_DEMO: 'never', OPORA_REQUESTS_PER_MINUTE: '0', OPORA_LOG_LEVEL: 'info' },
});
const ended = new Promise((resolve) => opora.once('exit', resolve));
let failed;
try {
  let output = '';
  await new Promise((resolve, reject) => {
    opora.stdout.on('data', (chunk) => { if ((output += chunk).includes('Ctrl-C')) resolve(); });
    ended.then((code) => reject(new Error(`The system ended with ${code}: ${output}`)));
  });
  const mint = async (claims) => (await (await fetch(`http://127.0.0.1:${port + 5}/tokens`, { method: 'POST', body: JSON.stringify(claims) })).json()).token;
  const { playJourney } = await import(pathToFileURL(join(root, 'apps/opora/dist/demo/journey.js')));
  const clients = [];
  for (let n = 0; n < 3; n += 1) clients.push(await playJourney({ gateway, mint, say: () => undefined }));
  const document = await withIds(together(), gateway, await Promise.all(['centre', 'bureau'].map((agency) => mint({ ...centre('intake-worker', 'counsellor', 'supervisor', 'admin', 'legal-aid:practitioner'), agency }))));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item)).length;
  const roles = { ...people, client: { sub: 'fuzz-client', agency: 'centre', roles: ['client'], opora_client: clients[0] } };
  const each = Math.ceil((wanted * 1.15) / (operations * Object.keys(roles).length));
  say(`${operations} operations, ${Object.keys(roles).length} roles, ${each} cases each`);

  const run = async ([role, claims]) => {
    const report = join(folder, `${role.replace(':', '-')}.json`);
    const { stdout, stderr } = await execute(program, ['run', file, '-u', gateway, '-H', `Authorization: Bearer ${await mint(claims)}`, '-n', String(each), '--phases', 'examples,fuzzing', '--seed', String(seed), '-c', checks.join(), '--no-shrink', '--continue-on-failure',
      '--generation-database', 'none', '--no-color', '--warnings', 'off', '--suppress-health-check', 'all', '--request-timeout', '30', '--report', 'json', '--report-json-path', report], { cwd: folder, maxBuffer: 64 * 1024 * 1024 }).catch((error) => error);
    const { test_cases: cases, errors = [], failures = [] } = existsSync(report) && readFileSync(report).length > 0 ? JSON.parse(readFileSync(report, 'utf8')) : { test_cases: { generated: 0 }, errors: ['no report'] };
    const bad = failures.length + errors.length;
    say(`${bad === 0 ? '✓' : '✗'} ${role}: ${cases.generated} cases, ${bad} failures`);
    if (bad > 0) console.log(String(stdout).split(/=+ (?:FAILURES|ERRORS) =+/)[1]?.slice(0, 20_000) ?? `${String(stdout).slice(-2_000)}\n${String(stderr).slice(-2_000)}`);
    return [cases.generated, bad];
  };
  const waiting = Object.entries(roles);
  const done = [];
  await Promise.all(Array.from({ length: Math.min(2, cpus().length) }, async () => { for (let next; (next = waiting.shift());) done.push(await run(next)); }));
  const total = done.reduce((sum, [cases]) => sum + cases, 0);
  const lines = readFileSync(join(folder, 'opora/opora.log'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const crashes = lines.filter(({ event }) => event === 'request failed' || event === 'crashed').map((line) => JSON.stringify(line));
  const answered = new Set(lines.filter(({ event, status, service }) => event === 'request' && status < 300 && service !== 'gateway').map(({ method, route }) => `${method} ${route}`));
  say(`${answered.size} operations of modules did what they were asked at least once`);
  for (const line of crashes.slice(0, 10)) console.log(line);
  failed = done.reduce((sum, [, bad]) => sum + bad, 0) + crashes.length + (total < wanted ? 1 : 0) + (opora.exitCode === null ? 0 : 1);
  say(`${total} cases, ${failed} failures`);
} finally {
  opora.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed === 0 ? 0 : 1;
