import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which record an id was merged into is asked with every read; few have anything merged into them. */
export class Aliases1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index head_aliases on head using gin ((body->'aliases')) where body->'aliases' <> '[]'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
