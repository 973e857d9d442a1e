import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables that every service has in its own schema. `seq` is cached one by one: a block per session would break the order. */
export class Messaging1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        seq bigint generated always as identity (cache 1) primary key,
        topic text not null, key text not null, headers jsonb not null, value text,
        created_at timestamptz not null default clock_timestamp(), published_at timestamptz);
      create index outbox_unpublished on outbox (seq) where published_at is null;
      create index outbox_published on outbox (published_at) where published_at is not null;

      create table fact (
        aggregate text not null, aggregate_id uuid not null, sequence integer not null, type text not null, data jsonb not null, own jsonb,
        recorded_at timestamptz not null, recorded_by text not null, at timestamptz not null, on_behalf_of text,
        primary key (aggregate_id, sequence));

      create table inbox (
        source text not null, event_id text not null, received_at timestamptz not null default now(),
        primary key (source, event_id));
      create index inbox_age on inbox (received_at);

      create table snapshot (
        seq bigint generated always as identity (cache 1) unique,
        topic text not null, key text not null, version integer not null, hash text not null,
        aggregate_id uuid not null, aggregate_version integer not null, agency text not null, body jsonb not null, recorded_at timestamptz not null,
        primary key (topic, key, version));
      create index snapshot_aggregate on snapshot (aggregate_id);

      create table head (
        topic text not null, key text not null, version bigint not null, body jsonb,
        client_id uuid generated always as ((body->>'clientId')::uuid) stored,
        primary key (topic, key));
      create index head_client on head (client_id, topic);

      create table dead_letter (
        id bigint generated always as identity (cache 1) primary key,
        topic text not null, key text not null, position text not null, event_id text, type text, source text, headers jsonb not null, value bytea,
        status text not null check (status in ('dead', 'parked', 'redriven', 'discarded')),
        code text not null, errors jsonb not null default '[]', at timestamptz not null default now(), discarded_for text, discarded_by text);
      create index dead_letter_open on dead_letter (topic, key) where status in ('dead', 'parked');
      create unique index dead_letter_event on dead_letter (topic, coalesce(source, ''), coalesce(event_id, 'at ' || position));

      create table idempotency (
        scope text primary key, request_hash text not null, status integer, location text, etag text, plan_entry text,
        created_at timestamptz not null default now());
      create index idempotency_age on idempotency (created_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
