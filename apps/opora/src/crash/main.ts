import { addressOf } from '@opora/postgres';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { services } from '../services.js';
import { startRegion, type Region } from '../region/region.js';
import { playCase } from './case.js';
import { Journal } from './commands.js';
import { CaseEnded, Desk, type Office } from './desk.js';
import { drain } from './draining.js';
import { Killing } from './killing.js';
import { Random } from './random.js';
import { redeliver } from './redelivery.js';
import { listOf, tableOf } from './report.js';
import { schedule, targets } from './schedule.js';
import { verify } from './verify.js';
import type { Violation } from './violation.js';
import { Witness } from './witness.js';

const INSTANCES = 2;
const WORKERS = 8;
/** A shorter run is a look; a whole one must have seen enough. */
const WHOLE_MINUTES = 2;
const COMMANDS = 300;
const DRAIN_MS = 60_000;
const BOOT_MS = 180_000;
/** All of the load comes again at once. */
const AGAIN_MS = 600_000;

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' }, expect: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const minutes = Number(values.minutes ?? 2);
const loadMs = minutes * 60_000;
const random = new Random(seed);
const all = [...services, Witness];
const say = (line: string) => console.log(line);

/** Cases one after another until the office closes; several clerks at once. */
const work = async (office: Office, next: () => number, trouble: (error: unknown) => void): Promise<void> => {
  while (!office.closing.aborted) {
    const person = next();
    const own = new Random(seed * 31 + person);
    try {
      await playCase(new Desk(office, person, own.fork()), person, own);
    } catch (error) {
      if (!(error instanceof CaseEnded)) trouble(error);
    }
  }
};

/** The load ends with its time; where the machine is slow, when there were commands enough. */
const closeWhenEnough = async (closing: AbortController, journal: Journal, startedAt: number): Promise<void> => {
  const goesOn = (spent: number) => spent < loadMs || (minutes >= WHOLE_MINUTES && journal.acknowledged.length < COMMANDS && spent < 3 * loadMs);
  while (goesOn(performance.now() - startedAt)) await new Promise((resolve) => setTimeout(resolve, 200));
  closing.abort();
};

/** What stays wrong is found by both looks. */
const once = (violations: readonly Violation[]): Violation[] => [...new Map(violations.map((violation) => [`${violation.kind} ${violation.what}`, violation])).values()];

const enough = (journal: Journal, killed: Killing['killed']): Violation[] => [
  ...(journal.acknowledged.length < COMMANDS ? [{ kind: 'too-few-commands', what: String(journal.acknowledged.length) }] : []),
  ...targets.filter((target) => killed[target] < 3).map((target) => ({ kind: 'too-few-kills', what: `${target}: ${killed[target]}` })),
];

const run = async (region: Region): Promise<Violation[]> => {
  const databaseUrl = addressOf(region.adminUrl, { database: 'opora' });
  const [closing, closed, journal] = [new AbortController(), new AbortController(), new Journal()];
  const office: Office = { gateway: region.gateway, mint: region.mint, journal, closing: closing.signal, closed: closed.signal };
  const killing = new Killing(region, databaseUrl, say);
  const kills = schedule(random, loadMs);
  const unexpected: Violation[] = [];
  let persons = 0;

  say(`seed ${seed}: ${kills.length} kills in ${minutes} minutes`);
  const startedAt = performance.now();
  const clerks = Array.from({ length: WORKERS }, () => work(office, () => (persons += 1), (error) => unexpected.push({ kind: 'client-failed', what: String(error).slice(0, 200) })));
  await killing.run(kills, startedAt, loadMs);
  await closeWhenEnough(closing, journal, startedAt);
  const beganAt = performance.now();
  setTimeout(() => closed.abort(), DRAIN_MS / 2);
  await Promise.all(clerks);
  await Promise.all([...region.deployments.values()].map((deployment) => deployment.ready(BOOT_MS)));
  const drained = await drain(region.kafka.brokers, databaseUrl, all, DRAIN_MS - (performance.now() - beganAt));
  const drainMs = performance.now() - beganAt;
  const before = await verify(region, databaseUrl, journal.commands);
  say(`\nafter the kills: ${journal.acknowledged.length} commands acknowledged, ${before.facts} facts, ${before.lines} effects, ${before.violations.length} violations\n${listOf(before)}`);

  await redeliver(region, [Witness.name, 'intake', 'counselling', 'legal-aid'], INSTANCES, BOOT_MS);
  const again = await drain(region.kafka.brokers, databaseUrl, all, AGAIN_MS);
  const after = await verify(region, databaseUrl, journal.commands);
  const left = [...drained.left, ...again.left].map((what) => ({ kind: 'not-drained', what }));
  const verified = { ...after, violations: [...once([...after.violations, ...before.violations]), ...left, ...unexpected, ...(minutes < WHOLE_MINUTES ? [] : enough(journal, killing.killed))] };
  say(`\nafter everything was delivered again: ${after.violations.length} violations\n${listOf(verified)}\n`);
  say(tableOf({ seed, minutes, journal, killed: killing.killed, drainMs, againMs: again.ms, startedAt, verified }));
  return verified.violations;
};

const region = await startRegion({ instances: INSTANCES, besides: { [Witness.name]: join(import.meta.dirname, 'witness-main.js') } });
const stop = () => void region.close().then(() => process.exit(130));
process.on('SIGINT', stop).on('SIGTERM', stop);
try {
  if (!region.kafka.ours) throw new Error('The crash test kills its broker: leave KAFKA_BROKERS out');
  const kinds = new Set((await run(region)).map(({ kind }) => kind));
  const good = values.expect === undefined ? kinds.size === 0 : kinds.size === 1 && kinds.has(values.expect);
  say(`\n${good ? 'as it must be' : 'NOT as it must be'}: ${kinds.size === 0 ? 'no violation' : [...kinds].join(', ')}`);
  process.exitCode = good ? 0 : 1;
} finally {
  await region.close();
}
process.exit();
