import { counsellor } from '../people.mjs';
import { ratio, takeTurns } from '../rounds.mjs';
import { gatewayWith } from './plan-read.mjs';

const sizes = [10_000, 100_000, 1_000_000];

/** One gateway and one database for each size; anybody of all these people is read. */
export const people = async (ground, { seconds, rounds }) => {
  const authorization = `Bearer ${await ground.mint(counsellor)}`;
  const load = ground.child('load.mjs');
  const sides = {};
  for (const size of sizes) {
    const began = performance.now();
    const gateway = await gatewayWith(ground, size, 'http://127.0.0.1:9');
    console.log(`${size} people written in ${Math.round((performance.now() - began) / 1000)} s`);
    sides[size] = async () => (await load({ run: { url: gateway.url, path: '/v1/clients/{person}/plan', people: size, headers: { authorization }, seconds } })).perSecond;
  }
  const numbers = await takeTurns(sides, rounds);
  const [least] = sizes;
  return sizes.slice(1).map((size) => ({
    what: `Plan read at ${size.toLocaleString('en').replaceAll(',', ' ')} people, against ${least.toLocaleString('en').replaceAll(',', ' ')}`,
    ours: numbers[size], other: numbers[least], unit: 'requests/s', ratio: ratio(numbers[size], numbers[least]), aim: '0.9 – 1.1',
  }));
};
