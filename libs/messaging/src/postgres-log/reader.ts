import pg from 'pg';
import { deliverSafely, type Delivery, type SubscribeOptions, type Subscription } from '../broker.js';
import { Progress } from './progress.js';
import { COMMIT, CURSORS, FETCH, FETCH_AGAIN } from './schema.js';
import { Sleeper } from './wake.js';

const BATCH = 100;
/** So many records may wait behind paused keys before nothing new is fetched. */
const MOST_HELD = 5_000;

export interface Row { seq: string; topic: string; key: string; headers: Record<string, string>; value: Buffer | null }

/** Positions are padded: as text they sort like numbers. */
export const toDelivery = ({ seq, ...record }: Row): Delivery => ({ ...record, position: seq.padStart(16, '0') });

/**
 * One member of a group. The group's advisory lock, the reading and the cursor share one connection: a member that lost
 * the lock can no longer commit. The record in hand at that moment is delivered again by whoever takes over.
 */
export class Reader implements Subscription {
  private closing = false;
  private connected = false;
  private caughtUpAt = -Infinity;
  private readonly sleeper = new Sleeper();
  private readonly running: Promise<void>;

  constructor(private readonly url: string, private readonly options: SubscribeOptions, private readonly failed: (error: unknown) => void) {
    this.running = this.run();
  }

  behindMs(): number {
    return performance.now() - this.caughtUpAt;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.sleeper.wake();
    await this.running;
    this.sleeper.leave();
  }

  private get stopping(): boolean {
    return this.closing || !this.connected;
  }

  private async run(): Promise<void> {
    while (!this.closing) {
      const client = new pg.Client({
        connectionString: this.url, application_name: `event_log ${this.options.group}`, keepAlive: true, connectionTimeoutMillis: 5_000, query_timeout: 30_000,
      });
      client.on('error', () => { this.connected = false; });
      client.on('end', () => { this.connected = false; });
      try {
        await client.connect();
        this.connected = true;
        await this.becomeActive(client);
        if (!this.stopping) await this.read(client);
      } catch (error) {
        this.failed(error);
        await this.sleeper.sleep(500);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  /** A member that stands by counts as caught up: the lag is the active member's to tell. */
  private async becomeActive(client: pg.Client): Promise<void> {
    while (!this.stopping) {
      const { rows: [turn] } = await client.query<{ ours: boolean }>(
        `select pg_try_advisory_lock(hashtextextended('event_log group ' || $1, 0)) as ours`, [this.options.group]);
      if (turn?.ours) return;
      this.caughtUpAt = performance.now();
      await this.sleeper.sleep(200);
    }
  }

  private async read(client: pg.Client): Promise<void> {
    const { topics, group } = this.options;
    const { rows } = await client.query<{ topic: string; seq: string }>(CURSORS, [topics, group]);
    const progress = new Progress(new Map(rows.map(({ topic, seq }) => [topic, Number(seq)])));
    while (!this.stopping) {
      const startedAt = performance.now();
      const again = progress.release(startedAt);
      // Read again, not kept: what was erased meanwhile is not there any more.
      const due = again.length > 0 ? (await client.query<Row>(FETCH_AGAIN, [again])).rows : [];
      const full = progress.heldCount >= MOST_HELD;
      const fresh = full ? [] : (await client.query<Row>(FETCH, [progress.topics, progress.positions, BATCH])).rows;
      for (const row of fresh) progress.advance(row);
      for (const row of [...due, ...fresh]) await this.hand(row, progress);
      await this.commit(client, progress);
      if (!full && fresh.length < BATCH) this.caughtUpAt = startedAt;
      if (due.length + fresh.length > 0) this.sleeper.busy();
      if (fresh.length < BATCH) await this.sleeper.idle(progress.nextDue - performance.now());
    }
  }

  private async hand(row: Row, progress: Progress): Promise<void> {
    if (this.stopping || progress.isHeld(row)) return progress.hold(row, Infinity);
    const verdict = await deliverSafely(this.options.deliver, toDelivery(row), this.failed);
    if (verdict !== 'done') progress.hold(row, performance.now() + verdict.pauseMs);
  }

  /** What was done beyond a held record is delivered again after a crash. */
  private async commit(client: pg.Client, progress: Progress): Promise<void> {
    const cursors = progress.movable();
    if (cursors.length === 0) return;
    await client.query(COMMIT, [this.options.group, cursors.map(([topic]) => topic), cursors.map(([, seq]) => seq)]);
    progress.moved(cursors);
  }
}
