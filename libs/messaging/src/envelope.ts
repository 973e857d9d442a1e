import { checkHeard, contractOf, type Contract, type DataOf } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { DomainError } from '@opora/domain';
import type { BrokerRecord } from './broker.js';

/** A fact on its way: CloudEvents 1.0 attributes beside the contract's data. `data` is null when the key is erased. */
export interface Event<D = unknown> {
  readonly id: string;
  /** The module that says it. */
  readonly source: string;
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  /** The aggregate's id. */
  readonly subject: string;
  readonly time: Instant;
  /** The aggregate's version after this fact: +1 per fact. */
  readonly sequence: number;
  readonly agency?: string | undefined;
  readonly causationId?: string | undefined;
  /** CloudEvents' distributed tracing extension. */
  readonly traceparent?: string | undefined;
  readonly data: D | null;
}

export type EventOf<C extends Contract> = Event<DataOf<C>>;

/** CloudEvents 1.0 Kafka protocol binding, binary content mode. */
export const toRecord = (event: Event, contract: Contract): BrokerRecord => ({
  topic: event.topic,
  key: event.key,
  value: event.data === null ? null : Buffer.from(JSON.stringify(event.data)),
  headers: {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_subject: event.subject,
    ce_time: event.time,
    ce_dataschema: `urn:opora:event:${contract.type}:${contract.version}`,
    ce_partitionkey: event.key,
    ce_sequence: String(event.sequence),
    ...(event.causationId && { ce_causationid: event.causationId }),
    ...(event.agency && { ce_agency: event.agency }),
    ...(event.traceparent && { ce_traceparent: event.traceparent }),
  },
});

/** Stands where bytes are no text, or text that no table takes. */
export const UNREADABLE = '\uFFFD';

/** Characters. Names, ids and keys are shorter; a database's index takes no more than some thousand bytes. */
export const LONGEST_NAME = 200;

const required = (record: BrokerRecord, name: string): string => {
  const value = record.headers[name];
  if (!value) throw new DomainError('invalid', 'envelope-incomplete', `The header ${name} is missing`);
  return value;
};

const mustBeReadable = ({ key, headers }: BrokerRecord): void => {
  const ours = Object.entries(headers).filter(([name]) => name.startsWith('ce_')).map(([, value]) => value);
  const names = [key, headers['ce_type'], headers['ce_source'], headers['ce_id']];
  if (!key) throw new DomainError('invalid', 'envelope-incomplete', 'The key is missing');
  if ([key, ...ours].some((text) => text.includes(UNREADABLE)) || names.some((name) => name && name.length > LONGEST_NAME)) {
    throw new DomainError('invalid', 'envelope-unreadable', 'The key or a header is no text, or too long');
  }
};

/** A later version of somebody may say it: the letter waits for ours, and holds up nothing of the same person. */
export const TYPE_UNKNOWN = 'type-unknown';

/** Refuses what is no CloudEvent, is not JSON, has no contract or does not fit it, or lies on the wrong topic. */
export const fromRecord = (record: BrokerRecord): Event => {
  mustBeReadable(record);
  const type = required(record, 'ce_type');
  const contract = contractOf(type);
  if (!contract) throw new DomainError('invalid', 'type-unknown', 'No contract of this version names this type');
  // Who may write to one topic must not speak with the words of another.
  if (contract.topic.name !== record.topic) throw new DomainError('invalid', 'topic-wrong', 'This type does not travel on this topic');
  let data: unknown = null;
  if (record.value !== null) {
    try {
      data = JSON.parse(record.value.toString('utf8'));
    } catch {
      throw new DomainError('invalid', 'data-not-json', 'The data is not JSON');
    }
    checkHeard(contract, data);
  }
  return {
    id: required(record, 'ce_id'),
    source: required(record, 'ce_source'),
    type,
    topic: record.topic,
    key: record.key,
    subject: record.headers['ce_subject'] ?? record.key,
    time: required(record, 'ce_time'),
    sequence: Number(record.headers['ce_sequence'] ?? 0),
    agency: record.headers['ce_agency'],
    causationId: record.headers['ce_causationid'],
    traceparent: record.headers['ce_traceparent'],
    data,
  };
};
