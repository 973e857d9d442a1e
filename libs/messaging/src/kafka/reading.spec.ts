import type { Consumer, EachBatchPayload } from 'kafkajs';
import { Fetches } from './fetches.js';
import { Reading, type ReadingOptions } from './reading.js';

/** What kafkajs gives, as far as it is used: batches that hold the offsets from `first` to 6. */
const reader = (deliverTogether?: ReadingOptions['deliverTogether'], nulls = true) => {
  const handed: string[] = [];
  const sought: string[] = [];
  const committed: string[] = [];
  const broker = { down: false };
  const consumer = { on: () => () => undefined, events: {}, seek: ({ offset }: { offset: string }) => sought.push(offset) } as unknown as Consumer;
  const deliver = async ({ position }: { position: string }) => { handed.push(position.slice(-1)); return 'done' as const; };
  const reading = new Reading(consumer, { deliver, deliverTogether, commits: true }, new Fetches(), () => undefined);
  const fetched = (first: number) => reading.work({
    batch: {
      topic: 't', partition: 0, offsetLag: () => '0', lastOffset: () => '6',
      messages: Array.from({ length: 7 - first }, (_, i) => ({ offset: String(first + i), key: Buffer.from('k'), value: nulls ? null : Buffer.from('v'), headers: {} })),
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

  it('hands many at once to whoever takes them, and one by one what is not taken', async () => {
    const offered: string[] = [];
    const together = (taken: boolean) => async (deliveries: readonly { position: string }[]) => {
      offered.push(deliveries.map(({ position }) => position.slice(-1)).join(''));
      return taken;
    };
    const taking = reader(together(true), false);
    await taking.fetched(4);
    expect([offered.splice(0), taking.handed, taking.committed]).toEqual([['456'], [], ['7']]);
    const refusing = reader(together(false), false);
    await refusing.fetched(4);
    expect([offered.splice(0), refusing.handed, refusing.committed]).toEqual([['456'], ['4', '5', '6'], ['7']]);
    const erasing = reader(together(true));
    await erasing.fetched(4);
    expect([offered, erasing.handed]).toEqual([[], ['4', '5', '6']]);
  });
});
