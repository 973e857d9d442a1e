import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Asked, Start, Told } from './evaluation.starter.js';
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
const program = (name: string): string => fileURLToPath(new URL(`./evaluation.${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url));
const flags = ['--max-semi-space-size=8', '--v8-pool-size=0', '--no-warnings', ...(fromSource ? ['--conditions=opora-src', '--experimental-transform-types', '--import', `data:text/javascript,${encodeURIComponent(endings)}`] : [])];

/** The process that starts the workers, once there is work, and again when it ended. */
export class Starter {
  private child: ChildProcess | undefined;
  private readonly hearing = new Map<number, (said: Told['said']) => void>();
  private last = 0;

  start(more: Omit<Start, 'program' | 'flags'>, hear: (said: Told['said']) => void): (asked: { job: Job } | { end: true }) => void {
    const worker = ++this.last;
    const child = this.child ??= this.begin();
    const ask = (asked: object): void => void child.send({ worker, ...asked } as Asked, (error) => { if (error) this.told({ worker, said: 'gone' }); });
    this.hearing.set(worker, hear);
    ask({ start: { program: program('worker'), flags: [`--max-old-space-size=${HEAP_MB}`, ...flags], ...more } });
    return ask;
  }

  end(): void {
    if (this.child?.connected) this.child.disconnect();
  }

  private begin(): ChildProcess {
    const child = fork(program('starter'), [], { env: {}, execArgv: flags, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.unref();
    child.channel?.unref();
    child.on('message', (told: Told) => this.told(told));
    const gone = (): void => {
      if (this.child !== child) return;
      this.child = undefined;
      for (const worker of this.hearing.keys()) this.told({ worker, said: 'gone' });
    };
    child.on('exit', gone);
    child.on('error', gone);
    return child;
  }

  private told({ worker, said }: Told): void {
    const hear = this.hearing.get(worker);
    if (said === 'gone') this.hearing.delete(worker);
    hear?.(said);
  }
}

/**
 * One worker process. A process and not a thread: V8 ends the whole process when a string or list that it cannot get memory for is asked for
 * at once, whatever a thread's limits are. It inherits no environment, so it knows no password.
 */
export class WorkerProcess {
  private readonly ask: ReturnType<Starter['start']>;
  private waiting: { id: number; settle: (done: Done | Error) => void } | undefined;
  private readonly ready: Promise<void>;
  private last = 0;
  ended = false;

  constructor(starter: Starter, { givesWay }: { readonly givesWay: boolean }) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    promise.catch(() => undefined);
    this.ask = starter.start({ nice: givesWay ? NICE : 0 }, (said) => {
      if (said === 'ready') resolve();
      else if (said === 'gone') {
        this.ended = true;
        reject(new Error('The evaluation worker did not start'));
        this.waiting?.settle(new LimitExceeded());
      } else if (said.id === this.waiting?.id) this.waiting.settle(said);
    });
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
      this.ask({ job: { id, task, input, limitMs } });
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

  end(): void {
    this.ended = true;
    this.ask({ end: true });
  }
}
