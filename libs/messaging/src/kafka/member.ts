import type { Kafka } from 'kafkajs';
import type { Subscription } from '../broker.js';
import { patiently as retry } from './client.js';
import { Fetches, MAX_WAIT_MS } from './fetches.js';
import { Reading, type ReadingOptions } from './reading.js';

export interface MemberOptions extends ReadingOptions {
  readonly group: string;
  readonly topics: readonly string[];
}

const REBALANCE_MS = 30_000;
/** Partitions worked on at the same time. A slow handler delays the others less, and a service's few connections are left to its callers too. */
const AT_ONCE = 3;
/** Nothing fetched and nothing in hand for so long, although a fetch lasts half a second: the consumer is dead or loops. */
const STALLED_MS = 2 * REBALANCE_MS;
/** No answer for so long: leaving the group will not be answered either. */
const SILENT_MS = 3_000;
const CLOSE_MS = 8_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One member of a group, kept alive: kafkajs can die or loop, so a consumer that crashed or fetches nothing is replaced. */
export class Member implements Subscription {
  private readonly fetches = new Fetches();
  private closing = false;
  private end: () => void = () => undefined;
  private readonly running: Promise<void>;

  constructor(private readonly kafka: Kafka, private readonly options: MemberOptions, private readonly failed: (error: unknown) => void) {
    this.running = this.run();
  }

  behindMs(): number {
    return performance.now() - this.fetches.caughtUpAt;
  }

  /** Everything that was there at the time of the call has been handed. Rejects when that takes longer than `withinMs`. */
  async caughtUp(withinMs: number): Promise<void> {
    const asked = performance.now();
    while (this.fetches.caughtUpAt < asked) {
      if (this.closing || performance.now() - asked > withinMs) throw new Error('The group could not be read to its end');
      await sleep(10);
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    this.end();
    await this.running;
  }

  /** What fails at once, such as a wrong password, goes on failing: then it tries less and less often. */
  private async run(): Promise<void> {
    for (let pause = 1_000; !this.closing;) {
      const startedAt = performance.now();
      try {
        await this.consume();
      } catch (error) {
        this.failed(error);
        pause = performance.now() - startedAt < 2_000 ? Math.min(pause * 1.5, 10_000) : 1_000;
        for (let waited = 0; waited < pause && !this.closing; waited += 50) await sleep(50);
      }
    }
  }

  /** Until closing, or until the consumer crashes or stalls. */
  private async consume(): Promise<void> {
    const { group, topics } = this.options;
    const consumer = this.kafka.consumer({
      groupId: group, sessionTimeout: 10_000, heartbeatInterval: 3_000, rebalanceTimeout: REBALANCE_MS, maxBytesPerPartition: 262_144,
      maxWaitTimeInMs: MAX_WAIT_MS, allowAutoTopicCreation: false, retry: { ...retry, restartOnFailure: async () => false },
    });
    const reading = new Reading(consumer, this.options, this.fetches, this.failed);
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    this.end = resolve;
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => reject(error));
    const watch = setInterval(() => {
      if (!reading.inHand && this.fetches.silentMs() > STALLED_MS) reject(new Error('The consumer stalled'));
    }, 5_000);
    const start = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      if (!this.closing) await consumer.run({
        autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: AT_ONCE, eachBatch: (payload) => reading.work(payload),
      });
      return ended;
    };
    try {
      await Promise.race([start(), ended]);
    } finally {
      clearInterval(watch);
      // Waits for the record in hand and leaves the group; without a server that may take for ever.
      await Promise.race([consumer.disconnect().catch(() => undefined), sleep(!reading.inHand && this.fetches.silentMs() > SILENT_MS ? 500 : CLOSE_MS)]);
      reading.end();
    }
  }
}
