import { contractOf, topics } from '@opora/contracts';
import { createClient } from '@opora/messaging/kafka';
import { typesHeard, type ServiceDefinition } from '@opora/service';
import type { Admin } from 'kafkajs';
import { withClient } from './stores.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const withAdmin = async <T>(brokers: string, work: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = createClient({ brokers: brokers.split(','), clientId: 'crash-admin', report: () => undefined }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

/** Watermarks never end. */
const topicsOf = (service: ServiceDefinition): string[] =>
  [...new Set(typesHeard(service).map((type) => contractOf(type)!.topic.name))].filter((name) => name !== topics.watermarks.name);

const offsetsOf = async (admin: Admin, topicNames: Iterable<string>): Promise<Map<string, { low: number; high: number }>> => {
  const ends = new Map<string, { low: number; high: number }>();
  for (const topic of topicNames) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) ends.set(`${topic} ${partition}`, { low: Number(low), high: Number(high) });
  }
  return ends;
};

/** What is still on its way: where, and how many. */
const underWay = (brokers: string, databaseUrl: string, services: readonly ServiceDefinition[]): Promise<string[]> => withAdmin(brokers, async (admin) => {
  const left: string[] = [];
  const note = (place: string, count: number) => { if (count > 0) left.push(`${place}: ${count}`); };
  await withClient(databaseUrl, async (client) => {
    for (const { name } of services) {
      const { rows: [row] } = await client.query<{ count: string }>(`select count(*) from ${name.replaceAll('-', '_')}.outbox where published_at is null`);
      note(`outbox of ${name}`, Number(row!.count));
    }
  });
  const groupIds = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  const ends = await offsetsOf(admin, new Set(services.flatMap(topicsOf)));
  for (const service of services) {
    for (const groupId of groupIds.filter((id) => id === service.name || new RegExp(`^${service.name}-[0-9a-f-]{36}$`).test(id))) {
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId, topics: topicsOf(service) })) {
        for (const { partition, offset } of partitions) {
          const { low, high } = ends.get(`${topic} ${partition}`)!;
          note(`${service.name} on ${topic} ${partition}`, high - Math.max(low, Number(offset)));
        }
      }
    }
  }
  return left;
});

/** Waits until nothing is under way, twice in a row. Answers how long it took, and what is left when it took too long. */
export const drain = async (brokers: string, databaseUrl: string, services: readonly ServiceDefinition[], withinMs: number): Promise<{ ms: number; left: string[] }> => {
  const startedAt = performance.now();
  for (let quiet = 0; ; await sleep(300)) {
    const left = await underWay(brokers, databaseUrl, services).catch((error: Error) => [`unreadable: ${error.name}`]);
    const ms = performance.now() - startedAt;
    quiet = left.length === 0 ? quiet + 1 : 0;
    if (quiet === 2) return { ms, left };
    if (ms > withinMs) return { ms, left: left.length > 0 ? left : ['not quiet'] };
  }
};
