import { DomainError, type Instant } from '@opora/domain';
import pg from 'pg';
import { Temporal } from 'temporal-polyfill';
import type { Broker, BrokerRecord, Delivery, SubscribeOptions, Subscription } from '../broker.js';
import { Reader, toDelivery, type Row } from './reader.js';
import { COMMIT, CURSORS, FETCH, SWEEP_FACTS, SWEEP_SUPERSEDED } from './schema.js';
import { Sleeper, wakeAll } from './wake.js';

export interface PostgresLogOptions {
  /** The log's runtime login. */
  readonly url: string;
  /** Topics where a null erases its key for good: what is there goes, what comes later is dropped. */
  readonly erasableTopics: readonly string[];
  /** The one of them whose keys are people: its null takes the person's facts from every topic. */
  readonly personsTopic?: string;
  /** Topics that keep the newest value of each key for ever. */
  readonly compactedTopics: readonly string[];
  readonly report: (what: 'log-reader-failed' | 'log-sweep-failed' | 'log-connection-lost', code: string) => void;
}

export interface ReadOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** 1…500 records. */
  readonly limit: number;
  /** How long to wait for the first record, milliseconds, at most 25,000. */
  readonly waitMs: number;
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? (error instanceof Error ? error.name : 'error'));
const HOUR = 3_600_000;

/** The broker of one machine: an append-only table in a schema of its own, with one cursor per group and topic. */
export class PostgresLog implements Broker {
  private readonly pool: pg.Pool;
  private readonly readers = new Set<Reader>();
  private readonly reading = new Set<Promise<Delivery[]>>();
  private readonly sweeping: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: PostgresLogOptions) {
    this.pool = new pg.Pool({ connectionString: options.url, application_name: 'event_log', max: 4, connectionTimeoutMillis: 5_000, query_timeout: 30_000 });
    // Without a listener a restart of Postgres would end the process.
    this.pool.on('error', (error) => options.report('log-connection-lost', codeOf(error)));
    this.sweeping = setInterval(() => void this.sweep(), HOUR).unref();
  }

  async publish(records: readonly BrokerRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.pool.query('select event_log.append($1, $2, $3, $4, $5, $6)', [
      records.map(({ topic }) => topic), records.map(({ key }) => key),
      records.map(({ headers }) => JSON.stringify(headers)), records.map(({ value }) => value), this.options.erasableTopics, this.options.personsTopic ?? null,
    ]);
    wakeAll();
  }

  /** Does not wait for Postgres: the subscription connects by itself, and again after every interruption. */
  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.closed) throw new Error('The log is closed');
    const reader = new Reader(this.options.url, options, (error) => this.options.report('log-reader-failed', codeOf(error)));
    this.readers.add(reader);
    return reader;
  }

  /** The oldest records after the group's cursor; none when nothing came in time. Reading moves nothing: `commit` does. */
  async read(options: ReadOptions): Promise<Delivery[]> {
    const reading = this.poll(options);
    this.reading.add(reading);
    return reading.finally(() => this.reading.delete(reading));
  }

  /** Everything of that topic up to `position` is done for the group. */
  async commit({ group, topic, position }: { group: string; topic: string; position: string }): Promise<void> {
    if (!/^\d{1,16}$/.test(position)) {
      throw new DomainError('invalid', 'invalid-position', 'A position is what a record was read with', [{ pointer: '/position', code: 'bad-format', detail: 'must be up to 16 digits' }]);
    }
    await this.pool.query(COMMIT, [group, [topic], [position]]);
  }

  /** Removes replaced values and aged facts. Answers how many. The newest value of a compacted key always stays. */
  async compact({ supersededBefore, factsBefore }: { supersededBefore: Instant; factsBefore: Instant }): Promise<number> {
    let removed = 0;
    for (const [sql, before] of [[SWEEP_SUPERSEDED, supersededBefore], [SWEEP_FACTS, factsBefore]] as const) {
      for (let count = 1; count > 0; removed += count) count = (await this.pool.query(sql, [this.options.compactedTopics, before])).rowCount ?? 0;
    }
    return removed;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeping);
    wakeAll();
    await Promise.allSettled([...this.reading, ...[...this.readers].map((reader) => reader.close())]);
    await this.pool.end();
  }

  private async poll({ group, topics, limit, waitMs }: ReadOptions): Promise<Delivery[]> {
    const until = performance.now() + Math.min(waitMs, 25_000);
    const sleeper = new Sleeper();
    try {
      while (!this.closed) {
        const { rows: cursors } = await this.pool.query<{ topic: string; seq: string }>(CURSORS, [topics, group]);
        const { rows } = await this.pool.query<Row>(FETCH, [cursors.map(({ topic }) => topic), cursors.map(({ seq }) => seq), Math.min(limit, 500)]);
        const left = until - performance.now();
        if (rows.length > 0 || left <= 0) return rows.map(toDelivery);
        await sleeper.idle(left);
      }
      return [];
    } finally {
      sleeper.leave();
    }
  }

  private async sweep(): Promise<void> {
    const ago = (days: number) => Temporal.Now.instant().subtract({ hours: 24 * days }).toString();
    await this.compact({ supersededBefore: ago(7), factsBefore: ago(90) }).catch((error: unknown) => this.options.report('log-sweep-failed', codeOf(error)));
  }
}
