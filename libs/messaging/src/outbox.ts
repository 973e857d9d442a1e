import { SpanKind } from '@opentelemetry/api';
import { check, type Contract } from '@opora/contracts';
import { DomainError, type Trouble } from '@opora/domain';
import type { BrokerRecord } from './broker.js';
import { newId } from './clock.js';
import type { Database } from './database.js';
import { toRecord, type Event } from './envelope.js';
import { inSpan, traceHeaders } from './tracing.js';

export type Outgoing = Omit<Event, 'id' | 'source' | 'type' | 'topic' | 'causationId' | 'traceparent'> & {
  readonly contract: Contract;
  /** Whom it is about: it goes when the person is erased. */
  readonly person?: string | undefined;
};

/** What we were about to say does not fit its contract, or no broker: our own fault, whatever the caller sent. */
export class UnfitFact extends Error {
  constructor(message: string, readonly errors: readonly Trouble[], readonly code: 'contract-violated' | 'fact-too-large' = 'contract-violated') {
    super(message);
    this.name = 'UnfitFact';
  }
}

const mustFit = (contract: Contract, data: unknown): void => {
  try {
    check(contract, data);
  } catch (error) {
    throw error instanceof DomainError ? new UnfitFact(error.message, error.errors) : error;
  }
};

/** Key, headers and value, bytes. A broker that refuses a record (Kafka's own limit is 1 MB) would stop the relay for ever. */
const LARGEST_FACT = 512 * 1024;

const mustBeCarried = (record: BrokerRecord): BrokerRecord => {
  const { key, headers, value } = record;
  if (Buffer.byteLength(key + JSON.stringify(headers)) + (value?.length ?? 0) > LARGEST_FACT) throw new UnfitFact('The fact is too large', [], 'fact-too-large');
  return record;
};

/**
 * Facts wait here until the relay has published them. Add them while the aggregate's row is locked: only then does the
 * order of `seq` agree with the order of one person's facts.
 */
export class Outbox {
  constructor(private readonly database: Database, private readonly service: string, private readonly wake: () => void) {}

  async add(events: readonly Outgoing[]): Promise<void> {
    if (events.length === 0) return;
    const types = [...new Set(events.map(({ contract }) => contract.type))];
    await inSpan('outbox insert', { kind: SpanKind.PRODUCER, attributes: { 'opora.service': this.service, 'opora.types': types } }, () => this.insert(events));
    this.database.afterCommit(this.wake);
  }

  private async insert(events: readonly Outgoing[]): Promise<void> {
    const { traceparent } = traceHeaders();
    const records = events.map(({ contract, person: _, ...event }) => {
      if (event.data !== null) mustFit(contract, event.data);
      return mustBeCarried(toRecord({ ...event, id: newId(), source: this.service, type: contract.type, topic: contract.topic.name, causationId: this.database.cause, traceparent }, contract));
    });
    await this.database.query(
      `insert into outbox (topic, key, headers, value, person)
       select topic, key, headers::jsonb, value, person from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[]) with ordinality
         as r(topic, key, headers, value, person, n) order by n`,
      [records.map((r) => r.topic), records.map((r) => r.key), records.map((r) => JSON.stringify(r.headers)), records.map((r) => r.value?.toString() ?? null),
        events.map(({ person }) => person ?? null)],
    );
  }
}
