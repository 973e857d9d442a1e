import type { Region } from '../region/region.js';
import { withAdmin } from './draining.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Every fact comes once more: the services that react to facts are stopped, their groups set back to the oldest record, and started
 * again. At-least-once delivery may do so at any time; kills alone do it too seldom to count on.
 */
export const redeliver = async (region: Region, services: readonly string[], instances: number, bootMs: number): Promise<void> => {
  await Promise.all(services.map((name) => region.deployment(name).stop()));
  await withAdmin(region.kafka.brokers, async (admin) => {
    for (const groupId of services) {
      const topicNames = (await admin.fetchOffsets({ groupId })).map(({ topic }) => topic);
      for (const topic of topicNames) await emptied(() => admin.resetOffsets({ groupId, topic, earliest: true }));
    }
  });
  for (let i = 0; i < instances; i += 1) await Promise.all(services.map((name) => region.deployment(name).add()));
  await Promise.all(services.map((name) => region.deployment(name).ready(bootMs)));
};

/** Whoever was killed is a member until its session is over. */
const emptied = async (reset: () => Promise<unknown>): Promise<void> => {
  for (const until = performance.now() + 30_000; ; await sleep(500)) {
    try {
      await reset();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
};
