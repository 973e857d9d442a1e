import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskName, Tasks } from './instruments/index.js';
import { LimitExceeded, Starter } from './evaluation.process.js';
import { Lane } from './evaluation.lane.js';

/** What is done within this time is never behind what is not. Published forms take 5 to 110 ms. */
const QUICK_MS = 250;
/** How long it is remembered that a form of an agency took more than it may. */
const SUSPECT_MS = 60_000;
/** How long such an agency waits before what is not quick: twice as long each time, up to the most. */
const PAUSE_MS = { first: 500, most: 8_000 };

/** Whose work it is, and how much time it may take. */
export interface Allowed {
  readonly agency: string;
  readonly limitMs: number;
}

/**
 * Two worker processes at most. Everything is tried as quick work first; what is not quick begins again in the other one, which gives way
 * to whoever answers people, and there is only one of it: forms without end, however many, never have more than that. An agency whose form
 * took too long has its quick work done there, too, for a while, and waits longer and longer before the rest.
 */
@Injectable()
export class Workers implements OnModuleDestroy {
  private readonly starter = new Starter();
  private readonly quick = new Lane(this.starter, { givesWay: false });
  private readonly long = new Lane(this.starter, { givesWay: true });
  private readonly suspects = new Map<string, { at: number; pauseMs: number }>();

  /** Fails with `LimitExceeded` when the task takes more than `limitMs`, or more memory than a worker has. */
  async run<N extends TaskName>(task: N, input: Parameters<Tasks[N]>[0], { agency, limitMs }: Allowed): Promise<ReturnType<Tasks[N]>> {
    const suspect = this.suspect(agency);
    const last = suspect !== undefined;
    try {
      return await (suspect ? this.long : this.quick).perform(task, input, QUICK_MS, { last }) as ReturnType<Tasks[N]>;
    } catch (error) {
      if (!(error instanceof LimitExceeded)) throw error;
    }
    if (suspect) await sleep(suspect.pauseMs, undefined, { ref: false });
    try {
      return await this.long.perform(task, input, limitMs, { last }) as ReturnType<Tasks[N]>;
    } catch (error) {
      if (error instanceof LimitExceeded) this.suspects.set(agency, { at: performance.now(), pauseMs: Math.min(suspect ? suspect.pauseMs * 2 : PAUSE_MS.first, PAUSE_MS.most) });
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
    this.starter.end();
  }

  private suspect(agency: string): { at: number; pauseMs: number } | undefined {
    const suspect = this.suspects.get(agency);
    if (suspect && performance.now() - suspect.at < SUSPECT_MS) return suspect;
    this.suspects.delete(agency);
    return undefined;
  }
}
