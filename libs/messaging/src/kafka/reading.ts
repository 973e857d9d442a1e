import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { deliverSafely, type Delivery, type SubscribeOptions, type Verdict } from '../broker.js';
import { UNREADABLE } from '../envelope.js';
import type { Fetches } from './fetches.js';
import { Partition } from './partition.js';

export interface ReadingOptions {
  readonly deliver: (delivery: Delivery) => Promise<Verdict>;
  readonly deliverTogether?: SubscribeOptions['deliverTogether'];
  /** Whether the group remembers how far it came. */
  readonly commits: boolean;
  /** Awaited after each joining, before the first record is handed. */
  readonly prepare?: (() => Promise<void>) | undefined;
}

interface Place { readonly topic: string; readonly partition: number }

/** After that a batch is left, so that its work is committed and other partitions have their turn. */
const TURN_MS = 1_000;

/** So many are offered together. */
const TOGETHER = 250;

/** Bytes that are no text become U+FFFD; so does NUL, which PostgreSQL takes in no text. */
const text = (value: unknown): string => value === undefined || value === null ? '' : String(Array.isArray(value) ? value.at(-1) : value).replaceAll('\0', UNREADABLE);

const toDelivery = ({ topic, partition }: Place, { offset, key, headers, value }: KafkaMessage): Delivery => ({
  topic, key: text(key), value, position: `${partition}:${offset.padStart(16, '0')}`,
  headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, content]) => [text(name), text(content)])),
});

const idOf = ({ topic, partition }: Place): string => `${topic} ${partition}`;

/**
 * What one consumer hands, from its start to its end. Records are handed only within kafkajs' batches: it leaves or rejoins
 * the group when the one in hand is finished, so nobody else has it meanwhile.
 */
export class Reading {
  private readonly partitions = new Map<string, Partition>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly working = new Set<string>();
  /** Counts joinings: a batch fetched before the last one is not ours any more. */
  private generation = 0;
  private prepared = -1;
  private ended = false;

  constructor(
    private readonly consumer: Consumer, private readonly options: ReadingOptions, private readonly fetches: Fetches, private readonly failed: (error: unknown) => void,
  ) {
    fetches.rejoined();
    consumer.on(consumer.events.FETCH_START, ({ payload: { nodeId } }) => { if (!this.ended) fetches.started(String(nodeId)); });
    consumer.on(consumer.events.FETCH, ({ payload: { nodeId, duration } }) => { if (!this.ended) fetches.answered(String(nodeId), duration); });
    consumer.on(consumer.events.GROUP_JOIN, () => this.joined());
  }

  get inHand(): boolean {
    return this.working.size > 0;
  }

  end(): void {
    this.ended = true;
    this.forget();
  }

  async work(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat } = payload;
    if (payload.isStale() || this.ended) return;
    // While a record is in hand. What this heartbeat hears is heard again by the one after the record.
    const beating = setInterval(() => void heartbeat().catch(() => undefined), 1_000);
    const { generation } = this;
    this.working.add(idOf(batch));
    try {
      if (this.options.prepare && this.prepared !== generation) await this.options.prepare();
      this.prepared = generation;
      if (generation === this.generation) await this.hand(payload, generation);
    } finally {
      clearInterval(beating);
      this.working.delete(idOf(batch));
    }
  }

  private joined(): void {
    if (this.ended) return;
    this.forget();
    this.fetches.rejoined();
    this.consumer.resume(this.consumer.paused());
  }

  private forget(): void {
    this.generation += 1;
    this.partitions.clear();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private async hand(payload: EachBatchPayload, generation: number): Promise<void> {
    const { batch, batch: { messages }, heartbeat } = payload;
    const partition = this.partitionOf(batch, messages);
    const startedAt = performance.now();
    let handled = 0;
    let offered = 0;
    let trouble: unknown;
    while (handled < messages.length) {
      if (trouble || this.ended || !payload.isRunning() || payload.isStale() || performance.now() - startedAt > TURN_MS) break;
      if (handled >= offered) {
        const some = messages.slice(handled, handled + TOGETHER);
        offered = handled + some.length;
        if (await this.together(batch, partition, some)) {
          handled = offered;
          trouble = await heartbeat().catch((error: unknown) => error);
        }
        if (generation !== this.generation) return;
        if (handled === offered) continue;
      }
      const message = messages[handled]!;
      const delivery = toDelivery(batch, message);
      const ready = partition.meet(Number(message.offset), delivery.key, performance.now());
      if (ready === 'full') break;
      if (ready) {
        const verdict = await deliverSafely(this.options.deliver, delivery, this.failed);
        if (verdict === 'done') partition.done(delivery.key);
        else partition.hold(Number(message.offset), delivery.key, performance.now() + verdict.pauseMs);
        trouble = await heartbeat().catch((error: unknown) => error);
        if (generation !== this.generation) return;
      }
      handled += 1;
    }
    if (handled === messages.length) partition.seen(Number(batch.lastOffset()));
    this.fetches.worked(handled < messages.length || batch.offsetLag() !== '0');
    const now = performance.now();
    payload.resolveOffset(String(partition.proceed(now) - 1));
    if (partition.mustWait(now)) payload.pause();
    this.wait(batch, partition, now);
    await this.commit(payload, partition);
    if (trouble) throw trouble;
  }

  /** Not while a key is paused: those that wait, and what comes after them, are met one by one. */
  private async together(place: Place, partition: Partition, messages: readonly KafkaMessage[]): Promise<boolean> {
    const { deliverTogether } = this.options;
    if (!deliverTogether || messages.length < 2 || partition.holds || messages.some(({ value }) => value === null)) return false;
    const taken = await deliverTogether(messages.map((message) => toDelivery(place, message))).catch((error: unknown) => { this.failed(error); return false; });
    if (taken) partition.seen(Number(messages.at(-1)!.offset));
    return taken;
  }

  private partitionOf(place: Place, messages: readonly KafkaMessage[]): Partition {
    const offsets = messages.map(({ offset }) => Number(offset));
    const known = this.partitions.get(idOf(place));
    const partition = known?.continues(offsets[0]!) ? known : new Partition(offsets[0]!);
    this.partitions.set(idOf(place), partition);
    partition.forget(new Set(offsets), offsets.at(-1)!);
    return partition;
  }

  /** What was done beyond a held record is delivered again after a crash. */
  private async commit({ batch: { topic, partition: number }, commitOffsetsIfNecessary }: EachBatchPayload, partition: Partition): Promise<void> {
    const offset = this.options.commits ? partition.movable() : undefined;
    if (offset === undefined) return;
    try {
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition: number, offset: String(offset) }] }] });
      partition.moved(offset);
    } catch (error) {
      // kafkajs would go on from here and commit with the next record, whenever that comes: until then the work would seem undone.
      this.consumer.seek({ topic, partition: number, offset: String(partition.uncommitted()) });
      throw error;
    }
  }

  /** Nothing new may come: when a held record is due, the partition is read again from the oldest one. */
  private wait({ topic, partition: number }: Place, partition: Partition, now: number): void {
    const id = idOf({ topic, partition: number });
    clearTimeout(this.timers.get(id));
    const due = partition.nextDue(now);
    if (due === Infinity) return;
    this.timers.set(id, setTimeout(() => {
      // The end of a batch looks by itself for what is due.
      if (this.working.has(id)) return;
      this.consumer.resume([{ topic, partitions: [number] }]);
      // Not from the one that is due: a seek may outlive the assignment, and then must not skip what is held before it.
      this.consumer.seek({ topic, partition: number, offset: String(partition.rewind()) });
    }, due - now));
  }
}
