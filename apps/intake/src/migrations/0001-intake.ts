import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Intake1700000300001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table client (
        id uuid primary key, version integer not null, state jsonb not null,
        agency text not null, status text not null, birth text);
      create index client_agency on client (agency, id);
      create index client_birth on client (agency, birth);

      create table client_match_key (
        client_id uuid not null references client, kind text not null, key text not null,
        primary key (client_id, kind, key));
      create index client_match_key_key on client_match_key (kind, key text_pattern_ops);

      create table consent_record (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null unique, agency text not null);

      create table help_request (
        id uuid primary key, version integer not null, state jsonb not null,
        agency text not null, status text not null, client_id uuid, respond_by timestamptz, overdue boolean not null);
      create index help_request_agency on help_request (agency, status);
      create index help_request_client on help_request (client_id);
      create index help_request_due on help_request (respond_by) where status = 'triaged' and not overdue;

      create table display_audit (
        id uuid primary key, at timestamptz not null, by text not null, agency text not null, action text not null, purpose text,
        client_ids uuid[] not null);
      create index display_audit_clients on display_audit using gin (client_ids);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
