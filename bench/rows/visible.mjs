import { createClient, createTopics } from '@opora/messaging/kafka';
import { percentile, takeTurns } from '../rounds.mjs';
import { caller, person } from './command.mjs';

const ONCE = 25;
const topic = { name: 'bench.hop.v1', key: 'any', compacted: false, erasable: false };

/** Quiet machine or not: both sides wait for Kafka in the same run. */
export const visible = async (ground, { rounds, profile }) => {
  const admin = createClient({ brokers: ground.kafka.brokers.split(','), clientId: 'bench', report: () => undefined }).admin();
  await admin.connect();
  await createTopics(admin, [topic]);
  await admin.disconnect();
  const [intake, gateway] = [await ground.start('intake'), await ground.start('gateway', { profile })];
  const token = await ground.mint({ sub: 'irina', agency: 'centre', roles: ['intake-worker'] });
  const send = caller(intake.url, token);
  const watch = ground.child('visible.mjs');
  const [ours, hops] = [[], []];
  await takeTurns({
    ours: async () => {
      const clientIds = [];
      for (let i = 0; i < ONCE; i += 1) clientIds.push(await person(send));
      ours.push(await watch({ command: { intakeUrl: intake.url, gatewayUrl: gateway.url, token, clientIds } }));
    },
    hops: async () => { hops.push(await watch({ hop: { brokers: ground.kafka.brokers, topic: topic.name, count: ONCE } })); },
  }, rounds);
  await Promise.all([intake.stop(), gateway.stop()]);
  const [all, bare] = [ours.slice(1).flat(), hops.slice(1).flat()];
  const row = (what, times, part) => ({ what, ours: percentile(times, part), other: percentile(bare, part), unit: 'ms', ratio: percentile(times, part) / percentile(bare, part), aim: '≤ 2' });
  const [sent, answered] = [all.map(([time]) => time), all.map(([, time]) => time)];
  return [
    row('From a command’s answer until the plan shows it, against a bare kafkajs produce → consume hop: p50', answered, 0.5),
    row('… p99', answered, 0.99),
    row('… from sending the command, its own work included: p50', sent, 0.5),
    row('… p99', sent, 0.99),
  ];
};
