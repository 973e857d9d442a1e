import { compactedTopics, topics, watermarkReached, type AuditWitness } from '@opora/contracts';
import pg from 'pg';
import type { Broker, BrokerRecord } from './broker.js';
import { newId } from './clock.js';
import { toRecord } from './envelope.js';
import { seal } from './sealing.js';

export interface RelayOptions {
  readonly module: string;
  /** The service's runtime login. */
  readonly databaseUrl: string;
  readonly broker: Broker;
  readonly watermarkEveryMs?: number;
  /** What the watermark says of the audit trail. */
  readonly witness?: () => Promise<AuditWitness | undefined>;
  readonly report: (what: 'relay-leading' | 'relay-failed', code: string) => void;
}

interface OutboxRow { seq: string; topic: string; key: string; headers: Record<string, string>; value: string | null; secret?: string | null; erased?: boolean }

interface Found { readonly rows: readonly OutboxRow[]; readonly upTo: Date | undefined }

const BATCH = 1000;

const WAITING = `select seq, topic, key, headers, value from outbox where published_at is null and seq <> all($1::bigint[]) order by seq limit ${BATCH}`;

/**
 * The same with the key of each person, from what was heard or from what the service itself says. A fact about somebody whose key is
 * not known yet is held back: sent plain, it could not be taken back.
 */
const WAITING_SEALED = `
  select o.seq, o.topic, o.key, o.headers, o.value, p.secret, p.erased
  from outbox o left join lateral (
    select coalesce(h.body->>'key', (select s.body->>'key' from snapshot s where s.topic = $2 and s.key = o.key order by s.version desc limit 1)) as secret,
      h.key is not null and h.body is null as erased
    from (select) as one left join head h on h.topic = $2 and h.key = o.key
  ) p on o.person is not null and o.topic <> all($3)
  where o.published_at is null and o.seq <> all($1::bigint[]) and (o.person is null or o.topic = any($3) or p.erased or p.secret is not null) order by o.seq limit ${BATCH}`;

const toRecords = ({ topic, key, headers, value, secret, erased }: OutboxRow): BrokerRecord[] => {
  if (erased) return [];
  const record = { topic, key, headers, value: value === null ? null : Buffer.from(value) };
  return [secret ? seal(record, secret) : record];
};

/**
 * Publishes what waits in the outbox. One relay leads per service: the advisory lock lives on the same connection as its
 * queries, so whoever loses one has lost both. It asks for what is unpublished and never pages by `seq > last`: numbers
 * are drawn before they commit, and a page that moves on would leave late ones behind.
 */
export class Relay {
  private stopped = false;
  private woken = false;
  private waiting: (() => void) | undefined;
  private loop: Promise<void> = Promise.resolve();
  private watermarkAt = -Infinity;
  private leads = false;
  private count = 0;

  constructor(private readonly options: RelayOptions) {}

  get leading(): boolean {
    return this.leads;
  }

  /** Facts published since the start. */
  get published(): number {
    return this.count;
  }

  /** `onElected` is awaited whenever this relay has become the leader, before it publishes; what fails there is tried again. */
  start(onElected?: () => Promise<unknown>): void {
    this.loop = this.run(onElected);
  }

  /** Something was committed to the outbox. */
  readonly wake = (): void => {
    this.woken = true;
    this.waiting?.();
  };

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
  }

  private async run(onElected?: () => Promise<unknown>): Promise<void> {
    while (!this.stopped) {
      const client = new pg.Client({
        connectionString: this.options.databaseUrl, application_name: `relay ${this.options.module}`, keepAlive: true, connectionTimeoutMillis: 5_000, query_timeout: 30_000,
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await this.lead(client, onElected);
      } catch (error) {
        this.options.report('relay-failed', error instanceof Error ? error.name : 'error');
        await this.pause(1000);
      } finally {
        this.leads = false;
        await client.end().catch(() => undefined);
      }
    }
  }

  private async lead(client: pg.Client, onElected?: () => Promise<unknown>): Promise<void> {
    while (!this.stopped && !(await this.elected(client))) await this.pause(1000);
    if (this.stopped) return;
    this.leads = true;
    this.options.report('relay-leading', this.options.module);
    await onElected?.();
    for (let idle = 20; !this.stopped;) {
      const published = await this.drain(client);
      idle = published > 0 ? 20 : Math.min(idle * 2, 200);
      await this.pause(idle);
    }
  }

  private async elected(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ leads: boolean }>(`select pg_try_advisory_lock(hashtextextended('relay ' || current_schema(), 0)) as leads`);
    return rows[0]?.leads === true;
  }

  /** Until less waits than fills a batch. While a full one is on its way, the one before it is marked and the next one read. */
  private async drain(client: pg.Client): Promise<number> {
    let count = 0;
    let marking: Promise<unknown> | undefined;
    for (let found: Found | undefined = await this.read(client, []); found && !this.stopped;) {
      const { rows, upTo }: Found = found;
      const isFull: boolean = rows.length === BATCH;
      const [publishing, reading]: [PromiseSettledResult<unknown>, PromiseSettledResult<Found | undefined>] = await Promise.allSettled([
        rows.length > 0 ? this.options.broker.publish(rows.flatMap(toRecords)) : undefined,
        Promise.resolve(marking).then(() => (isFull ? this.read(client, rows) : undefined)),
      ]);
      if (publishing.status === 'rejected') throw publishing.reason;
      if (reading.status === 'rejected') throw reading.reason;
      found = reading.value;
      marking = rows.length > 0 ? this.mark(client, rows) : undefined;
      if (!found) await marking;
      count += rows.length;
      if (found || !upTo) continue;
      await this.watermark(upTo);
      await this.sweep(client);
    }
    await marking;
    return count;
  }

  private async mark(client: pg.Client, rows: readonly OutboxRow[]): Promise<void> {
    await client.query('update outbox set published_at = now() where seq = any($1)', [rows.map(({ seq }) => seq)]);
    this.count += rows.length;
  }

  /** What waits, but for what is on its way. `upTo`: when a watermark is due, a moment before we looked. */
  private async read(client: pg.Client, onTheWay: readonly OutboxRow[]): Promise<Found> {
    const isDue = performance.now() - this.watermarkAt >= (this.options.watermarkEveryMs ?? 10_000);
    const upTo = isDue ? (await client.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]!.now : undefined;
    const except = onTheWay.map(({ seq }) => seq);
    const { rows } = this.options.broker.sealed
      ? await client.query<OutboxRow>(WAITING_SEALED, [except, topics.consents.name, compactedTopics])
      : await client.query<OutboxRow>(WAITING, [except]);
    return { rows, upTo };
  }

  private async watermark(upTo: Date): Promise<void> {
    const { module } = this.options;
    const at = upTo.toISOString();
    const audit = await this.options.witness?.();
    await this.options.broker.publish([toRecord({
      id: newId(), source: module, type: watermarkReached.type, topic: watermarkReached.topic.name, key: module, subject: module, time: at, sequence: 0, data: { module, at, ...(audit && { audit }) },
    }, watermarkReached)]);
    this.watermarkAt = performance.now();
  }

  /** Published rows have done their work; facts stay 90 days on their topics, so older ones cannot be delivered again, and settled letters can go. */
  private async sweep(client: pg.Client): Promise<void> {
    await client.query(`delete from outbox where seq in (select seq from outbox where published_at < now() - interval '1 minute' limit 5000)`);
    await client.query(`delete from inbox where ctid in (select ctid from inbox where received_at < now() - interval '100 days' limit 5000)`);
    await client.query(`delete from dead_letter where ctid in (select ctid from dead_letter where status in ('redriven', 'discarded') and at < now() - interval '100 days' limit 500)`);
  }

  private async pause(ms: number): Promise<void> {
    if (!this.woken) await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.waiting = () => { clearTimeout(timer); resolve(); };
    });
    this.waiting = undefined;
    this.woken = false;
  }
}
