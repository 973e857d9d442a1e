import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people object to in this service. */
export class Objection1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table objection (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, status text not null, about uuid not null, due_on date not null);
      create index objection_client on objection (client_id);
      create index objection_open on objection (agency, due_on) where status = 'recorded';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
