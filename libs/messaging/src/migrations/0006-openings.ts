import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose records are open to one worker is asked by every list in an emergency; few records are open to anybody. */
export class Openings1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index head_openings on head using gin ((body->'openings') jsonb_path_ops) where body ? 'openings'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
