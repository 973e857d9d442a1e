// Installs what package-lock.json asks for, unless that has been done already for this very lock file.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Node 24 from the lock file, whatever runs this script. */
export const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** `everything`: with what only tests and checks need. */
export function install({ everything }) {
  const stamp = join(root, 'node_modules', '.opora-installed');
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (have === `${wanted} everything` || (!everything && have === `${wanted} runtime`)) return false;
  console.log('Installing packages …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', ...(everything ? [] : ['--omit=dev'])], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error('npm ci failed; its message stands above.');
    process.exit(1);
  }
  writeFileSync(stamp, `${wanted} ${everything ? 'everything' : 'runtime'}`);
  return true;
}
