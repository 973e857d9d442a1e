import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';

interface Ambient {
  readonly runner: QueryRunner;
  readonly afterCommit: (() => void)[];
  /** Id of the event that this transaction reacts to. */
  readonly cause?: string | undefined;
}

/**
 * One service's connection pool and its ambient transaction: whoever queries inside `transaction` joins it, without
 * handing a connection around.
 */
export class Database {
  private readonly ambient = new AsyncLocalStorage<Ambient>();

  /**
   * `beforeCommit` is awaited before every commit, outside of its transaction and in the asynchronous context of whoever opened it: what a
   * request has begun elsewhere is done by then. When it rejects, the transaction is rolled back.
   */
  constructor(readonly dataSource: DataSource, private readonly beforeCommit?: () => Promise<unknown>) {}

  get cause(): string | undefined {
    return this.ambient.getStore()?.cause;
  }

  /** Rows of a select, or of a `returning`. `name`: each connection plans the statement once, for one that is asked often and takes longer to plan than to run. */
  async query<R = Record<string, unknown>>(sql: string, parameters: readonly unknown[] = [], name?: string): Promise<R[]> {
    const runner = this.ambient.getStore()?.runner;
    if (runner) return this.rows<R>(runner, sql, parameters, name);
    const own = this.dataSource.createQueryRunner();
    try {
      return await this.rows<R>(own, sql, parameters, name);
    } finally {
      await own.release();
    }
  }

  /** Joins the transaction under way, or opens one and commits it. */
  async transaction<T>(work: () => Promise<T>, cause?: string): Promise<T> {
    if (this.ambient.getStore()) return work();
    const runner = this.dataSource.createQueryRunner();
    const ambient: Ambient = { runner, afterCommit: [], cause };
    try {
      await runner.startTransaction();
      const result = await this.ambient.run(ambient, work);
      await this.beforeCommit?.();
      await runner.commitTransaction();
      ambient.afterCommit.forEach((notify) => notify());
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** Runs once the transaction under way is durable; at once when there is none. */
  afterCommit(notify: () => void): void {
    const ambient = this.ambient.getStore();
    if (ambient) ambient.afterCommit.push(notify);
    else notify();
  }

  private async rows<R>(runner: QueryRunner, sql: string, parameters: readonly unknown[], name: string | undefined): Promise<R[]> {
    // TypeORM names no statements.
    if (name !== undefined) return ((await runner.connect()) as ClientBase).query({ name, text: sql, values: [...parameters] }).then(({ rows }) => rows as R[]);
    const { records } = await runner.query(sql, parameters as unknown[], true);
    return (records ?? []) as R[];
  }
}
