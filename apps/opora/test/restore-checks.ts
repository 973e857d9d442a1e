import { eventually } from '@opora/testing';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { playToReferral } from '../src/demo/journey.js';
import type { Region } from '../src/region/region.js';
import { node } from './opora-process.js';
import { inspect } from './observing.js';
import { staff } from './staff.js';

/** What pg_dump and pg_restore do with a schema's rows. The audit trail is not restored: it goes on. */
const copying = (database: pg.Pool, schema: string, kept: string) => {
  const tables = async (): Promise<{ name: string; columns: string }[]> => (await database.query(
    `select table_name as name, string_agg(quote_ident(column_name), ', ') as columns from information_schema.columns
     where table_schema = $1 and is_generated = 'NEVER' and table_name not in ('audit', 'audit_checkpoint', 'audit_key') group by table_name`, [schema])).rows;
  return {
    backUp: async () => {
      await database.query(`create schema ${kept}`);
      for (const { name, columns } of await tables()) await database.query(`create table ${kept}.${name} as select ${columns} from ${schema}.${name}`);
    },
    restore: async () => {
      const all = await tables();
      await database.query(`truncate ${all.map(({ name }) => `${schema}.${name}`).join(', ')}`);
      const statements = all.map(({ name, columns }) => `insert into ${schema}.${name} (${columns}) overriding system value select ${columns} from ${kept}.${name}`);
      await database.query(`begin; set local session_replication_role = replica; ${statements.join('; ')}; commit`);
    },
  };
};

/** One service's tables go back to an earlier moment; nobody else stops. */
export const restoreHolds = (place: () => Region): void => {
  it('lets a service that was restored from a backup hear again what it forgot, and be heard again', async () => {
    const region = place();
    const database = await inspect(region);
    const [lawyer, counsellor] = [await region.as(staff.lawyer), await region.as(staff.counsellor)];
    const legalAid = region.deployment('legal-aid');
    const schema = copying(database, 'legal_aid', 'backup');
    try {
      await schema.backUp();
      const since = new Date().toISOString();
      const clientId = await playToReferral({ gateway: region.gateway, mint: region.mint, say: () => undefined });
      const referral = async () => (await eventually(() => lawyer.get(`/v1/legal-aid/referrals?clientId=${clientId}`), ({ body }) => body.items?.length === 1, 30_000)).body.items[0];
      const { id } = await referral();
      expect((await lawyer.post(`/v1/legal-aid/referrals/${id}/accept`, {})).status).toBe(200);
      const plan = (token: string) => counsellor.get(`/v1/clients/${clientId}/plan?after=${encodeURIComponent(token)}`, { prefer: 'wait=5' });

      await legalAid.stop();
      await schema.restore();
      const { stdout } = await promisify(execFile)(node, [join(import.meta.dirname, '../dist/reconcile.js'), '--service', 'legal-aid', '--since', since], {
        env: { KAFKA_BROKERS: region.kafka.brokers, DATABASE_OWNER_URL_FILE: join(region.folder, 'secrets/legal-aid/database-owner-url') },
      });
      expect(stdout).toContain(`legal-aid/${id}`);
      await legalAid.add();
      await legalAid.ready();

      expect(await referral()).toMatchObject({ id, status: 'requested' });
      const again = await eventually(() => lawyer.post(`/v1/legal-aid/referrals/${id}/accept`, {}), ({ status }) => status === 200, 20_000);
      const shown = await plan(again.headers.get('opora-plan-entry')!);
      expect(shown.headers.get('preference-applied')).toContain('wait');
      expect(shown.body.sections).toMatchObject([{ module: 'legal-aid' }]);
      const { rows: letters } = await database.query('select code from legal_aid.dead_letter');
      expect(letters).toEqual([]);
    } finally {
      await database.end();
    }
  }, 120_000);
};
