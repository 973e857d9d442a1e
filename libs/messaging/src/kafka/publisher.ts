import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import type { BrokerRecord } from '../broker.js';
import { briefly as retry } from './client.js';

/** A batch for one partition must stay below the server's 1 MB, and kafkajs does not cut. */
const CHUNK_BYTES = 512 * 1024;

const sizeOf = ({ key, headers, value }: BrokerRecord): number =>
  100 + Buffer.byteLength(key) + (value?.length ?? 0) + Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text) + 2, 0);

function* chunks(records: readonly BrokerRecord[]): Generator<BrokerRecord[]> {
  let chunk: BrokerRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (chunk.length > 0 && bytes + size > CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * One idempotent producer, one send at a time. After a failure kafkajs would give the numbers of records that may have
 * arrived to other records, which the server then drops as duplicates and acknowledges: so whoever failed is thrown away.
 */
export class Publisher {
  private producer: Producer | undefined;
  private last: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly kafka: Kafka, private readonly failed: (error: unknown) => void) {}

  /** Takes its turn at once: records of a later call never overtake those of an earlier one. */
  publish(records: readonly BrokerRecord[]): Promise<void> {
    const sent = this.last.then(() => this.send(records));
    this.last = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.last;
    await this.discard();
  }

  private async send(records: readonly BrokerRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.closed) throw new Error('The broker is closed');
    try {
      const producer = await this.connected();
      for (const chunk of chunks(records)) {
        const byTopic = Map.groupBy(chunk, ({ topic }) => topic);
        const topicMessages = [...byTopic].map(([topic, ours]) => ({ topic, messages: ours.map(({ key, value, headers }) => ({ key, value, headers })) }));
        await producer.sendBatch({ acks: -1, topicMessages });
      }
    } catch (error) {
      this.failed(error);
      await this.discard();
      throw error;
    }
  }

  private async connected(): Promise<Producer> {
    if (!this.producer) {
      this.producer = this.kafka.producer({
        idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry, createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      });
      await this.producer.connect();
    }
    return this.producer;
  }

  private async discard(): Promise<void> {
    const old = this.producer;
    this.producer = undefined;
    await old?.disconnect().catch(() => undefined);
  }
}
