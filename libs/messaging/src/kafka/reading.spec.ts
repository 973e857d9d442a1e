import type { Consumer, EachBatchPayload } from 'kafkajs';
import { Fetches } from './fetches.js';
import { Reading } from './reading.js';

/** What kafkajs gives, as far as it is used: batches that hold the offsets from `first` to 6. */
const reader = () => {
  const handed: string[] = [];
  const sought: string[] = [];
  const committed: string[] = [];
  const broker = { down: false };
  const consumer = { on: () => () => undefined, events: {}, seek: ({ offset }: { offset: string }) => sought.push(offset) } as unknown as Consumer;
  const deliver = async ({ position }: { position: string }) => { handed.push(position.slice(-1)); return 'done' as const; };
  const reading = new Reading(consumer, { deliver, commits: true }, new Fetches(), () => undefined);
  const fetched = (first: number) => reading.work({
    batch: {
      topic: 't', partition: 0, offsetLag: () => '0', lastOffset: () => '6',
      messages: Array.from({ length: 7 - first }, (_, i) => ({ offset: String(first + i), key: Buffer.from('k'), value: null, headers: {} })),
    },
    isStale: () => false, isRunning: () => true, heartbeat: async () => undefined, resolveOffset: () => undefined, pause: () => () => undefined,
    commitOffsetsIfNecessary: async ({ topics }: { topics: { partitions: { offset: string }[] }[] }) => {
      if (broker.down) throw new Error('Closed connection');
      committed.push(topics[0]!.partitions[0]!.offset);
    },
  } as unknown as EachBatchPayload);
  return { fetched, handed, sought, committed, broker };
};

describe('Reading from Kafka', () => {
  it('commits what is done also when the server was away just then and nothing new comes', async () => {
    const { fetched, handed, sought, committed, broker } = reader();
    broker.down = true;
    await expect(fetched(4)).rejects.toThrow('Closed connection');
    expect(sought).toEqual(['4']);
    broker.down = false;
    await fetched(4);
    expect(committed).toEqual(['7']);
    expect(handed).toEqual(['4', '5', '6']);
  });
});
