// How long until others see what was done: one thing at a time, each watched to its end.
import { createClient } from '@opora/messaging/kafka';
import { randomUUID } from 'node:crypto';
import { serve } from './child.mjs';
import { caller } from './rows/command.mjs';

const timesOf = async (count, one) => {
  const times = [];
  for (let i = 0; i < count; i += 1) times.push(await one(i));
  return times;
};

/** From sending a command, and from its answer, until a read of the plan shows its entry. */
const command = ({ intakeUrl, gatewayUrl, token, clientIds }) => {
  const send = caller(intakeUrl, token);
  return timesOf(clientIds.length, async (i) => {
    const began = performance.now();
    const { headers } = await send('needs', { clientId: clientIds[i], needCode: 'legal', severity: 'moderate', reason: 'A letter came from the court' });
    const answered = performance.now();
    const after = encodeURIComponent(headers.get('opora-plan-entry'));
    const plan = await fetch(`${gatewayUrl}/v1/clients/${clientIds[i]}/plan?after=${after}`, { headers: { authorization: `Bearer ${token}`, prefer: 'wait=5' } });
    const { needs } = await plan.json();
    if (plan.headers.get('preference-applied') !== 'wait' || needs.length !== 1) throw new Error(`The plan does not show the need: ${plan.status}`);
    const shown = performance.now();
    return [shown - began, shown - answered];
  });
};

let hopping;
const openHop = async ({ brokers, topic }) => {
  const kafka = createClient({ brokers: brokers.split(','), clientId: 'bench', report: () => undefined });
  const [producer, consumer] = [kafka.producer({ allowAutoTopicCreation: false }), kafka.consumer({ groupId: `bench.${randomUUID()}`, allowAutoTopicCreation: false, maxWaitTimeInMs: 500 })];
  const waiting = new Map();
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async ({ message: { key } }) => waiting.get(String(key))?.() });
  await joined;
  return { producer, waiting };
};

/** From the producer's `send` until the consumer has it. */
const hop = async ({ count, topic, ...where }) => {
  const { producer, waiting } = await (hopping ??= openHop({ topic, ...where }));
  return timesOf(count, async () => {
    const key = randomUUID();
    const began = performance.now();
    const arrived = new Promise((resolve) => waiting.set(key, resolve));
    await producer.send({ topic, acks: -1, messages: [{ key, value: 'x'.repeat(500) }] });
    await arrived;
    return performance.now() - began;
  });
};

serve({ command, hop });
