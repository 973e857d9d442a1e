import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is to be reviewed is counted for every scrape of the metrics. */
export class Reviews1700000300009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index consent_record_review_due on consent_record (review_due) where review_due is not null');
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
