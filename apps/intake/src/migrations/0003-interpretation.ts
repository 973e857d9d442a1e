import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Interpretation1700000300003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table interpretation (
        id uuid primary key, version integer not null, state jsonb not null,
        agency text not null, status text not null, instrument_id uuid not null references instrument, link_id text);
      create index interpretation_instrument on interpretation (instrument_id, agency);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
