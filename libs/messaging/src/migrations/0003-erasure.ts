import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `person_id` is not `client_id`: what stands in these tables outlives an erasure. */
export class Erasure1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table outbox add column person uuid;

      -- What law orders to keep of an erased person: nothing but retention reads it.
      create table kept_record (
        record_id uuid primary key, record_type text not null, person_id uuid not null, agency text not null,
        state jsonb not null, facts jsonb not null, legal_basis text not null, until date, kept_at timestamptz not null);
      create index kept_record_person on kept_record (person_id);

      create table legal_hold (
        id uuid primary key, person_id uuid not null, record_id uuid, agency text not null, reason text not null,
        placed_by text not null, placed_at timestamptz not null, lifted_by text, lifted_at timestamptz, lifted_for text);
      create index legal_hold_person on legal_hold (person_id);

      -- Confirmed ones stay as receipts, and name nobody then.
      create table retention_proposal (
        id uuid primary key, record_type text not null, record_id uuid not null, person_id uuid, agency text not null,
        legal_basis text not null, due_since date not null, proposed_at timestamptz not null,
        confirmed_by text, confirmed_at timestamptz);
      create unique index retention_proposal_open on retention_proposal (record_id) where confirmed_at is null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
