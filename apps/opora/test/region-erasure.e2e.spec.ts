import { topics } from '@opora/contracts';
import { open } from '@opora/messaging';
import { kafkaTopics } from '@opora/messaging/kafka';
import { freePort, whyNoKafka } from '@opora/testing';
import type pg from 'pg';
import { startRegion, type Region } from '../src/region/region.js';
import { services } from '../src/services.js';
import { erasureHolds } from './erasure-checks.js';
import { compacted, inspect, readTopic } from './observing.js';

const why = whyNoKafka();
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else describe('A region, Apache Kafka between its services', region);

function region() {
  let region: Region;
  let database: pg.Pool;
  const written: string[] = [];
  const lines = () => services.flatMap(({ name }) => region.deployment(name).instances.flatMap((instance) => instance.lines));
  const ready = () => Promise.all(services.map(({ name }) => region.deployment(name).ready()));

  beforeAll(async () => {
    region = await startRegion();
    database = await inspect(region);
  }, 240_000);

  afterAll(async () => {
    await database?.end();
    await region?.close();
  }, 30_000);

  erasureHolds(() => ({
    ...region, database,
    foreign: async () => ({ port: await freePort(), environment: { PROBE_KAFKA: region.kafka.brokers } }),
    files: async () => [...written, ...lines()].join('\n'),
    topics: async () => {
      await compacted(region, [topics.consents, topics.planEntries]);
      const all = await Promise.all(kafkaTopics.map(async ({ name }) => (await readTopic(region, name)).map((message) => ({ topic: name, ...message }))));
      const keys = new Map(all.flat().filter(({ topic, value }) => topic === topics.consents.name && value).map(({ key, value }) => [String(key), (JSON.parse(String(value)) as { key?: string }).key]));
      return all.flat().map(({ topic, key, headers, value }) => {
        const attributes = Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]));
        const secret = attributes['ce_sealed'] && keys.get(String(key));
        const record = { topic, key: String(key), headers: attributes, value };
        return value === null ? '' : secret ? String(open(record, secret).value) : value.toString('utf8');
      }).join('\n');
    },
    restart: async () => {
      written.push(...lines());
      await Promise.all(services.flatMap(({ name }) => region.deployment(name).instances.map((instance) => instance.end('SIGKILL'))));
      await ready();
    },
    rebuildGateway: async () => {
      await region.deployment('gateway').stop();
      const { rows } = await database.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'gateway' and table_name <> 'migrations' and table_name not like 'audit%'`);
      await database.query(`truncate ${rows.map(({ name }) => `gateway.${name}`).join(', ')}`);
      await region.deployment('gateway').add();
      await ready();
    },
  }));
}
