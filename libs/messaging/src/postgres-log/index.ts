export { PostgresLog, type PostgresLogOptions, type ReadOptions } from './postgres-log.js';
export { migratePostgresLog } from './schema.js';
