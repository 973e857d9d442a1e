import type { Topic } from '@opora/contracts';
import { createHash, randomUUID } from 'node:crypto';
import type { BrokerRecord } from '../broker.js';
import type { Member, MemberOptions } from './member.js';

/** Who was erased, for everybody who publishes or hears erasable topics. One partition; nothing ever leaves it. */
export const erasedTopic: Topic = { name: 'opora.erased.v1', key: 'SHA-256 of <topic> NUL <key>', compacted: true, erasable: false };

type Place = Pick<BrokerRecord, 'topic' | 'key'>;

const idOf = ({ topic, key }: Place): string => createHash('sha256').update(`${topic}\0${key}`).digest('base64url');

const WITHIN_MS = 15_000;

/**
 * Remembers erased keys by their hash. Compaction forgets a null in the end and would bring back a value that was published
 * after it; this topic does not forget. A mark is durable before its null is.
 */
export class Erasures {
  private readonly marks = new Set<string>();
  private reader: Member | undefined;

  constructor(
    private readonly clientId: string,
    private readonly follow: (options: MemberOptions) => Member,
    private readonly publish: (records: readonly BrokerRecord[]) => Promise<void>,
  ) {}

  has(place: Place): boolean {
    return this.marks.has(idOf(place));
  }

  /** All marks made before the call are known. */
  async current(): Promise<void> {
    // A group of its own, because kafkajs reads nothing without one; it commits nothing, so the server forgets it.
    this.reader ??= this.follow({
      group: `${this.clientId}.erased.${randomUUID()}`, topics: [erasedTopic.name], commits: false,
      deliver: async ({ key }) => { this.marks.add(key); return 'done'; },
    });
    await this.reader.caughtUp(WITHIN_MS);
  }

  /** Marks made more than some seconds ago are known. */
  async recent(): Promise<void> {
    if (!this.reader || this.reader.behindMs() > 5_000) await this.current();
  }

  async remember(places: readonly Place[]): Promise<void> {
    const ids = [...new Set(places.map(idOf))].filter((id) => !this.marks.has(id));
    await this.publish(ids.map((key) => ({ topic: erasedTopic.name, key, headers: {}, value: Buffer.from('erased') })));
    for (const id of ids) this.marks.add(id);
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }
}
