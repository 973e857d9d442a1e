import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit trail of the service: rows that nobody changes, each with the hash of the one before it. Only `audit_append` adds any, so that
 * the runtime login can neither choose a number nor break the chain. `audit_witness` holds what other services said of theirs.
 */
export class Audit1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = await runner.query('select quote_ident(current_schema()) as schema') as [{ schema: string }];
    await runner.query(`
      create table audit (seq bigint primary key, content jsonb not null, previous bytea not null, hash bytea not null);
      create index audit_clients on audit using gin ((content->'clientIds') jsonb_path_ops) with (gin_pending_list_limit = 512);
      create index audit_subject on audit ((content->>'subject'), seq);
      create index audit_denied on audit (seq) where content->>'decision' = 'deny';
      create index audit_at on audit using brin ((content->>'at')) with (pages_per_range = 16);

      create table audit_checkpoint (number integer primary key, seq bigint not null, checkpoint text not null);
      create table audit_key (kid text primary key, jwk jsonb not null, since timestamptz not null default now());
      create table audit_witness (module text primary key, seq bigint not null, checkpoint text not null);
      create index head_barred on head using gin ((body->'barred'->'subjects')) where body ? 'barred';

      create function audit_append(entries text[]) returns void language plpgsql security definer set search_path = ${schema}, pg_temp as $$
      declare
        number bigint;
        link bytea;
        before bytea;
        entry text;
      begin
        perform pg_advisory_xact_lock(hashtextextended('audit ' || current_schema(), 0));
        select seq, hash into number, link from audit order by seq desc limit 1;
        number := coalesce(number, 0);
        link := coalesce(link, ''::bytea);
        foreach entry in array entries loop
          number := number + 1;
          before := link;
          link := sha256(before || convert_to(entry, 'UTF8'));
          insert into audit (seq, content, previous, hash) values (number, entry::jsonb, before, link);
        end loop;
      end $$;

      create function audit_refuse() returns trigger language plpgsql as $$
      begin
        raise exception 'The audit trail only grows' using errcode = 'insufficient_privilege';
      end $$;

      create trigger audit_only_grows before update or delete or truncate on audit for each statement execute function audit_refuse();
      create trigger audit_only_grows before update or delete or truncate on audit_checkpoint for each statement execute function audit_refuse();
      create trigger audit_only_grows before update or delete or truncate on audit_key for each statement execute function audit_refuse();
      alter table audit enable always trigger audit_only_grows;
      alter table audit_checkpoint enable always trigger audit_only_grows;
      alter table audit_key enable always trigger audit_only_grows;

      revoke all on function audit_append(text[]) from public;
      do $$
      declare
        runtime text;
      begin
        for runtime in select distinct grantee::regrole::text from pg_class, aclexplode(relacl) where pg_class.oid = 'audit'::regclass and grantee not in (0, relowner) loop
          execute format('revoke all on audit, audit_checkpoint, audit_key from %s', runtime);
          execute format('grant select on audit to %s', runtime);
          execute format('grant select, insert on audit_checkpoint, audit_key to %s', runtime);
          execute format('grant execute on function audit_append(text[]) to %s', runtime);
        end loop;
      end $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}
