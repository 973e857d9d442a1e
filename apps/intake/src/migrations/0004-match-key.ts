import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MatchKey1700000300004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table match_key (one boolean primary key default true check (one), jwk jsonb not null)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
