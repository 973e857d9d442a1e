import type { AuditTrail } from '@opora/access';
import { TYPE_UNKNOWN, type Clock, type Outcome, type Relay } from '@opora/messaging';
import type { Pool } from 'pg';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Health } from './health.js';
import type { Probe } from './probe.js';

/** A number that only the service's own tables know. `sql` answers one row with `value`; `$1` is now, as text. No label: it names nobody. */
export interface TableGauge {
  readonly name: string;
  readonly help: string;
  readonly sql: string;
}

export interface Measured {
  readonly probe: Pick<Probe, 'query'>;
  readonly health: Pick<Health, 'checks'>;
  readonly pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>;
  readonly relay: Pick<Relay, 'leading' | 'published'>;
  readonly trail: Pick<AuditTrail, 'rows' | 'broken'>;
  readonly behindMs: () => number;
  readonly clock: Pick<Clock, 'now'>;
  readonly gauges: readonly TableGauge[];
}

/** A service that cannot publish must not spend its database on counting. */
const MOST_COUNTED = 100_000;

const OUTBOX = `
  select (select count(*) from (select 1 from outbox where published_at is null limit ${MOST_COUNTED}) waiting)::int as waiting,
    coalesce((select extract(epoch from clock_timestamp() - created_at) from outbox where published_at is null order by seq limit 1), 0)::float as age`;

const DEAD_LETTERS = `
  select count(*) filter (where status = 'dead')::int as dead, count(*) filter (where status = 'parked')::int as parked, (count(distinct key) filter (where code <> '${TYPE_UNKNOWN}'))::int as keys
  from dead_letter where status in ('dead', 'parked')`;

let own: Registry | undefined;

/** Several services may share a process: what is the process's own is measured once. */
const ofTheProcess = (): Registry => {
  if (!own) collectDefaultMetrics({ register: own = new Registry() });
  return own;
};

/** One service's numbers for Prometheus. No label holds what a caller or another module chose: routes as patterns, types that we handle. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly registers = [this.registry];
  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds', help: 'Requests answered, by route and status', labelNames: ['method', 'route', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: this.registers,
  });
  private readonly handlers = new Histogram({
    name: 'opora_handler_duration_seconds', help: 'Facts handled, by type and outcome; tries in place included', labelNames: ['type', 'outcome'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: this.registers,
  });
  private readonly published = new Counter({ name: 'opora_facts_published_total', help: 'Facts that this instance published', registers: this.registers });
  private readonly seen = new Counter({ name: 'opora_audit_rows_total', help: 'Rows that this instance added to the audit trail', registers: this.registers });
  private readonly broken = this.gauge('opora_audit_broken', '1 when the audit trail is no longer what this instance has sworn to');
  private readonly leading = this.gauge('opora_relay_leading', '1 in the instance that publishes for its service');
  private readonly waiting = this.gauge('opora_outbox_waiting', `Facts not yet published, counted up to ${MOST_COUNTED}`);
  private readonly age = this.gauge('opora_outbox_oldest_age_seconds', 'Age of the oldest fact not yet published; 0 when there is none');
  private readonly behind = this.gauge('opora_consumer_behind_seconds', 'Since the consumer last had nothing left to hear; +Inf until the first time');
  private readonly people = this.gauge('opora_parked_people', 'Distinct keys, mostly people, with facts among the open dead letters');
  private readonly letters = this.gauge('opora_dead_letters', 'Open dead letters: failed, or waiting behind one that failed', ['status']);
  private readonly pool = this.gauge('opora_database_pool_connections', 'Connections of the pool', ['state']);
  private readonly queue = this.gauge('opora_database_pool_waiting', 'Who waits for a connection of the pool');
  private readonly check = this.gauge('opora_check_up', 'What /health/ready looks at: 1 up, 0 anything else', ['check']);

  private readonly ofTables: readonly (TableGauge & { gauge: Gauge })[];

  constructor(service: string, private readonly measured: Measured) {
    this.ofTables = measured.gauges.map((one) => ({ ...one, gauge: this.gauge(one.name, one.help) }));
    this.registry.setDefaultLabels({ service });
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  readonly handled = (type: string, outcome: Outcome, seconds: number): void => {
    this.handlers.observe({ type, outcome }, seconds);
  };

  /** Also while the database is down: then what only it knows is left out, rather than said as it was. */
  async text(): Promise<string> {
    const { relay, trail, pool, behindMs } = this.measured;
    this.published.reset();
    this.published.inc(relay.published);
    this.seen.reset();
    this.seen.inc(trail.rows);
    this.broken.set(Number(trail.broken));
    this.leading.set(Number(relay.leading));
    this.behind.set(behindMs() / 1000);
    this.pool.set({ state: 'idle' }, pool.idleCount);
    this.pool.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
    this.queue.set(pool.waitingCount);
    await Promise.all([this.readOutbox(), this.readDeadLetters(), this.readTables(), this.readChecks()]);
    return (await Promise.all([this.registry, ofTheProcess()].map((registry) => registry.metrics()))).join('\n');
  }

  private async readOutbox(): Promise<void> {
    const row = await this.ask<{ waiting: number; age: number }>(OUTBOX);
    show(this.waiting, row?.waiting);
    show(this.age, row?.age);
  }

  private async readDeadLetters(): Promise<void> {
    const row = await this.ask<{ dead: number; parked: number; keys: number }>(DEAD_LETTERS);
    show(this.people, row?.keys);
    this.letters.reset();
    if (!row) return;
    this.letters.set({ status: 'dead' }, row.dead);
    this.letters.set({ status: 'parked' }, row.parked);
  }

  private async readTables(): Promise<void> {
    const now = this.measured.clock.now();
    for (const { gauge, sql } of this.ofTables) show(gauge, (await this.ask<{ value: number }>(sql, [now]))?.value);
  }

  private async readChecks(): Promise<void> {
    for (const { name, status } of await this.measured.health.checks()) this.check.set({ check: name }, Number(status === 'up'));
  }

  private async ask<R extends object>(sql: string, parameters?: unknown[]): Promise<R | undefined> {
    return this.measured.probe.query<R>(sql, parameters).then(([row]) => row, () => undefined);
  }

  private gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: this.registers });
  }
}

/** A gauge without labels would go on saying 0 when reset. */
const show = (gauge: Gauge, value: number | undefined): void => (value === undefined ? gauge.remove() : gauge.set(value));
