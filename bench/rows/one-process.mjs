import { freePort } from '@opora/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { playJourney } from '../../apps/opora/dist/demo/journey.js';

const LOAD_S = 15;
const root = join(import.meta.dirname, '..', '..');

/** Started as `npm start` does it, once everything is built. */
const boot = async (folder) => {
  const port = await freePort(6);
  const began = performance.now();
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--enable-source-maps', 'apps/opora/dist/main.js'], {
    cwd: root, env: { PATH: process.env.PATH, OPORA_FOLDER: folder, OPORA_PORT: String(port), OPORA_DEMO: 'never', OPORA_REQUESTS_PER_MINUTE: '1000000000' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`Opora ended: ${output}`)));
    child.stdout.on('data', (chunk) => { if ((output += chunk).includes('Ctrl-C stops everything')) resolve(); });
  });
  return {
    seconds: (performance.now() - began) / 1000, pid: child.pid, ...JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')),
    end: async () => {
      child.removeAllListeners('exit');
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
};

const megabytes = (pid, field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

export const oneProcess = async (ground) => {
  const folder = join(ground.folder, 'one-process');
  const first = await boot(folder);
  await first.end();
  const again = await boot(folder);
  const idle = megabytes(again.pid, 'VmRSS');
  const mint = async (claims) => (await (await fetch(`${again.issuer}/tokens`, { method: 'POST', body: JSON.stringify(claims) })).json()).token;
  const journey = { gateway: again.gateway, mint, say: () => undefined };
  const clientId = await playJourney(journey);
  const authorization = `Bearer ${await mint({ sub: 'konstantin', agency: 'centre', roles: ['counsellor'] })}`;
  const reading = ground.child('load.mjs')({ run: { url: again.gateway, path: `/v1/clients/${clientId}/plan?include=text`, headers: { authorization }, seconds: LOAD_S, connections: 16 } });
  let journeys = 0;
  for (let going = true; going; journeys += 1) {
    await playJourney(journey);
    going = await Promise.race([reading.then(() => false), new Promise((resolve) => setTimeout(resolve, 0, true))]);
  }
  const { perSecond } = await reading;
  const [loaded, peak] = [megabytes(again.pid, 'VmRSS'), megabytes(again.pid, 'VmHWM')];
  await again.end();
  return [
    { what: 'One process: first start, with a new database', ours: first.seconds, unit: 's' },
    { what: '… later start', ours: again.seconds, unit: 's' },
    { what: '… memory after the start', ours: idle, unit: 'MB' },
    { what: `… memory after ${LOAD_S} s of load (${Math.round(perSecond)} plans/s with text by 16 readers, and ${journeys} whole cases beside)`, ours: loaded, unit: 'MB' },
    { what: '… at its peak', ours: peak, unit: 'MB' },
  ];
};
