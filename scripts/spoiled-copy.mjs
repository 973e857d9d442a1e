// A copy of the tree to plant faults in. It is gone when the process ends.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './install.mjs';

export function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), 'opora-faults-'));
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  for (const entry of ['apps', 'libs', 'scripts', 'docs', 'deploy', '.dockerignore', 'package.json', 'jest.config.mjs', 'eslint.config.mjs', 'tsconfig.base.json', 'tsconfig.json', 'nx.json', '.swcrc']) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true, filter: (path) => !/[/\\]dist([/\\]|$)/.test(path) });
  }
  // Our own packages must be the copy's: an import that leads out of the workspace crosses no boundary that Nx knows.
  const [packages, copied] = [join(root, 'node_modules'), join(copy, 'node_modules')];
  mkdirSync(join(copied, '@opora'), { recursive: true });
  for (const name of readdirSync(packages)) if (name !== '@opora') symlinkSync(join(packages, name), join(copied, name));
  for (const name of readdirSync(join(packages, '@opora'))) symlinkSync(readlinkSync(join(packages, '@opora', name)), join(copied, '@opora', name));
  return copy;
}

/** Answers how to take the fault out again; undefined when the code that it replaces is gone, or stands more than once. */
export function plant(copy, fault) {
  const file = join(copy, fault.file);
  const sound = readFileSync(file, 'utf8');
  if (typeof fault.replace === 'string' && sound.split(fault.replace).length !== 2) return undefined;
  const faulty = sound.replace(fault.replace, () => fault.by);
  if (faulty === sound) return undefined;
  writeFileSync(file, faulty);
  return () => writeFileSync(file, sound);
}
