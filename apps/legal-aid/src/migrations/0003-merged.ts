import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a merge is taken back, the matters that it concerned are looked for by what they were merged with. */
export class Merged1700000100003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index matter_merged on matter using gin ((state->'mergedWith')) where state->'mergedWith' is not null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
