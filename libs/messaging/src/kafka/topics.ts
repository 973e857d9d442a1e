import { contracts, topics, type Topic } from '@opora/contracts';
import kafkajs, { type Admin } from 'kafkajs';
import { erasedTopic } from './erasures.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Every topic that somebody may write to. */
export const kafkaTopics: readonly Topic[] = [...new Map([...Object.values(topics), ...contracts.map(({ topic }) => topic), erasedTopic].map((topic) => [topic.name, topic])).values()];

/** A handful of keys, and for marks one place to have read to the end. */
const narrow = new Set<string>([topics.modules.name, topics.watermarks.name, erasedTopic.name]);

/**
 * Facts stay 90 days. What carries a history (`erasable`: plan entries, consents) keeps replaced values 7 days, so that
 * readers who were away miss no version, and loses them after 14; nulls stay 90 days for them. Of consents, which carry people's keys,
 * only the newest value counts: what a null erased is off the disk after a day. The rest is compacted soon.
 */
const settings = ({ name, compacted, erasable }: Topic): Record<string, string | number> => ({
  // By the server's clock: a producer's wrong one must neither keep records nor drop them early.
  'message.timestamp.type': 'LogAppendTime',
  // kafkajs reads only plain and gzip; the server unpacks what others compressed.
  'compression.type': 'uncompressed',
  ...(!compacted && { 'cleanup.policy': 'delete', 'retention.ms': 90 * DAY }),
  ...(compacted && { 'cleanup.policy': 'compact', 'delete.retention.ms': 90 * DAY, 'max.compaction.lag.ms': name === topics.consents.name ? DAY : 14 * DAY }),
  ...(compacted && erasable && name !== topics.consents.name && { 'min.compaction.lag.ms': 7 * DAY, 'segment.ms': DAY }),
  ...(compacted && (!erasable || name === topics.consents.name) && { 'segment.ms': HOUR }),
});

/** kafkajs' own waiting fails on servers that know a new topic a moment later. */
const untilThere = async (admin: Admin, names: string[]): Promise<void> => {
  for (const until = performance.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
      if (found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))) {
        // A server is told that it leads a moment after everybody else; it answers this only when it knows.
        for (const name of names) await admin.fetchTopicOffsets(name);
        return;
      }
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    if (performance.now() > until) throw new Error('The new topics have no leaders');
  }
};

/**
 * Creates what is missing and gives every topic its settings. Answers with the names of the new ones. Never changes a
 * number of partitions: that would tear a key's history apart.
 */
export const createTopics = async (admin: Admin, wanted: readonly Topic[] = kafkaTopics, partitions = 12): Promise<string[]> => {
  const there = new Set(await admin.listTopics());
  const replicas = (await admin.describeCluster()).brokers.length >= 3 ? 3 : 1;
  const entries = (topic: Topic) => Object.entries({ ...settings(topic), ...(replicas === 3 && { 'min.insync.replicas': 2 }) })
    .map(([name, value]) => ({ name, value: String(value) }));
  const missing = wanted.filter(({ name }) => !there.has(name));
  if (missing.length > 0) {
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        topic: topic.name, numPartitions: narrow.has(topic.name) ? 1 : partitions, replicationFactor: replicas, configEntries: entries(topic),
      })),
    });
    await untilThere(admin, missing.map(({ name }) => name));
  }
  const known = wanted.filter(({ name }) => there.has(name));
  if (known.length > 0) await admin.alterConfigs({
    validateOnly: false, resources: known.map((topic) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name, configEntries: entries(topic) })),
  });
  return missing.map(({ name }) => name);
};
