import type { Admin } from 'kafkajs';

/** The group hears again everything said since that moment, milliseconds since 1970. It must have no members. */
export const rewind = async (admin: Admin, group: string, topics: readonly string[], since: number): Promise<void> => {
  for (const topic of topics) await admin.setOffsets({ groupId: group, topic, partitions: await admin.fetchTopicOffsetsByTimestamp(topic, since) });
};
