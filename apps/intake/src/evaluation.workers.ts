import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { TaskName, Tasks } from './instruments/index.js';
import { LimitExceeded } from './evaluation.process.js';
import { Lane } from './evaluation.lane.js';

/** What is done within this time is never behind what is not. Published forms take 5 to 110 ms. */
const QUICK_MS = 250;
/** How long an agency goes without a quick try after one of its forms took more than it may. */
const SUSPECT_MS = 60_000;

/** Whose work it is, and how much time it may take. */
export interface Allowed {
  readonly agency: string;
  readonly limitMs: number;
}

/**
 * Two worker processes at most. Everything is tried as quick work first; what is not quick begins again in the other one, which gives way
 * to whoever answers people, and there is only one of it: forms without end, however many, never have more than that.
 */
@Injectable()
export class Workers implements OnModuleDestroy {
  private readonly quick = new Lane({ givesWay: false });
  private readonly long = new Lane({ givesWay: true });
  private readonly overranAt = new Map<string, number>();

  /** Fails with `LimitExceeded` when the task takes more than `limitMs`, or more memory than a worker has. */
  async run<N extends TaskName>(task: N, input: Parameters<Tasks[N]>[0], { agency, limitMs }: Allowed): Promise<ReturnType<Tasks[N]>> {
    const suspect = this.isSuspect(agency);
    if (!suspect) {
      try {
        return await this.quick.perform(task, input, QUICK_MS) as ReturnType<Tasks[N]>;
      } catch (error) {
        if (!(error instanceof LimitExceeded)) throw error;
      }
    }
    try {
      return await this.long.perform(task, input, limitMs, { last: suspect }) as ReturnType<Tasks[N]>;
    } catch (error) {
      if (error instanceof LimitExceeded) this.overranAt.set(agency, performance.now());
      throw error;
    }
  }

  /** How many processes there are; for those who watch the memory. */
  get count(): number {
    return this.quick.count + this.long.count;
  }

  onModuleDestroy(): void {
    this.quick.close();
    this.long.close();
  }

  private isSuspect(agency: string): boolean {
    const at = this.overranAt.get(agency);
    if (at !== undefined && performance.now() - at < SUSPECT_MS) return true;
    this.overranAt.delete(agency);
    return false;
  }
}
