import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LegalAid1700000100001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table referral (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, status text not null, respond_by timestamptz not null);
      create index referral_due on referral (respond_by) where status = 'requested';
      create index referral_client on referral (client_id);

      create table matter (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, offer text not null, status text not null, next_deadline date,
        referral_id uuid not null unique);
      create index matter_client on matter (client_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
