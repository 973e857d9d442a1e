import { topics as contractTopics } from '@opora/contracts';
import { createClient } from '@opora/messaging/kafka';
import { connect, OperatorError } from '@opora/postgres';
import { ConfigurationError, kafkaAccess, KafkaVariables, readConfiguration, ServiceVariables, topicsHeard, typesHeard } from '@opora/service';
import { parseArgs } from 'node:util';
import { Type } from 'typebox';
import { outrun, type Heard } from './reconcile/outrun.js';
import { readTopic } from './reconcile/read-topic.js';
import { rewind } from './reconcile/rewind.js';
import { services } from './services.js';

/**
 * After one service's schema was restored from a backup, while the service is stopped: lets it hear again what it has forgotten,
 * and lets its next words come after those that others have heard. The gateway needs none of it: it is rebuilt from the topics.
 */
const Variables = Type.Object({ DATABASE_OWNER_URL: ServiceVariables.properties.DATABASE_OWNER_URL, ...KafkaVariables.properties });
const usage = 'Usage: npm run reconcile -- --service <name> --since <moment of the backup, e.g. 2026-12-01T09:30:00Z>';

/** Where a service’s words have versions, and what counts them. */
const counters = { [contractTopics.modules.name]: 'revision', [contractTopics.planEntries.name]: 'version', [contractTopics.consents.name]: 'version' };

/** A backup is a state of one moment; facts in hand then are committed later. */
const MARGIN_MS = 10 * 60_000;

/** What others wrote there under our name is not ours to repeat. */
const parsed = (value: Buffer | null): Record<string, unknown> | undefined => {
  try {
    return value === null ? undefined : JSON.parse(value.toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};

const reconcile = async (name: string, since: number): Promise<void> => {
  const service = services.find((one) => one.name === name && !one.epoch);
  if (!service) throw new ConfigurationError([`--service must be one of ${services.filter((one) => !one.epoch).map((one) => one.name).join(', ')}`]);
  const config = readConfiguration(Variables, process.env);
  const kafka = createClient({ ...kafkaAccess(config), clientId: 'reconcile', report: () => undefined });
  const admin = kafka.admin();
  const database = await connect(config.DATABASE_OWNER_URL, 'DATABASE_OWNER_URL');
  try {
    await admin.connect();
    const { groups: [group] } = await admin.describeGroups([name]);
    if (group && group.members.length > 0) throw new ConfigurationError([`${name} is running; stop its ${group.members.length} instances first`]);

    const heard = new Map<string, Heard>();
    for (const [topic, counter] of Object.entries(counters)) await readTopic(kafka, name, topic, ({ key, headers, value }) => {
      const body = String(headers?.['ce_source']) === name ? parsed(value) : undefined;
      const version = body?.[counter];
      if (!body || typeof version !== 'number') return;
      heard.set(`${topic} ${String(key)}`, { topic, key: String(key), version, aggregateId: String(headers?.['ce_subject']), agency: String(headers?.['ce_agency']), body, time: String(headers?.['ce_time']) });
    });

    const topics = topicsHeard(typesHeard(service));
    await rewind(admin, name, topics, since - MARGIN_MS);
    console.log(`${name} will hear again what was said on ${topics.join(', ')} since ${new Date(since - MARGIN_MS).toISOString()}`);
    const { newer, unknown } = await outrun(database, [...heard.values()]);
    console.log(`${newer} of ${heard.size} entries that others have heard are newer than the backup; ${name} says them anew when it starts`);
    if (unknown.length > 0) console.log(`${unknown.length} are not in the backup; what is not heard again must be recorded anew by people:\n${unknown.map((key) => `  ${key}`).join('\n')}`);
  } finally {
    await Promise.all([admin.disconnect(), database.end()]);
  }
};

try {
  const { values: { service, since } } = parseArgs({ options: { service: { type: 'string' }, since: { type: 'string' } } });
  const at = Date.parse(since ?? '');
  if (!service || Number.isNaN(at)) throw new ConfigurationError([usage]);
  await reconcile(service, at);
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.mistakes.join('\n') : error instanceof OperatorError ? error.message : error);
  process.exitCode = 1;
}
