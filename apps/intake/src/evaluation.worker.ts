import { writeFileSync } from 'node:fs';
import { runInThisContext, Script } from 'node:vm';
import { tasks, type TaskName } from './instruments/index.js';

// What a worker process runs: one task at a time, and without a way out.
export interface Job {
  readonly id: number;
  readonly task: TaskName;
  readonly input: unknown;
  readonly limitMs: number;
}

/** `value` is JSON. `overran` says where in the questionnaire, or at which condition. */
export type Done = { readonly id: number } & ({ readonly value: string } | { readonly overran: string } | { readonly failed: string });

/** Of a result as JSON, which the service has to read. */
const MOST = 2 * 1024 * 1024;

for (const way of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) delete (globalThis as Record<string, unknown>)[way];

try {
  // Where a container or a machine runs out of memory, Linux is to end this process and not the service.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Other systems choose for themselves.
}

const global = runInThisContext('globalThis') as { oporaTask?: (() => void) | undefined };
// Only code that is started so can be stopped while it runs, also inside of a regular expression.
const started = new Script('oporaTask()');

/** On a busy machine a process may have had little of its time: then it has more, once. */
const AGAIN = 2;
const spentMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const perform = ({ id, task, input, limitMs }: Job, again = true): Done => {
  const before = spentMs();
  let at = '';
  let value = '';
  global.oporaTask = () => {
    value = JSON.stringify((tasks[task] as (input: unknown, watch: { step(pointer: string): void }) => unknown)(input, { step: (pointer) => { at = pointer; } }));
  };
  try {
    started.runInThisContext({ timeout: limitMs });
    return value.length > MOST ? { id, overran: at } : { id, value };
  } catch (error) {
    const late = (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    if (late && again && spentMs() - before < limitMs / 2) return perform({ id, task, input, limitMs: limitMs * AGAIN }, false);
    if (late || error instanceof RangeError) return { id, overran: at };
    return { id, failed: error instanceof Error ? `${error.name} ${(error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 4).map((line) => line.trim()).join(' | ')}` : typeof error };
  }
};

process.on('message', (job: Job) => process.send!(perform(job)));
process.on('disconnect', () => process.exit());
process.send!('ready');
