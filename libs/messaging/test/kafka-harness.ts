import type { Topic } from '@opora/contracts';
import { startKafka } from '@opora/testing';
import { createClient, createTopics, KafkaBroker, kafkaTopics } from '../src/kafka/index.js';
import type { BrokerHarness } from './broker-contract.js';

interface Address { readonly brokers: string[]; readonly erasableTopics: string[] }

export const connect = (address: string): KafkaBroker => new KafkaBroker({ ...JSON.parse(address) as Address, clientId: 'contract', report: () => undefined });

/** A Kafka of its own: others must not be there when it is killed. One partition, where keys are most in each other's way. */
export const kafkaHarness = async (): Promise<BrokerHarness> => {
  const kafka = await startKafka();
  const brokers = kafka.brokers.split(',');
  const erasableTopics: string[] = [];
  const create = async (topic: Topic) => {
    const admin = createClient({ brokers, clientId: 'contract', report: () => undefined }).admin();
    await admin.connect();
    // Left from an earlier run on a server that is not ours.
    if (!kafka.ours && (await admin.listTopics()).includes(topic.name)) await admin.deleteTopics({ topics: [topic.name] });
    await createTopics(admin, [topic], 1);
    await admin.disconnect();
  };
  await create(kafkaTopics.at(-1)!);
  return {
    createTopic: async (topic) => {
      if (topic.erasable) erasableTopics.push(topic.name);
      await create(topic);
    },
    address: () => JSON.stringify({ brokers, erasableTopics } satisfies Address),
    restart: async () => {
      await kafka.kill();
      await kafka.start();
    },
    stop: () => kafka.stop(),
  };
};
