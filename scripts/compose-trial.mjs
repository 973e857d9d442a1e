// `npm run compose:trial`: builds the images, brings docker-compose.yml up as a project of its own, and holds it to what docs/deployment.md promises.
// Takes everything down again, also when a promise is broken; the images stay, as `opora/<app>:trial`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { compose, containers, docker, gateway, inside, inspect, issuer, lines, nameOf, newestLog, ofProject, password as adminPassword, project } from './compose-project.mjs';
import { node, root } from './install.mjs';

const started = performance.now();
const say = (line) => console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
const until = async (what, met, withinMs = 90_000) => {
  for (const end = performance.now() + withinMs; !(await met().catch(() => false)); await pause(200)) if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
};

const services = ['gateway', 'intake', 'counselling', 'legal-aid'];
const ours = async () => (await containers()).filter((one) => [...services, 'issuer'].includes(nameOf(one)));
const healthy = (count) => until(`${count} containers in good health`, async () => {
  const there = await ours();
  return there.length === count && there.every(({ State }) => State.Health.Status === 'healthy');
});

const mint = async (claims) => (await (await fetch(`${issuer}/tokens`, { method: 'POST', body: JSON.stringify(claims) })).json()).token;
const journey = async () => {
  const { playJourney } = await import(pathToFileURL(join(root, 'apps/opora/dist/demo/journey.js')));
  const clientId = await playJourney({ gateway, mint, say: () => undefined });
  const authorization = `Bearer ${await mint({ sub: 'konstantin', agency: 'centre', roles: ['counsellor'] })}`;
  const plan = await (await fetch(`${gateway}/v1/clients/${clientId}/plan`, { headers: { authorization } })).json();
  assert.deepEqual([plan.needs.length, plan.goals.length, plan.sections.map(({ module, state, stale }) => [module, state, stale])], [3, 1, [['legal-aid', 'active', false]]]);
};
const knowsAll = () => until('the gateway hearing of all modules', async () => {
  const authorization = `Bearer ${await mint({ sub: 'opora', agency: 'centre', roles: ['admin'] })}`;
  const { items } = await (await fetch(`${gateway}/v1/modules`, { headers: { authorization } })).json();
  return services.slice(1).every((service) => items.some(({ module }) => module === service));
});

const promises = [
  ['comes up with one command', async () => {
    compose('build');
    say('      images built');
    compose('up', '-d');
    await knowsAll();
    say('      up');
    await healthy(5);
  }],
  ['the journey passes through the published gateway', journey],
  ['no process of ours is root, has a capability or may write to its file system', async () => {
    const [provision] = await containers('provision');
    for (const one of [...await ours(), provision]) {
      const { Config, HostConfig } = one;
      assert.deepEqual([Config.User, HostConfig.ReadonlyRootfs, HostConfig.CapDrop, HostConfig.SecurityOpt, HostConfig.Memory > 0], ['1000:1000', true, ['ALL'], ['no-new-privileges:true'], true], nameOf(one));
      if (one === provision) continue;
      const seen = await inside(one, `[process.getuid(), ['/opora/x', '/secrets/x', 'dist/x'].map((file) => codeOf(() => fs.writeFileSync(file, ''))), /CapEff:\\s*0+\\n/.test(fs.readFileSync('/proc/1/status', 'utf8'))]`);
      assert.deepEqual(seen, [1000, ['EROFS', 'EROFS', 'EROFS'], true], nameOf(one));
    }
  }],
  ['every image carries the bill of what is in it, and nothing that is not on it', async () => {
    for (const one of await ours()) {
      const [bill, there] = await inside(one, `[JSON.parse(fs.readFileSync('/opora/sbom.cdx.json', 'utf8')), fs.globSync('{*,@*/*}', { cwd: '/opora/node_modules' }).filter((name) => fs.existsSync('/opora/node_modules/' + name + '/package.json'))]`);
      const listed = new Set(bill.components.map(({ group, name }) => (group ? `${group}/${name}` : name)));
      const own = bill.components.filter(({ properties }) => properties?.some(({ name }) => name === 'cdx:npm:package:private')).length;
      assert.deepEqual([bill.bomFormat, there.filter((name) => !listed.has(name) && !name.startsWith('@opora/')), bill.components.filter(({ purl }) => !purl).length], ['CycloneDX', [], 0], nameOf(one));
      assert(bill.components.length - own > 50, `${nameOf(one)}: ${bill.components.length - own} packages`);
    }
  }],
  ['a service sees its own secrets and nobody else’s, and no secret stands in its environment', async () => {
    const passwords = new Set();
    for (const one of (await ours()).filter((each) => nameOf(each) !== 'issuer')) {
      const [own, files, write, url] = await inside(one, `[fs.readdirSync('/secrets'), fs.readdirSync('/secrets/${nameOf(one)}').map((file) => (fs.statSync('/secrets/${nameOf(one)}/' + file).mode & 0o777).toString(8)),
        codeOf(() => fs.writeFileSync('/secrets/${nameOf(one)}/x', '')), fs.readFileSync('/secrets/${nameOf(one)}/database-url', 'utf8')]`);
      assert.deepEqual([own, new Set(files), write], [[nameOf(one)], new Set(['600']), 'EROFS'], nameOf(one));
      const { username, password } = new URL(url);
      assert.equal(username, `${nameOf(one).replace('-', '_')}_runtime`);
      passwords.add(password);
      assert.deepEqual(one.Mounts.filter(({ Type }) => Type === 'volume').map(({ Name, RW }) => [Name, RW]), [[`${project}_${nameOf(one)}-secrets`, false]]);
      assert(!one.Config.Env.some((variable) => variable.includes(password) || variable.includes(adminPassword)), `${nameOf(one)} has a password in its environment`);
    }
    assert.equal(passwords.size, services.length);
  }],
  ['only the gateway and the development issuer are published, to this machine alone; nothing else gets out', async () => {
    const all = await containers();
    const published = all.flatMap((one) => Object.values(one.HostConfig.PortBindings ?? {}).flat().map(({ HostIp }) => [nameOf(one), HostIp])).sort();
    assert.deepEqual(published, [['gateway', '127.0.0.1'], ['issuer', '127.0.0.1']]);
    for (const one of all.filter((each) => !['gateway', 'issuer'].includes(nameOf(each)))) assert.deepEqual(Object.keys(one.NetworkSettings.Networks), [`${project}_inside`]);
    const [{ Internal }] = await inspect([`${project}_inside`]);
    assert.equal(Internal, true);
  }],
  ['a process that is killed is started again, and the journey passes', async () => {
    const [{ Id, State }] = await containers('counselling');
    // `docker kill` would count as somebody's wish; a crash comes from outside of Docker.
    await docker('run', '--rm', '--pid=host', '--network=none', '--entrypoint=node', 'opora/opora:trial', '--eval', `process.kill(${State.Pid}, 'SIGKILL')`);
    await until('a restart', async () => (await inspect([Id]))[0].RestartCount === 1, 30_000);
    await healthy(5);
    await journey();
  }],
  ['two instances of a service run side by side; one of them goes, and the journey passes', async () => {
    compose('up', '-d', '--scale', 'legal-aid=2');
    await healthy(6);
    await journey();
    const [{ Id }] = await containers('legal-aid');
    await docker('stop', '--time=15', Id);
    await journey();
    await docker('start', Id);
    await healthy(6);
  }],
  ['every process stops by itself within ten seconds', async () => {
    const there = await ours();
    const resident = await lines('stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', ...there.map(({ Id }) => Id));
    for (const line of resident) say(`      ${line.replace(`${project}_`, '').replace(`${project}-`, '')}`);
    const stop = async (one, code) => {
      const before = performance.now();
      await docker('stop', '--time=15', one.Id);
      const ms = Math.round(performance.now() - before);
      const [{ State }] = await inspect([one.Id]);
      say(`      ${nameOf(one)} stopped in ${ms} ms with exit code ${State.ExitCode}`);
      assert(ms < 10_000 && State.ExitCode === code && !State.OOMKilled, `${nameOf(one)}: ${ms} ms, exit code ${State.ExitCode}`);
    };
    await Promise.all(there.map((one) => stop(one, 0)));
    // As while it loads, before it could have said how it wants to be stopped.
    const Id = await docker('run', '--detach', '--label', `com.docker.compose.project=${project}`, '--label', 'com.docker.compose.service=deaf', 'opora/opora:trial', '--eval', 'console.log("loaded"); setInterval(() => {}, 1000)');
    await until('a program', async () => await docker('logs', Id) === 'loaded');
    await stop((await inspect([Id]))[0], 143);
    await docker('rm', Id);
  }],
  ['nothing stays behind', async () => {
    compose('down', '--volumes');
    assert.deepEqual(await Promise.all(['ps --all', 'volume ls', 'network ls'].map((what) => lines(...what.split(' '), '--quiet', ...ofProject))), [[], [], []]);
  }],
];

if (spawnSync(node, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
let met = 0;
try {
  for (const [promise, holds] of promises) {
    await holds();
    met += 1;
    say(`✓ ${promise}`);
  }
} catch (error) {
  say(`✗ ${promises[met][0]}\n${error instanceof Error ? error.message : error}`);
  for (const one of await containers()) {
    console.log(`\n── ${nameOf(one)}: ${one.State.Status}, exit code ${one.State.ExitCode}, ${one.State.Health?.Status ?? ''}\n${await newestLog(one)}`);
  }
} finally {
  if (met < promises.length) {
    await lines('ps', '--quiet', '--all', ...ofProject).then((ids) => ids.length > 0 && docker('rm', '--force', ...ids));
    compose('down', '--volumes');
  }
}
console.log(`${met} of ${promises.length} promises hold`);
process.exitCode = met === promises.length ? 0 : 1;
