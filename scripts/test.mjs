// Installs what is missing, builds, and runs every test; arguments go to Jest.
import { spawnSync } from 'node:child_process';
import { install, node, root } from './install.mjs';

install({ everything: true });
const run = (...args) => spawnSync(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '' } }).status ?? 1;

const built = run('scripts/build.mjs');
process.exitCode = built || run('--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...process.argv.slice(2));
