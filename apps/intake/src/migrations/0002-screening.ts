import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Screening1700000300002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table instrument (
        id uuid primary key, version integer not null, state jsonb not null,
        agency text not null, status text not null, url text, instrument_version integer not null);
      create unique index instrument_numbered on instrument (agency, coalesce(url, id::text), instrument_version);

      -- Text, because jsonb would put the members of a document in another order.
      create table questionnaire (instrument_id uuid primary key references instrument, document text not null);

      create table need_rule (
        id uuid primary key, version integer not null, state jsonb not null,
        agency text not null, status text not null, instrument_id uuid not null references instrument);
      create index need_rule_instrument on need_rule (instrument_id);

      create table screening (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, status text not null, instrument_id uuid not null references instrument);
      create index screening_client on screening (client_id);
      create index screening_instrument on screening (instrument_id);

      create table need (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, status text not null, code text not null,
        screening_ids uuid[] not null, rule_ids uuid[] not null);
      create index need_client on need (client_id);
      create index need_screening on need using gin (screening_ids);
      create index need_rule_found on need using gin (rule_ids);
      create unique index need_open on need (client_id, code) where status in ('identified', 'confirmed', 'addressed');
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
