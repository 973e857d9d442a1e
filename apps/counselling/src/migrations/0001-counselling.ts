import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Counselling1700000200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table recommendation (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, status text not null);
      create index recommendation_client on recommendation (client_id);

      create table plan (
        id uuid primary key, version integer not null, state jsonb not null,
        client_id uuid not null, agency text not null, status text not null,
        referral_ids uuid[] not null, goal_ids uuid[] not null);
      create unique index plan_open on plan (client_id) where status = 'open';
      create index plan_client on plan (client_id);
      create index plan_referral on plan using gin (referral_ids);
      create index plan_goal on plan using gin (goal_ids);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
