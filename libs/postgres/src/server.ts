import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { environment, type Home } from './home.js';
import { watch } from './processes.js';

export interface Running { server: ChildProcess; dismiss(): void; stopping: boolean }

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '100',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A failed statement carries what people told us; the server's log must not. What remains: starts, stops, crashes, checkpoints.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

export const logFile = (home: Home): string => join(home.folder, 'postgres.log');

/** The running server, or why it ended. `ended`: it was up and has ended without our doing. */
export async function launch(home: Home, port: number, settings: Record<string, string>, ended: () => void): Promise<Running | string> {
  if ((statSync(logFile(home), { throwIfNoEntry: false })?.size ?? 0) > 10e6) rmSync(logFile(home));
  const output = openSync(logFile(home), 'a', 0o600);
  const written = statSync(logFile(home)).size;
  const data = join(home.base, 'data');
  const args = Object.entries({ ...SETTINGS, ...settings, port, cluster_name: home.name }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const server = spawn(home.program('postgres'), ['-D', data, ...args],
    { detached: true, cwd: '/', stdio: ['ignore', output, output], env: environment(), ...home.account });
  closeSync(output);
  let failure: string | undefined;
  server.on('error', ({ message }) => { failure = message; });
  server.on('exit', () => { failure ??= lastWords(readFileSync(logFile(home)).subarray(written).toString()); });
  if (server.pid === undefined) {
    await once(server, 'error').catch(() => {});
    return failure ?? 'it cannot be run';
  }
  const running: Running = { server, dismiss: watch(home, server.pid), stopping: false };
  for (const began = performance.now(); !isReady(data, server.pid); await sleep(15)) {
    if (failure === undefined && performance.now() - began > 60_000) {
      await stop(running, home);
      failure = 'it was not ready after a minute';
    }
    if (failure !== undefined) {
      running.dismiss();
      return failure;
    }
  }
  server.on('exit', () => {
    running.dismiss();
    if (!running.stopping) ended();
  });
  server.unref();
  return running;
}

/** Line 1 of postmaster.pid is the process, line 8 the state (PostgreSQL: utils/pidfile.h). */
function isReady(data: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

function lastWords(log: string): string {
  return /(?:FATAL|PANIC): +(.*)/.exec(log)?.[1] ?? log.trim().split('\n').at(-1) ?? 'no reason given';
}

/** Fast: ends the connections, loses nothing. */
export async function stop(running: Running, home: Home): Promise<void> {
  const { server } = running;
  running.stopping = true;
  const ended = () => server.exitCode !== null || server.signalCode !== null;
  if (!ended()) {
    server.ref();
    const exit = once(server, 'exit');
    const signals = process.platform === 'win32' ? [] : ([['SIGINT', 10_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const);
    if (process.platform === 'win32') {
      await promisify(execFile)(home.program('pg_ctl'), ['stop', '-m', 'fast', '-D', join(home.base, 'data')]).catch(() => {});
    }
    for (const [signal, patience] of signals) {
      if (ended()) break;
      server.kill(signal);
      await Promise.race([exit, sleep(patience, undefined, { ref: false })]);
    }
  }
  running.dismiss();
}
