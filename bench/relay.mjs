// Facts on their way out, from one process: by the relay, and the same bytes by kafkajs alone.
import { everyServicesMigrations, Relay, seal } from '@opora/messaging';
import { createClient, KafkaBroker } from '@opora/messaging/kafka';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { serve } from './child.mjs';
import { consents } from './people.mjs';

const PEOPLE = 1000;
const topic = 'opora.referrals.v1';
const person = `('00000000-0000-7000-8000-' || lpad(to_hex(n % ${PEOPLE}), 12, '0'))`;
const id = `('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))`;
const value = JSON.stringify({ referralId: ':id', clientId: ':client', module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'counselling', urgency: 'urgent', needs: [{ module: 'intake', id: ':id' }], respondBy: '2026-12-01T09:00:00.000Z' });
const headers = JSON.stringify({
  'content-type': 'application/json', ce_specversion: '1.0', ce_id: ':id', ce_source: 'bench', ce_type: 'opora.referral.requested', ce_subject: ':id', ce_time: '2026-11-01T09:00:00.000Z',
  ce_dataschema: 'urn:opora:event:opora.referral.requested:1.0.0', ce_partitionkey: ':client', ce_sequence: '1', ce_agency: 'centre',
});
const named = (text) => `replace(replace('${text}', ':client', ${person}), ':id', ${id})`;

let owner;
let client;
let broker;
let producer;
let databaseUrl;

const open = async ({ ownerUrl, runtimeUrl, brokers }) => {
  databaseUrl = runtimeUrl;
  owner = await new DataSource({ type: 'postgres', url: ownerUrl, installExtensions: false, migrations: [...everyServicesMigrations] }).initialize();
  await owner.runMigrations();
  client = new pg.Client({ connectionString: runtimeUrl });
  await client.connect();
  await client.query(`insert into head (topic, key, version, body) select 'opora.consents.v1', ${person}, 1, replace($1, ':client', ${person})::jsonb from generate_series(0, ${PEOPLE - 1}) n`, [JSON.stringify(consents)]);
  const access = { brokers: brokers.split(','), clientId: 'bench', report: () => undefined };
  broker = new KafkaBroker({ ...access, erasableTopics: [] });
  producer = createClient(access).producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
};

const write = async (count) => {
  await owner.query('truncate outbox');
  await client.query(`insert into outbox (topic, key, headers, value, person) select '${topic}', ${person}, ${named(headers)}::jsonb, ${named(value)}, ${person}::uuid from generate_series(1, $1::int) n`, [count]);
  await owner.query('vacuum (analyze) outbox');
};

/** Facts a second, from the start of a relay until the last is acknowledged and marked. */
const relay = async ({ count }) => {
  await write(count);
  const one = new Relay({ module: 'bench', databaseUrl, broker, report: () => undefined });
  const began = performance.now();
  one.start();
  while (one.published < count) await new Promise((resolve) => setTimeout(resolve, 1));
  const took = performance.now() - began;
  await one.stop();
  return count / (took / 1000);
};

/** The same records, sealed beforehand, as many at once as the relay sends. */
const batch = async ({ count }) => {
  await write(count);
  const { rows } = await client.query('select topic, key, headers, value from outbox order by seq');
  const records = rows.map((row) => seal({ ...row, value: Buffer.from(row.value) }, consents.key)).map(({ key, headers: all, value: bytes }) => ({ key, headers: all, value: bytes }));
  const began = performance.now();
  for (let from = 0; from < count; from += 1000) await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages: records.slice(from, from + 1000) }] });
  return count / ((performance.now() - began) / 1000);
};

serve({ open, relay, batch });
