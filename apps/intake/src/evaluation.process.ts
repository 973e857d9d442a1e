import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Done, Job } from './evaluation.worker.js';

/** Of the worker's heap. The largest published form needs a tenth of it. */
const HEAP_MB = 128;
/** How long a worker may be silent: it stops by itself, unless memory is what it is short of. It gives itself more time when it was starved of it. */
const GRACE_MS = 1_000;
const STARVED = 4;
/** Of 19, for a process that gives way: it has a tenth of what each of the others has, where they all want to work. */
const NICE = 10;
const STARTING_MS = 15_000;

/** More time or memory than is allowed. `at`: where in the questionnaire, or at which condition; unknown when the process had to die. */
export class LimitExceeded extends Error {
  constructor(readonly at?: string) {
    super('An evaluation exceeded its limits');
    this.name = 'LimitExceeded';
  }
}

// Run from source, as tests do: Node takes the types away, but wants the real ending of a file.
const endings = `import { registerHooks } from 'node:module';
registerHooks({ resolve: (name, context, next) => next(context.parentURL?.endsWith('.ts') && name.startsWith('.') ? name.replace(/\\.js$/, '.ts') : name, context) });`;
const fromSource = import.meta.filename.endsWith('.ts');
const program = new URL(`./evaluation.worker.${fromSource ? 'ts' : 'js'}`, import.meta.url);
const flags = [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=8', '--v8-pool-size=0', '--no-warnings', ...(fromSource ? ['--conditions=opora-src', '--experimental-transform-types', '--import', `data:text/javascript,${encodeURIComponent(endings)}`] : [])];

/**
 * One worker process. A process and not a thread: V8 ends the whole process when a string or list that it cannot get memory for is asked for
 * at once, whatever a thread's limits are. It inherits no environment, so it knows no password.
 */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private waiting: { id: number; settle: (done: Done | Error) => void } | undefined;
  private readonly ready: Promise<void>;
  private last = 0;
  ended = false;

  constructor({ givesWay }: { readonly givesWay: boolean }) {
    this.child = fork(program, [], { env: {}, execArgv: flags, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    if (givesWay) this.giveWay();
    this.child.unref();
    this.child.channel?.unref();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    promise.catch(() => undefined);
    this.child.on('message', (message: Done | 'ready') => {
      if (message === 'ready') resolve();
      else if (message.id === this.waiting?.id) this.waiting.settle(message);
    });
    const gone = (): void => {
      this.ended = true;
      reject(new Error('The evaluation worker did not start'));
      this.waiting?.settle(new LimitExceeded());
    };
    this.child.on('exit', gone);
    this.child.on('error', gone);
  }

  /** Fails with `LimitExceeded`; the process is of no use afterwards. */
  async perform(task: Job['task'], input: unknown, limitMs: number): Promise<unknown> {
    const id = ++this.last;
    const { promise, resolve, reject } = Promise.withResolvers<Done>();
    // A process that ends while it starts is told of by `ready`.
    promise.catch(() => undefined);
    this.waiting = { id, settle: (done) => (done instanceof Error ? reject(done) : resolve(done)) };
    const late = setTimeout(() => this.end(), STARTING_MS);
    try {
      await this.ready;
      clearTimeout(late);
      const timer = setTimeout(() => this.end(), limitMs * STARVED + GRACE_MS);
      this.child.send({ id, task, input, limitMs } satisfies Job, (error) => { if (error) this.end(); });
      const done = await promise.finally(() => clearTimeout(timer));
      if (!('value' in done)) this.end();
      if ('value' in done) return JSON.parse(done.value);
      if ('overran' in done) throw new LimitExceeded(done.overran);
      throw new Error(`The evaluation worker failed: ${done.failed}`);
    } finally {
      clearTimeout(late);
      this.waiting = undefined;
    }
  }

  /** From its start on: the threads that it begins with take it over, and a start is work, too. */
  private giveWay(): void {
    try {
      setPriority(this.child.pid!, NICE);
    } catch {
      // Where priorities cannot be set the limits still hold.
    }
  }

  end(): void {
    this.ended = true;
    this.child.kill('SIGKILL');
  }
}
