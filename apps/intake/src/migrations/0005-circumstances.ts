import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Circumstances1700000300005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Lists ask of every row whose it is.
    await runner.query(`
      alter table client add column client_id uuid generated always as (id) stored;
      alter table consent_record
        add column barred_subjects text[] not null default '{}',
        add column opening_ids uuid[] not null default '{}',
        add column review_due timestamptz;
      create index consent_record_openings on consent_record using gin (opening_ids);
      create index consent_record_opened on consent_record (agency) where opening_ids <> '{}';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
