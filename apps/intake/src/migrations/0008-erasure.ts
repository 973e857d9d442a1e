import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `person_id` is not `client_id`: the receipt outlives the person’s data. */
export class Erasure1700000300008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table erasure (
        id uuid primary key, version integer not null, state jsonb not null,
        person_id uuid not null, agency text not null, status text not null, say_again_at timestamptz);
      create unique index erasure_open on erasure (person_id) where status in ('asked', 'running');
      create index erasure_agency on erasure (agency, status);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
