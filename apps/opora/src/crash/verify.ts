import { topics } from '@opora/contracts';
import { kafkaTopics } from '@opora/messaging/kafka';
import type { Region } from '../region/region.js';
import { checkCommands, checkPersonsOrder } from './check-commands.js';
import { checkLines, checkReferrals } from './check-effects.js';
import { checkPlans } from './check-plans.js';
import { checkFacts, checkGateway, checkHeads, checkQuiet } from './check-stores.js';
import { checkTopics } from './check-topics.js';
import type { Command } from './commands.js';
import { readEntries, readLines, readService, readTopics } from './stores.js';
import type { Violation } from './violation.js';

export interface Verified {
  readonly violations: Violation[];
  readonly facts: number;
  readonly records: number;
  readonly repeats: number;
  readonly entries: number;
  readonly plans: number;
  readonly lines: number;
}

const notRead: readonly string[] = [topics.watermarks.name, 'opora.erased.v1'];

/** Everything that was commanded is followed through every store, past the services. */
export const verify = async (region: Region, databaseUrl: string, commands: readonly Command[]): Promise<Verified> => {
  const stores = await Promise.all([...region.deployments.keys()].map((service) => readService(databaseUrl, service)));
  const records = await readTopics(region.kafka.brokers, kafkaTopics.map(({ name }) => name).filter((name) => !notRead.includes(name)));
  const [entries, lines] = [await readEntries(databaseUrl), await readLines(databaseUrl)];
  const onTopics = checkTopics(stores, records);
  const clientIds = [...new Set(commands.flatMap(({ clientId }) => clientId ?? []))];
  const gateways = region.deployment('gateway').instances.map(({ port }) => `http://127.0.0.1:${port}`);
  return {
    violations: [
      ...checkCommands(commands, stores), ...stores.flatMap(checkFacts), ...onTopics.violations, ...checkPersonsOrder(commands, stores, records),
      ...checkGateway(entries, stores), ...await checkPlans(gateways, clientIds, region.mint, stores), ...checkHeads(stores),
      ...checkLines(lines, onTopics.first), ...checkReferrals(stores), ...stores.flatMap(checkQuiet),
    ],
    facts: stores.reduce((sum, { facts }) => sum + facts.length, 0), records: records.length, repeats: onTopics.repeats,
    entries: entries.length, plans: clientIds.length * gateways.length, lines: lines.length,
  };
};
