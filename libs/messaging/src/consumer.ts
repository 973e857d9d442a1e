import { SpanKind } from '@opentelemetry/api';
import { compactedTopics, contractOf } from '@opora/contracts';
import type { BrokerRecord, Delivery, Verdict } from './broker.js';
import type { Database } from './database.js';
import { causeOf, DeadLetters, type Cause } from './dead-letters.js';
import { fromRecord, type Event } from './envelope.js';
import { redrive } from './redrive.js';
import { plainOf } from './sealing.js';
import { following, inSpan, markFailed } from './tracing.js';
import { isTransient } from './transient.js';

export type Handler = (event: Event) => Promise<void>;

/** What became of a delivery: handled, to be delivered again, put away, or put away behind one that was. */
export type Outcome = 'done' | 'paused' | 'dead' | 'parked';

export interface ConsumerOptions {
  readonly module: string;
  readonly database: Database;
  /** By event type. What is not listed is not for us. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** The same for many facts of one type at once, by their type; they see no more than each would by itself. */
  readonly together?: ReadonlyMap<string, (events: readonly Event[]) => Promise<void>>;
  /** Waits between tries in place, milliseconds. */
  readonly retries?: readonly number[];
  /** How long transient trouble may last before a fact is put away, milliseconds. */
  readonly budgetMs?: number;
  /** After each delivery of what is for us, tries in place and their waits included. A fact that does not name its type is `other`. */
  readonly handled: (type: string, outcome: Outcome, seconds: number) => void;
  readonly report: (what: 'dead' | 'parked' | 'paused', record: BrokerRecord, code: string) => void;
}

const versioned = new Set(compactedTopics);

type Became = Exclude<Outcome, 'paused'> | { readonly pauseMs: number };

/** Whoever says a fact chooses its id: only what cannot be a name goes into a span. */
const idOf = ({ headers: { ce_id: id = '' } }: Delivery) => (/^[0-9a-f-]{36}$/.test(id) ? { 'messaging.message.id': id } : {});

/**
 * Turns at-least-once delivery into exactly-once effect: the inbox row and the handler's work commit together. Never throws
 * to the broker: what can be tried again pauses its key, what cannot goes to the dead letters, and later facts of the same
 * key park behind it. Values of compacted topics carry versions: they need no inbox and never park.
 */
export class Consumer {
  readonly deadLetters: DeadLetters;
  private readonly failingSince = new Map<string, { at: number; pauseMs: number }>();

  constructor(private readonly options: ConsumerOptions) {
    this.deadLetters = new DeadLetters(options.database);
  }

  readonly deliver = async (delivery: Delivery): Promise<Verdict> => {
    const { ce_type: said, ce_traceparent: traceparent } = delivery.headers;
    const heard = said !== undefined && this.options.handlers.has(said);
    if (said !== undefined && !heard && contractOf(said)) return 'done';
    const type = heard ? said : 'other';
    const startedAt = performance.now();
    const attributes = { 'opora.service': this.options.module, 'messaging.operation.type': 'process', 'messaging.destination.name': delivery.topic, ...idOf(delivery) };
    return inSpan(`process ${type}`, { kind: SpanKind.CONSUMER, attributes }, async (span) => {
      const became = await this.attempt(delivery);
      const outcome = typeof became === 'string' ? became : 'paused';
      span.setAttribute('opora.outcome', outcome);
      if (outcome === 'dead' || outcome === 'paused') markFailed(span, outcome);
      this.options.handled(type, outcome, (performance.now() - startedAt) / 1000);
      return typeof became === 'string' ? 'done' : became;
    }, following(traceparent));
  };

  /**
   * Many values of a compacted topic in one transaction: a commit for each would take most of the time. What one of them cannot bear is
   * taken back for all; tried one by one, each comes to what it comes to.
   */
  readonly deliverTogether = async (deliveries: readonly Delivery[]): Promise<boolean> => {
    const startedAt = performance.now();
    try {
      const events = deliveries.map(fromRecord);
      if (!events.every(({ topic, type }) => versioned.has(topic) && this.options.handlers.has(type))) return false;
      await this.options.database.transaction(async () => {
        for (const [type, some] of Map.groupBy(events, (event) => event.type)) {
          const together = this.options.together?.get(type);
          if (together) await together(some);
          else for (const event of some) await this.effect(event);
        }
      });
      const seconds = (performance.now() - startedAt) / 1000 / Math.max(events.length, 1);
      for (const { type } of events) this.options.handled(type, 'done', seconds);
      return true;
    } catch {
      return false;
    }
  };

  /** Tries a key's waiting facts again, in order, until one fails. Answers how many went through. */
  redrive(topic: string, key: string): Promise<number> {
    const { database, report } = this.options;
    return redrive({ database, report, deadLetters: this.deadLetters, effect: (event) => this.effect(event) }, topic, key);
  }

  private async attempt(delivery: Delivery): Promise<Became> {
    const id = `${delivery.topic} ${delivery.position}`;
    for (const wait of [...(this.options.retries ?? [50, 200, 800]), undefined]) {
      try {
        const became = await this.handle(delivery);
        this.failingSince.delete(id);
        return became;
      } catch (error) {
        if (!isTransient(error)) return this.putAway(delivery, causeOf(error), id);
        if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait));
        else return this.pause(delivery, causeOf(error).code, id);
      }
    }
    return 'done';
  }

  private async handle(record: Delivery): Promise<'done' | 'parked'> {
    return this.options.database.transaction(async () => {
      const plain = await plainOf(this.options.database, record);
      if (plain === 'erased') return 'done';
      const event = fromRecord(plain);
      if (versioned.has(record.topic) || !await this.waits(record)) {
        await this.effect(event);
        return 'done';
      }
      this.options.report('parked', record, 'behind-dead-letter');
      await this.deadLetters.put(record, 'parked', { code: 'behind-dead-letter' });
      return 'parked';
    }, record.headers['ce_id']);
  }

  /** Looks again once a redrive in hand is over: behind a letter that is settled meanwhile nobody would find this fact. */
  private async waits({ topic, key }: Delivery): Promise<boolean> {
    if (!await this.deadLetters.blocks(topic, key)) return false;
    await this.deadLetters.hold(topic, key);
    return this.deadLetters.blocks(topic, key);
  }

  private async effect(event: Event): Promise<void> {
    if (!versioned.has(event.topic) && !(await this.firstTime(event))) return;
    await this.options.handlers.get(event.type)?.(event);
  }

  private async firstTime(event: Event): Promise<boolean> {
    const rows = await this.options.database.query(
      'insert into inbox (source, event_id) values ($1, $2) on conflict do nothing returning event_id', [event.source, event.id]);
    return rows.length > 0;
  }

  private async putAway(delivery: Delivery, cause: Cause, id: string): Promise<Became> {
    try {
      await this.deadLetters.put(delivery, 'dead', cause);
    } catch (error) {
      return this.pause(delivery, causeOf(error).code, id);
    }
    this.failingSince.delete(id);
    this.options.report('dead', delivery, cause.code);
    return 'dead';
  }

  private async pause(delivery: Delivery, code: string, id: string): Promise<Became> {
    const failing = this.failingSince.get(id) ?? { at: Date.now(), pauseMs: 500 };
    if (Date.now() - failing.at > (this.options.budgetMs ?? 15 * 60_000)) {
      failing.at = Date.now();
      return this.putAway(delivery, { code: 'budget-spent' }, id);
    }
    const pauseMs = Math.min(failing.pauseMs * 2, 60_000);
    this.failingSince.set(id, { at: failing.at, pauseMs });
    this.options.report('paused', delivery, code);
    return { pauseMs };
  }
}
