// The topics from which plans are rebuilt, from one process: filled, and read by kafkajs alone.
import { consentsChanged, entryKey, moduleAnnounced, planEntryRecorded, topics } from '@opora/contracts';
import { newId, toRecord } from '@opora/messaging';
import { createClient } from '@opora/messaging/kafka';
import kafkajs from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { serve } from './child.mjs';
import { consents, manifest, modules, personId, templates } from './people.mjs';

const time = '2026-11-01T09:00:00.000Z';
const record = (contract, source, key, data) => toRecord({ id: newId(), source, type: contract.type, topic: contract.topic.name, key, subject: key, time, sequence: 1, data }, contract);

const open = async ({ brokers, people }) => {
  const producer = createClient({ brokers: brokers.split(','), clientId: 'bench', report: () => undefined }).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const filled = (template, n, slot) => JSON.parse(JSON.stringify(template).replaceAll(':client', personId(n)).replaceAll(':entry', personId(n).replace('-8000-', `-9${String(slot).padStart(3, '0')}-`)));
  const records = [
    ...['planning', ...modules].map((module) => record(moduleAnnounced, module, module, manifest(module, 'http://127.0.0.1:9'))),
    ...Array.from({ length: people }, (_, n) => [
      record(consentsChanged, 'intake', personId(n), filled(consents, n)),
      ...templates.map((template, slot) => filled(template, n, slot)).map((entry) => record(planEntryRecorded, entry.module, entryKey(entry.module, entry.entryId), entry)),
    ]).flat(),
  ];
  for (let from = 0; from < records.length; from += 500) {
    const byTopic = Map.groupBy(records.slice(from, from + 500), ({ topic }) => topic);
    await producer.sendBatch({ topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })) });
  }
  await producer.disconnect();
  return { records: records.length, entries: people * templates.length };
};

/** Records a second, from the first that is handed to the last. */
const consume = async ({ brokers, records }) => {
  const consumer = createClient({ brokers: brokers.split(','), clientId: 'bench', report: () => undefined }).consumer({ groupId: `bench.${randomUUID()}`, maxWaitTimeInMs: 500, maxBytesPerPartition: 262_144 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.planEntries, topics.consents, topics.modules].map(({ name }) => name), fromBeginning: true });
  let [count, began] = [0, 0];
  const ended = Promise.withResolvers();
  await consumer.run({
    eachBatch: async ({ batch: { messages } }) => {
      began ||= performance.now();
      count += messages.length;
      if (count >= records) ended.resolve(performance.now());
    },
  });
  const took = (await ended.promise) - began;
  await consumer.disconnect();
  return records / (took / 1000);
};

serve({ open, consume });
