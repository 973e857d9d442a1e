import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Along a chain of merges a record is an alias of all that stand above it. */
export class Aliases1700000400002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table alias drop constraint alias_pkey, add primary key (alias, client_id)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
