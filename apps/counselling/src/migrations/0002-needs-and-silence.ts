import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CounsellingNeedsAndSilence1700000200002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table plan add column need_ids uuid[] not null default '{}', add column waits_until timestamptz;
      update plan set
        need_ids = array(select distinct (jsonb_path_query(state, '$.versions[*].*[*].needs[*].id') #>> '{}')::uuid),
        waits_until = (select min((asking ->> 'respondBy')::timestamptz) + interval '1 day'
          from jsonb_path_query(state, '$.referrals[*] ? (@.status == "requested")') asking);
      alter table recommendation add column belongs_to text not null default '';
      update recommendation set belongs_to = case when state ->> 'origin' = 'matched'
        then (state #>> '{needs,0,module}') || '/' || (state #>> '{needs,0,id}') else agency end;
      create index plan_need on plan using gin (need_ids);
      create index plan_waiting on plan (waits_until);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
