// The load generator, a process of its own: as many connections as said, each asking again as soon as it was answered.
import { Pool } from 'undici';
import { personId } from './people.mjs';
import { serve } from './child.mjs';
import { randomUUID } from 'node:crypto';

/** A round ends with its time; what warms up, with its requests too: code that ran seldom is slow. */
const WARM_UP = { seconds: 12, requests: 4000 };

/** `{person}`: anybody of these people, `{id}`: a new id. */
const filled = (text, people) => text?.replaceAll('{person}', () => personId(Math.floor(Math.random() * people))).replaceAll('{id}', () => randomUUID());

const warm = new Set();

const run = async (wanted) => {
  const target = `${wanted.url} ${wanted.path}`;
  if (!warm.has(target)) await requests({ ...wanted, ...WARM_UP });
  warm.add(target);
  return requests(wanted);
};

const requests = async ({ url, method = 'GET', path, body, headers, people, seconds, connections = 32, requests: most = Infinity }) => {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const times = [];
  const failed = {};
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, async () => {
    while (times.length < most && performance.now() - began < seconds * 1000) {
      const start = performance.now();
      const answer = await pool.request({ method, path: filled(path, people), headers, body: filled(body, people) });
      const text = await answer.body.text();
      if (answer.statusCode < 300) times.push(performance.now() - start);
      else failed[`${answer.statusCode} ${text.slice(0, 200)}`] = (failed[answer.statusCode] ?? 0) + 1;
    }
  }));
  const elapsed = (performance.now() - began) / 1000;
  await pool.close();
  if (Object.keys(failed).length > 0) throw new Error(`The load was refused: ${JSON.stringify(failed).slice(0, 500)}`);
  times.sort((a, b) => a - b);
  return { perSecond: times.length / elapsed, p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
};

serve({ run });
