import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Everything here is a copy of what compacted topics say. Emptied together with `head`, it fills itself again: a new
 * `projection.epoch` is a new consumer group, which starts with the oldest record.
 */
export class Gateway1700000400001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table projection (only_row boolean primary key default true check (only_row), epoch text not null);

      create table plan_entry (
        key text not null, version integer not null, client_id uuid not null, module text not null, agency text not null,
        data_class text not null, kind text not null, recorded_at timestamptz not null, body jsonb not null,
        primary key (key, version));
      create index plan_entry_client on plan_entry (client_id, key, version desc);

      create table erased (key text primary key);

      create table alias (alias uuid primary key, client_id uuid not null);
      create index alias_client on alias (client_id);

      create table module (name text primary key, revision bigint not null, manifest jsonb, left_at timestamptz);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
