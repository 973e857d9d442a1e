// Writes docs/events, docs/openapi, docs/problems.md, docs/access.md and docs/configuration.md. `--check` only compares and fails on a difference or on a broken promise to readers of
// released events; `--release` also freezes every version that has no file under docs/events/released yet.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { node, root } from './install.mjs';

const options = new Set(process.argv.slice(2));
const unknown = [...options].filter((option) => !['--check', '--release'].includes(option));
if (unknown.length > 0 || options.size > 1) {
  console.error(`Usage: npm run docs [-- --check | --release]${unknown.length > 0 ? `; not known: ${unknown.join(' ')}` : ''}`);
  process.exit(2);
}
const checking = options.has('--check');

const built = spawnSync(node, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
const { againstReleases, contracts } = await import('@opora/contracts');
const { apiDocument, eventDocuments, eventSchema, releasePath, releaseText } = await import('./docs-contents.mjs');
const { problemsDocument } = await import('./docs-problems.mjs');
const { accessDocument } = await import('./docs-access.mjs');
const { configurationDocument } = await import('./docs-configuration.mjs');

const problems = [];
const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
const write = (path, text) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** Every app that exports a table of contents. One that cannot be loaded yet keeps the documents that it has. */
async function loadServices() {
  const services = [];
  const unread = [];
  for (const path of globSync('apps/*/package.json', { cwd: root }).sort()) {
    const entry = JSON.parse(read(path)).exports?.['.']?.default;
    if (!entry) continue;
    try {
      const exported = Object.values(await import(pathToFileURL(join(root, dirname(path), entry))));
      const service = exported.find((value) => value?.name && value.controllers && value.migrations);
      if (!service) throw new Error('exports no ServiceDefinition');
      services.push(service);
    } catch (error) {
      unread.push(basename(dirname(path)));
      problems.push(`${dirname(path)} could not be read: ${error instanceof Error ? error.message : error}`);
    }
  }
  // The event door stands before a log that only a running system has; its description needs none.
  const { door } = await import('../apps/opora/dist/door/door.module.js');
  return { services: [...services, door(undefined)], unread };
}

const { services, unread } = await loadServices();
const wanted = eventDocuments(services);
wanted.set(...problemsDocument(root, services.map(({ name }) => name)));
wanted.set(...configurationDocument(services));
wanted.set(...accessDocument(services));
for (const service of services) {
  const [path, text] = await apiDocument(service);
  wanted.set(path, text);
  const ids = Object.values(JSON.parse(text).paths).flatMap((item) => Object.values(item).flatMap(({ operationId }) => operationId ?? []));
  problems.push(...new Set(ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${path} has the operationId ${id} twice`)));
}

const present = globSync(['docs/events/*.json', 'docs/openapi/*.json'], { cwd: root }).filter((path) => !unread.includes(basename(path, '.json')));
const stale = present.filter((path) => !wanted.has(path)).sort();
const changed = [...wanted].filter(([path, text]) => read(path) !== text).map(([path]) => path).sort();

if (checking) {
  problems.push(...changed.map((path) => `${path} differs from what the sources say; run npm run docs`), ...stale.map((path) => `${path} describes nothing any more; run npm run docs`));
} else {
  for (const path of changed) write(path, wanted.get(path));
  for (const path of stale) rmSync(join(root, path));
}

const released = Map.groupBy(globSync('docs/events/released/*/*.json', { cwd: root }).sort(), (path) => basename(dirname(path)));
for (const contract of contracts) {
  const schemas = new Map((released.get(contract.type) ?? []).map((path) => [basename(path, '.json'), JSON.parse(read(path))]));
  const broken = againstReleases(contract.version, eventSchema(contract), schemas);
  problems.push(...broken.map((why) => `${contract.type}: ${why}`));
  if (options.has('--release') && broken.length === 0 && !schemas.has(contract.version)) {
    write(releasePath(contract), releaseText(contract));
    changed.push(releasePath(contract));
  }
  released.delete(contract.type);
}
problems.push(...[...released.keys()].map((type) => `${type} was released and is gone; others may still read it`));

// A released schema that is edited together with its source agrees with it; only the history tells.
const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout ?? '';
const added = new Map();
for (const entry of git('log', '--diff-filter=A', '--no-renames', '--format=%x00%H', '--name-only', '--', 'docs/events/released').split('\0').slice(1)) {
  const [commit, ...paths] = entry.split('\n').filter(Boolean);
  for (const path of paths) added.set(path, commit);
}
problems.push(...[...added].filter(([path, commit]) => git('show', `${commit}:${path}`) !== read(path)).map(([path]) => `${path} is not what was released`));

for (const problem of problems) console.error(problem);
if (!checking) console.log(`${services.length} services, ${contracts.length} events: ${changed.length + stale.length} files written or removed`);
else if (problems.length === 0) console.log(`${services.length} services, ${contracts.length} events: documents and promises hold`);
process.exitCode = problems.length > 0 ? 1 : 0;
