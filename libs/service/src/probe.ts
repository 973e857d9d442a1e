import pg from 'pg';

const PATIENCE_MS = 1000;

/**
 * One connection beside the service's pool, for questions about the service itself. Answers or gives up soon, also when the database is
 * away; and a pool that is busy with requests does not make the service look unable to answer any.
 */
export class Probe {
  private readonly pool: pg.Pool;
  private asking: Promise<boolean> | undefined;

  constructor(connectionString: string) {
    this.pool = new pg.Pool({
      connectionString, application_name: 'probe', max: 1, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS, statement_timeout: PATIENCE_MS, idleTimeoutMillis: 60_000,
    });
    // Without a listener a restart of Postgres would end the process.
    this.pool.on('error', () => undefined);
  }

  /** Whether the database answers. Many who ask at once get one answer. */
  async answers(): Promise<boolean> {
    this.asking ??= this.query('select 1').then(() => true, () => false).finally(() => { this.asking = undefined; });
    return this.asking;
  }

  async query<R extends pg.QueryResultRow>(sql: string, parameters?: unknown[]): Promise<R[]> {
    return (await this.pool.query<R>(sql, parameters)).rows;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
