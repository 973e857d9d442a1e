import pg from 'pg';
import { ratio, takeTurns } from '../rounds.mjs';

const PEOPLE = 3000;

/** Records a second of a gateway that starts with nothing, from the first entry that it has to the last. */
const rebuild = async (ground, database, { records, entries }, profile) => {
  const gateway = await ground.start('gateway', { database, profile });
  const client = new pg.Client({ connectionString: gateway.runtimeUrl });
  await client.connect();
  const held = async () => Number((await client.query('select count(*) from plan_entry')).rows[0].count);
  let [first, began] = [0, 0];
  for (let now = 0; now < entries; await new Promise((resolve) => setTimeout(resolve, 20))) {
    now = await held();
    if (now > 0 && !began) [first, began] = [now, performance.now()];
  }
  const took = (performance.now() - began) / 1000;
  await client.end();
  await gateway.stop();
  return (records * (1 - first / entries)) / took;
};

export const rebuilt = async (ground, { profile }) => {
  const child = ground.child('topics.mjs');
  const { brokers } = ground.kafka;
  const there = await child({ open: { brokers, people: PEOPLE } });
  let number = 0;
  const { ours, other } = await takeTurns({
    ours: () => rebuild(ground, `rebuild_${number += 1}`, there, profile),
    other: () => child({ consume: { brokers, records: there.records } }),
  }, 3);
  return [{ what: `Rebuilding all plans of ${PEOPLE} people (${there.records} records), against a bare consume of the same topics`, ours, other, unit: 'records/s', ratio: ratio(ours, other), aim: '≥ 0.3' }];
};
