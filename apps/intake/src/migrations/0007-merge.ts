import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `survivor`: the record under which a merged one is read, at the end of the chain; null when it stands for itself. */
export class Merge1700000300007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table record_merge (
        id uuid primary key, version integer not null, state jsonb not null,
        agency text not null, status text not null, merged_id uuid not null, client_id uuid not null check (client_id <> merged_id));
      create index record_merge_agency on record_merge (agency, status);
      create unique index record_merge_in_force on record_merge (merged_id) where status in ('confirmed', 'undo-proposed');
      create unique index record_merge_proposed on record_merge (least(merged_id, client_id), greatest(merged_id, client_id)) where status = 'proposed';

      alter table client add column survivor uuid check (survivor <> id);
      create index client_person on client (coalesce(survivor, id));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
