import { everyServicesMigrations, type Database } from '@opora/messaging';
import pg from 'pg';
import { DataSource, type Logger } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { ServiceDefinition, ServiceSettings } from './definition.js';

// A day is a day: as a JS Date it would move with the time zone of the machine.
pg.types.setTypeParser(1082, (value) => value);

/** TypeORM would write to the console, messages of the database and all; whoever calls it gets the error. */
const silent: Logger = { logQuery() {}, logQueryError() {}, logQuerySlow() {}, logSchemaBuild() {}, logMigration() {}, log() {} };

const options = (url: string, poolSize: number) => ({
  type: 'postgres', url, poolSize, installExtensions: false, logger: silent,
  extra: { statement_timeout: 5000, lock_timeout: 5000, connectionTimeoutMillis: 3000, idleTimeoutMillis: 30_000 },
}) as const;

/** Brings the schema up to date as its owner, messaging's tables first. Two instances at once: one works, the other waits. */
export const migrate = async (service: Pick<ServiceDefinition, 'migrations'>, ownerUrl: string): Promise<void> => {
  const source = new DataSource({ ...options(ownerUrl, 2), extra: {}, migrations: [...everyServicesMigrations, ...service.migrations], migrationsTransactionMode: 'each' });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query(`select pg_advisory_lock(hashtextextended('migrate ' || current_schema(), 0))`);
    await source.runMigrations();
  } finally {
    await lock.release();
    await source.destroy();
  }
};

export const connect = async ({ databaseUrl, poolSize = 4 }: ServiceSettings): Promise<DataSource> =>
  new DataSource(options(databaseUrl, poolSize)).initialize();

/** TypeORM's own pool, for counting. */
export const poolOf = ({ dataSource }: Database): pg.Pool => (dataSource.driver as PostgresDriver).master as pg.Pool;
