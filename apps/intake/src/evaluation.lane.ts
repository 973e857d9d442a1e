import type { TaskName } from './instruments/index.js';
import { WorkerProcess, type Starter } from './evaluation.process.js';

const IDLE_MS = 30_000;

interface Waiting {
  readonly last: boolean;
  readonly start: (worker: WorkerProcess) => void;
  readonly fail: (error: Error) => void;
}

/** One worker process, and the work that waits for it. One that gives way ends when it is idle; the other one stays warm from its first use on. */
export class Lane {
  private worker: WorkerProcess | undefined;
  private busy = false;
  private queue: Waiting[] = [];
  private idle: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly starter: Starter, private readonly kind: { readonly givesWay: boolean }) {}

  /** Fails with `LimitExceeded`. `last`: behind all that is not. */
  async perform(task: TaskName, input: unknown, limitMs: number, { last = false } = {}): Promise<unknown> {
    const worker = await new Promise<WorkerProcess>((start, fail) => {
      this.queue.push({ last, start, fail });
      this.next();
    });
    try {
      return await worker.perform(task, input, limitMs);
    } finally {
      this.busy = false;
      this.next();
    }
  }

  get count(): number {
    return this.worker && !this.worker.ended ? 1 : 0;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.idle);
    this.worker?.end();
    for (const { fail } of this.queue.splice(0)) fail(new Error('The service is closing'));
  }

  private next(): void {
    if (this.closed || this.busy) return;
    const [first] = [...this.queue.filter(({ last }) => !last), ...this.queue];
    // In place of one that had to be ended, also when nothing waits, so that the next one need not wait for its start.
    if (this.worker?.ended ? first || !this.kind.givesWay : first && !this.worker) this.worker = new WorkerProcess(this.starter, this.kind);
    clearTimeout(this.idle);
    if (!first) {
      if (this.kind.givesWay) this.idle = setTimeout(() => this.retire(), IDLE_MS).unref();
      return;
    }
    this.queue.splice(this.queue.indexOf(first), 1);
    this.busy = true;
    first.start(this.worker!);
  }

  private retire(): void {
    this.worker?.end();
    this.worker = undefined;
  }
}
