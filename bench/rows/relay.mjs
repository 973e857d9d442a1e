import { ratio, takeTurns } from '../rounds.mjs';

const COUNT = 20_000;

export const relay = async (ground, { rounds }) => {
  const child = ground.child('relay.mjs');
  await child({ open: { ...await ground.logins('bench'), brokers: ground.kafka.brokers } });
  const { ours, other } = await takeTurns({ ours: () => child({ relay: { count: COUNT } }), other: () => child({ batch: { count: COUNT } }) }, rounds);
  return [{ what: 'Relay, facts sealed with each person’s key, against kafkajs `sendBatch` of the same bytes', ours, other, unit: 'facts/s', ratio: ratio(ours, other), aim: '≥ 0.7' }];
};
