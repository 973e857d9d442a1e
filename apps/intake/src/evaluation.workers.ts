import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { TaskName, Tasks } from './instruments/index.js';
import { WorkerProcess } from './evaluation.process.js';

/** One is kept warm from its first use on; others come while that one is busy and go when they are idle. */
const MOST = 2;
const IDLE_MS = 30_000;

interface Waiting {
  readonly start: (worker: WorkerProcess) => void;
  readonly fail: (error: Error) => void;
}

/** The worker processes of a service: hands each task to one that is free. */
@Injectable()
export class Workers implements OnModuleDestroy {
  private workers: WorkerProcess[] = [];
  private readonly queue: Waiting[] = [];
  private idle: NodeJS.Timeout | undefined;
  private closed = false;

  /** Fails with `LimitExceeded` when the task takes more than `limitMs`, or more memory than a worker has. */
  async run<N extends TaskName>(task: N, input: Parameters<Tasks[N]>[0], limitMs: number): Promise<ReturnType<Tasks[N]>> {
    const worker = await this.free();
    try {
      return await worker.perform(task, input, limitMs) as ReturnType<Tasks[N]>;
    } finally {
      worker.taken = false;
      this.next();
    }
  }

  /** How many processes there are; for those who watch the memory. */
  get count(): number {
    return this.workers.length;
  }

  onModuleDestroy(): void {
    this.closed = true;
    clearTimeout(this.idle);
    for (const worker of this.workers) worker.end();
    for (const { fail } of this.queue.splice(0)) fail(new Error('The service is closing'));
  }

  private free(): Promise<WorkerProcess> {
    return new Promise((start, fail) => {
      this.queue.push({ start, fail });
      this.next();
    });
  }

  private next(): void {
    const ended = this.workers.filter((worker) => worker.ended).length;
    this.workers = this.workers.filter((worker) => !worker.ended);
    if (this.closed) return;
    while (this.queue.length > 0) {
      const worker = this.workers.find(({ taken }) => !taken) ?? this.another();
      if (!worker) break;
      worker.taken = true;
      this.queue.shift()!.start(worker);
    }
    // In place of one that had to be ended, so that the next one need not wait for its start.
    if (ended > 0 && this.workers.length === 0) this.another();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.retire(), IDLE_MS).unref();
  }

  private another(): WorkerProcess | undefined {
    if (this.workers.length >= MOST) return undefined;
    const worker = new WorkerProcess();
    this.workers.push(worker);
    return worker;
  }

  private retire(): void {
    const [, ...spare] = this.workers;
    for (const worker of spare.filter(({ taken }) => !taken)) worker.end();
    this.workers = this.workers.filter((worker) => !worker.ended);
  }
}
