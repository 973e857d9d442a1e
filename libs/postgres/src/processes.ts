import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './failures.js';
import type { Home, Log } from './home.js';

interface Process { pid: number; command: string }

/**
 * Stops the server when our process is gone, however it went: the pipe closes with us, also on kill -9. A shell, because it needs 1 MB.
 * While it lives, its cluster has a living owner. Returns how to dismiss it.
 */
export function watch(home: Home, server: number): () => void {
  if (process.platform === 'win32') return () => {};
  const script = `read -r _; kill -INT ${server}`;
  const watchdog = spawn('/bin/sh', ['-c', script, `${home.name}-watchdog`], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  (watchdog.stdin as Socket).unref();
  return () => { watchdog.kill('SIGKILL'); };
}

/**
 * Makes sure that nothing runs in the data directory: what a killed owner left is stopped (it finishes what it wrote).
 * Throws EmbeddedPostgresError when the cluster has a living owner.
 */
export async function stopLeftovers(home: Home, log: Log): Promise<void> {
  const data = join(home.base, 'data');
  if (process.platform === 'win32') {
    try {
      execFileSync(home.program('pg_ctl'), ['stop', '-m', 'fast', '-D', data], { stdio: 'ignore' });
    } catch { /* nothing runs */ }
    return;
  }
  const watchdog = () => processesOf(home.name).find(({ command }) => command.includes('-watchdog'));
  if (!(await until(() => !watchdog(), 3_000))) {
    throw new EmbeddedPostgresError(`Another process already runs on the data in ${home.folder}; stop that first`);
  }
  const servers = () => processesOf(home.name);
  if (servers().length > 0) {
    log('Stopping the PostgreSQL that a killed process left behind');
    for (const [signal, patience] of [['SIGINT', 10_000], ['SIGQUIT', 3_000], ['SIGKILL', 3_000]] as const) {
      const all = servers();
      const first = all.filter(({ command }) => command.includes(`cluster_name=${home.name}`));
      for (const { pid } of first.length > 0 && signal === 'SIGINT' ? first : all) tell(pid, signal);
      if (await until(() => servers().length === 0, patience)) break;
    }
  }
  if (servers().length > 0) throw new EmbeddedPostgresError(`A former PostgreSQL on ${data} cannot be stopped (process ${servers()[0]?.pid})`);
  // Its number may have been given to somebody else since, and PostgreSQL would then refuse to start.
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** Both PostgreSQL (in its arguments, then in its titles) and the watchdog show the cluster's name. */
function processesOf(name: string): Process[] {
  const all = process.platform === 'linux' ? fromProc() : fromPs();
  return all.filter(({ command }) => command.includes(name));
}

function fromProc(): Process[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map((pid) => {
    try {
      return { pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
    } catch {
      return { pid: Number(pid), command: '' };
    }
  });
}

function fromPs(): Process[] {
  const lines = execFileSync('ps', ['-axwwo', 'pid=,command='], { encoding: 'utf8', maxBuffer: 16e6 }).split('\n');
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch { /* gone already */ }
}

async function until(condition: () => boolean, patience: number): Promise<boolean> {
  for (const end = performance.now() + patience; ; await sleep(25)) {
    if (condition()) return true;
    if (performance.now() > end) return false;
  }
}
