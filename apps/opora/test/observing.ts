import { createClient } from '@opora/messaging/kafka';
import type { Topic } from '@opora/contracts';
import { addressOf } from '@opora/postgres';
import kafkajs, { type Admin, type KafkaMessage } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Region } from '../src/region/region.js';

/** Looks past the services into their database. */
export const inspect = async (region: Region): Promise<pg.Pool> => {
  const pool = new pg.Pool({ connectionString: addressOf(region.adminUrl, { database: 'opora' }), max: 2 });
  pool.on('error', () => undefined);
  return pool;
};

export const kafkaOf = ({ kafka }: Region) => createClient({ ...kafka.as('admin'), clientId: 'trial', report: () => undefined });

export const withAdmin = async <T>(region: Region, work: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = kafkaOf(region).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

/** Partitions of each member of the group, by topic. */
export const sharesOf = (region: Region, group: string): Promise<Record<string, number[]>[]> => withAdmin(region, async (admin) => {
  const { groups: [found] } = await admin.describeGroups([group]);
  return found!.members.map(({ memberAssignment }) => kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {});
});

/** Everything that lies on a topic now, in order within each key. */
export const readTopic = async (region: Region, topic: string): Promise<KafkaMessage[]> => {
  const ends = await withAdmin(region, (admin) => admin.fetchTopicOffsets(topic));
  const missing = new Map(ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]));
  const consumer = kafkaOf(region).consumer({ groupId: `trial-${randomUUID()}`, allowAutoTopicCreation: false });
  const messages: KafkaMessage[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`${topic} could not be read to its end`)), 20_000);
    if (missing.size === 0) resolve();
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        messages.push(message);
        if (Number(message.offset) + 1 >= (missing.get(partition) ?? Infinity)) missing.delete(partition);
        if (missing.size === 0) resolve();
      },
    });
    await promise;
    clearTimeout(timer);
  } finally {
    await consumer.disconnect();
  }
  return messages;
};

/** Lets the server compact these topics now, as it does by itself within its bounds: closes their segments and takes off the disk what was replaced. */
export const compacted = (region: Region, wanted: readonly Topic[]): Promise<void> => withAdmin(region, async (admin) => {
  const names = wanted.map(({ name }) => name);
  const now = { 'segment.ms': '100', 'min.compaction.lag.ms': '0', 'max.compaction.lag.ms': '100', 'min.cleanable.dirty.ratio': '0.01' };
  await admin.alterConfigs({
    validateOnly: false, resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries: Object.entries({ 'cleanup.policy': 'compact', ...now }).map(([key, value]) => ({ name: key, value })) })),
  });
  const producer = kafkaOf(region).producer();
  await producer.connect();
  try {
    // A segment is closed by what is written after its time, in each partition.
    for (let turn = 0; turn < 3; turn += 1) {
      for (const topic of names) {
        const { length } = await admin.fetchTopicOffsets(topic);
        await producer.send({ topic, messages: Array.from({ length }, (_, partition) => ({ partition, key: `roll-${partition}`, value: null, headers: { ce_type: 'intake.person-key-made' } })) });
      }
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  } finally {
    await producer.disconnect();
  }
});
