import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LegalTime1700000100002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Only grows: a version of a document is never changed.
      create table law_document (
        id uuid primary key, serial bigint generated always as identity (cache 1) unique,
        kind text not null, name text not null, year integer, version integer not null, sha256 text not null, document jsonb not null,
        vouched text not null check (vouched in ('shipped', 'signed', 'hash')), signature text, taken_in_at timestamptz not null, taken_in_by text not null);
      create unique index law_document_version on law_document (kind, name, coalesce(year, 0), version);

      -- When a deadline of the matter next approaches or passes, and up to which document of law its deadlines were computed.
      alter table matter add column look_at timestamptz, add column law_serial bigint not null default 0;
      update matter set look_at = now() where next_deadline is not null and status in ('active', 'awaiting-third-party');
      create index matter_look_at on matter (look_at) where look_at is not null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
