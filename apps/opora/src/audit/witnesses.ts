import { topics } from '@opora/contracts';
import { createClient } from '@opora/messaging/kafka';
import { OperatorError } from '@opora/postgres';
import { kafkaAccess, KafkaVariables, readConfiguration } from '@opora/service';
import type { JWK } from 'jose';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { readTopic } from '../reconcile/read-topic.js';

const CHECKPOINT = /[\w-]{20,300}\.[\w-]{20,600}\.[\w-]{86}/g;

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(`Cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
};

/** Whatever looks like a signed checkpoint in a service's log, or in any other file. */
export const inFile = (file: string): string[] => read(file).match(CHECKPOINT) ?? [];

/** What services that follow the watermarks have kept in their own schemas, as far as this login sees them. */
export const inOtherSchemas = async (client: pg.ClientBase): Promise<string[]> => {
  const { rows: schemas } = await client.query<{ schema: string }>(
    `select quote_ident(nspname) as schema from pg_class join pg_namespace n on n.oid = relnamespace
     where relname = 'audit_witness' and has_schema_privilege(n.oid, 'usage') and has_table_privilege(pg_class.oid, 'select')`);
  const found = [];
  for (const { schema } of schemas) found.push(...(await client.query<{ checkpoint: string }>(`select checkpoint from ${schema}.audit_witness`)).rows);
  return found.map(({ checkpoint }) => checkpoint);
};

/** All that the topic of watermarks still holds, when the environment names Kafka. */
export const inKafka = async (environment: NodeJS.ProcessEnv): Promise<string[]> => {
  if (!environment['KAFKA_BROKERS'] && !environment['KAFKA_BROKERS_FILE']) return [];
  const kafka = createClient({ ...kafkaAccess(readConfiguration(KafkaVariables, environment)), clientId: 'audit-verify', report: () => undefined });
  const found: string[] = [];
  await readTopic(kafka, 'audit', topics.watermarks.name, ({ value }) => found.push(...String(value).match(CHECKPOINT) ?? []));
  return found;
};

/** Public keys from files that hold what `GET /v1/<service>/audit/keys` answered. */
export const keysIn = (files: readonly string[]): JWK[] => files.flatMap((file) => {
  try {
    return (JSON.parse(read(file)) as { keys: JWK[] }).keys;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${file} is no JSON Web Key Set`);
  }
});
