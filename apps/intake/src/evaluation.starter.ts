import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Done, Job } from './evaluation.worker.js';

// A process that starts the workers and stands between them and the service. Whoever starts a process is stopped while the system copies its
// page tables: 10 to 50 ms for a service, in which it answers nobody, and next to nothing for this one.

/** `nice`: how much less urgent than others it is. */
export interface Start { readonly program: string; readonly flags: readonly string[]; readonly nice: number }
export type Asked = { readonly worker: number } & ({ readonly start: Start } | { readonly job: Job } | { readonly end: true });
export interface Told { readonly worker: number; readonly said: Done | 'ready' | 'gone' }

const workers = new Map<number, ChildProcess>();

const tell = (worker: number, said: Told['said']): void => {
  if (process.connected) process.send!({ worker, said } satisfies Told);
};

const started = (worker: number, { program, flags, nice }: Start): ChildProcess => {
  const child = fork(program, [], { env: {}, execArgv: [...flags], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  try {
    // From its start on: the threads that it begins with take it over, and a start is work, too.
    if (nice) setPriority(child.pid!, nice);
  } catch {
    // Where priorities cannot be set the limits still hold.
  }
  const gone = (): void => {
    if (workers.delete(worker)) tell(worker, 'gone');
  };
  child.on('message', (said: Done | 'ready') => tell(worker, said));
  child.on('exit', gone);
  child.on('error', gone);
  return child;
};

process.on('message', ({ worker, ...asked }: Asked) => {
  if ('start' in asked) workers.set(worker, started(worker, asked.start));
  else if ('end' in asked) workers.get(worker)?.kill('SIGKILL');
  else workers.get(worker)?.send(asked.job, (error) => { if (error) workers.get(worker)?.kill('SIGKILL'); });
});
process.on('disconnect', () => {
  workers.forEach((child) => child.kill('SIGKILL'));
  process.exit();
});
