// Plants one fault at a time in a copy of the tree and runs the tests meant to catch it: each must turn them red.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { node } from './install.mjs';
import { faults } from './planted-faults.list.mjs';
import { copyTree, plant } from './spoiled-copy.mjs';

const only = process.argv.slice(2);
const copy = copyTree();
process.on('SIGINT', () => process.exit(130));

const run = (args) => spawnSync(node, args, { cwd: copy, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', NX_DAEMON: 'false' }, timeout: 300_000 });

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
  const started = Date.now();
  const undo = plant(copy, fault);
  const count = undo ? failures(fault) : 0;
  undo?.();
  const verdict = !undo ? 'NOT PLANTED: the code it replaces is gone, or stands more than once' : count > 0 ? `caught by ${count}` : count < 0 ? 'NOT PROVEN: the tests could not run' : 'MISSED';
  if (count <= 0) missed += 1;
  console.log(`${count > 0 ? '✓' : '✗'} ${fault.name}: ${verdict} (${Math.round((Date.now() - started) / 1000)} s)`);
}
process.exitCode = missed === 0 ? 0 : 1;
