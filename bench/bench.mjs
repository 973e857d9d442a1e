// Started by `npm run bench [-- <row> …]`.
import { openGround } from './ground.mjs';
import { tableOf, write } from './report.mjs';
import { planRead } from './rows/plan-read.mjs';
import { command } from './rows/command.mjs';
import { oneProcess } from './rows/one-process.mjs';
import { people } from './rows/people.mjs';
import { rebuilt } from './rows/rebuild.mjs';
import { relay } from './rows/relay.mjs';
import { visible } from './rows/visible.mjs';

const rows = { 'plan-read': planRead, command, visible, relay, rebuild: rebuilt, 'one-process': oneProcess, people };

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !rows[name]);
if (unknown.length > 0) {
  console.error(`Usage: npm run bench [-- ${Object.keys(rows).join(' | ')}]`);
  process.exit(2);
}
const profile = process.argv.find((arg) => arg.startsWith('--profile='))?.slice('--profile='.length);

for (const name of wanted.length > 0 ? wanted : Object.keys(rows)) {
  const began = performance.now();
  const ground = await openGround();
  const stop = () => void ground.close().then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const found = await rows[name](ground, { seconds: 2, rounds: 5, profile });
    console.log(`${tableOf(found)}\n(${name}: ${Math.round((performance.now() - began) / 1000)} s)`);
    if (!profile) write(name, found, await ground.postgresVersion());
  } finally {
    await ground.close();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}
process.exit();
