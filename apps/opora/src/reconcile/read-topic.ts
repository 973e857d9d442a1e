import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';

/** Every record that is on the topic now, those of one key in order. */
export const readTopic = async (kafka: Kafka, service: string, topic: string, each: (message: KafkaMessage) => void): Promise<void> => {
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `${service}.reconcile.${randomUUID()}`, allowAutoTopicCreation: false });
  try {
    await Promise.all([admin.connect(), consumer.connect()]);
    const offsets = await admin.fetchTopicOffsets(topic);
    const ends = new Map(offsets.filter(({ low, high }) => Number(high) > Number(low)).map(({ partition, high }) => [partition, Number(high)]));
    if (ends.size === 0) return;
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error } }) => reject(error));
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          batch.messages.forEach(each);
          // By the batch, not by its records: compaction may have taken the last one.
          if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0)) ends.delete(batch.partition);
          if (ends.size === 0) resolve();
        },
      }).catch(reject);
    });
  } finally {
    await Promise.all([admin.disconnect(), consumer.disconnect()]);
  }
};
