// `npm run keycloak`: a trial that is too slow, or needs too much, for every run of the tests. Its file is apps/*/test/<name>.trial.spec.ts.
import { spawnSync } from 'node:child_process';
import { install, node, root } from './install.mjs';

const [name, ...more] = process.argv.slice(2);
install({ everything: true });
const { status } = spawnSync(node, ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--selectProjects', 'trial', '--runInBand', '--verbose', `${name}.trial`, ...more],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '', OPORA_TRIALS: 'yes' } });
process.exitCode = status ?? 1;
