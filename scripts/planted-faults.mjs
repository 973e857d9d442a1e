// Plants one fault at a time in a copy of the tree and runs the tests meant to catch it: each must turn them red.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node, root } from './install.mjs';
import { faults } from './planted-faults.list.mjs';

const only = process.argv.slice(2);
const copy = mkdtempSync(join(tmpdir(), 'opora-faults-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

for (const entry of ['apps', 'libs', 'package.json', 'jest.config.mjs', 'eslint.config.mjs', 'tsconfig.base.json', 'tsconfig.json', 'nx.json', '.swcrc']) {
  cpSync(join(root, entry), join(copy, entry), { recursive: true, filter: (path) => !/[/\\]dist([/\\]|$)/.test(path) });
}
// Our own packages must be the copy's: an import that leads out of the workspace crosses no boundary that Nx knows.
const [packages, copied] = [join(root, 'node_modules'), join(copy, 'node_modules')];
mkdirSync(join(copied, '@opora'), { recursive: true });
for (const name of readdirSync(packages)) if (name !== '@opora') symlinkSync(join(packages, name), join(copied, name));
for (const name of readdirSync(join(packages, '@opora'))) symlinkSync(readlinkSync(join(packages, '@opora', name)), join(copied, '@opora', name));

const run = (args) => spawnSync(node, args, { cwd: copy, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', NX_DAEMON: 'false' }, timeout: 120_000 });

/** How many tests failed; -1 when they could not even run, which proves nothing. */
function failures(fault) {
  if (fault.lint) {
    const { stdout } = run(['node_modules/eslint/bin/eslint.js', '--format', 'json', fault.file]);
    return JSON.parse(stdout)[0].messages.filter((message) => message.ruleId === fault.lint).length;
  }
  const results = join(copy, 'results.json');
  rmSync(results, { force: true });
  run(['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${results}`, '--forceExit', ...fault.tests]);
  if (!existsSync(results)) return -1;
  const { numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(results, 'utf8'));
  return numRuntimeErrorTestSuites > 0 && numFailedTests === 0 ? -1 : numFailedTests;
}

let missed = 0;
for (const fault of faults.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)))) {
  const file = join(copy, fault.file);
  const sound = readFileSync(file, 'utf8');
  const faulty = sound.replace(fault.replace, () => fault.by);
  const started = Date.now();
  let count = 0;
  if (faulty !== sound) {
    writeFileSync(file, faulty);
    count = failures(fault);
    writeFileSync(file, sound);
  }
  const verdict = faulty === sound ? 'NOT PLANTED: the code it replaces is gone' : count > 0 ? `caught by ${count}` : count < 0 ? 'NOT PROVEN: the tests could not run' : 'MISSED';
  if (count <= 0) missed += 1;
  console.log(`${count > 0 ? '✓' : '✗'} ${fault.name}: ${verdict} (${Math.round((Date.now() - started) / 1000)} s)`);
}
process.exitCode = missed === 0 ? 0 : 1;
