import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenClaims } from '@opora/access';
import { caller, freePort } from '@opora/testing';
import type { Place } from './journey-checks.js';

const root = join(import.meta.dirname, '..', '..', '..');
export const node = join(root, 'node_modules', 'node', 'bin', 'node');

/** The built program as an operator runs it: a process, its output, its address. */
export interface OporaProcess extends Place {
  readonly pid: number;
  output(): string;
  /** Ends it and waits until it is gone. */
  end(signal: 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

export const tempFolder = (): { path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'opora-e2e-'));
  // PostgreSQL does not run as root; whom it runs as must be able to get here.
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
};

/** The first of six free ports in a row. */
export const freePorts = (): Promise<number> => freePort(6);

export const spawnOpora = (environment: Record<string, string>): { child: ChildProcess; output: () => string; exit: Promise<number | null> } => {
  const child = spawn(node, ['--enable-source-maps', join(root, 'apps/opora/dist/main.js')], { cwd: root, env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout!.on('data', (chunk) => { output += String(chunk); });
  child.stderr!.on('data', (chunk) => { output += String(chunk); });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, output: () => output, exit };
};

export const startOpora = async (folder: string, environment: Record<string, string> = {}): Promise<OporaProcess> => {
  const port = environment['OPORA_PORT'] ?? String(await freePorts());
  const { child, output, exit } = spawnOpora({ OPORA_FOLDER: folder, OPORA_PORT: port, OPORA_WATERMARK_EVERY_MS: '300', OPORA_STALE_AFTER_MS: '3000', ...environment });
  const ended = exit.then((code) => { throw new Error(`Opora ended with ${code}:\n${output()}`); });
  const up = (async () => {
    while (!output().includes('Ctrl-C stops everything')) await new Promise((resolve) => setTimeout(resolve, 20));
  })();
  await Promise.race([up, ended]);
  ended.catch(() => undefined);
  const { gateway, issuer } = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as { gateway: string; issuer: string };
  const mint = async (claims: TokenClaims): Promise<string> => {
    const response = await fetch(`${issuer}/tokens`, { method: 'POST', body: JSON.stringify(claims) });
    return ((await response.json()) as { token: string }).token;
  };
  return {
    gateway, issuer, pid: child.pid!, output, mint,
    as: async (claims) => caller(gateway, await mint(claims)),
    end: async (signal) => { child.kill(signal); return exit; },
  };
};
