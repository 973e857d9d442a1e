import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from './failures.js';

/**
 * Passwords for one machine: made at random when first asked for, kept in `<folder>/secrets.json` (readable by its owner only) and
 * the same ever after. Answers the asked names alone. Throws an OperatorError when the file is damaged or cannot be written.
 */
export function loadSecrets<N extends string>(folder: string, names: readonly N[]): Record<N, string> {
  const file = join(folder, 'secrets.json');
  const kept = read(file);
  const missing = names.filter((name) => kept[name] === undefined);
  for (const name of missing) kept[name] = randomBytes(24).toString('base64url');
  if (missing.length > 0) write(folder, file, kept);
  return Object.fromEntries(names.map((name) => [name, kept[name]])) as Record<N, string>;
}

function read(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    const reason = error instanceof SyntaxError ? 'it is not JSON' : (error as NodeJS.ErrnoException).code;
    throw new OperatorError(`Cannot read ${file}: ${reason}`);
  }
}

function write(folder: string, file: string, secrets: Record<string, string>): void {
  try {
    mkdirSync(folder, { recursive: true });
    // Renamed into place: a kill in between must not leave half a file, for the passwords are nowhere else.
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new OperatorError(`Cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
