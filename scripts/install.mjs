// Installs what package-lock.json asks for, unless that has been done already for this very lock file. Run by itself: everything.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
export const root = join(dirname(self), '..');

/** Node 24 from the lock file, whatever runs this script. */
export const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** `everything`: with what only tests and checks need. */
export function install({ everything }) {
  const stamp = join(root, 'node_modules', '.opora-installed');
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (have === `${wanted} everything` || (!everything && have === `${wanted} runtime`)) return;
  console.log('Installing packages …');
  // A system may be running on what is there: adding to it must not take it away first, as `npm ci` does.
  const how = have === `${wanted} runtime` ? ['install', '--no-save'] : ['ci', ...(everything ? [] : ['--omit=dev'])];
  const windows = process.platform === 'win32';
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  const { status } = spawnSync(windows ? 'npm.cmd' : 'npm', [...how, ...options], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: windows });
  if (status !== 0) {
    console.error('The installation failed; npm’s message stands above.');
    process.exit(1);
  }
  writeFileSync(stamp, `${wanted} ${everything ? 'everything' : 'runtime'}`);
}

if (process.argv[1] === self) install({ everything: true });
