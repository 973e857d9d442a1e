import { serviceOf, verifyTrail } from '@opora/access';
import type { JWK } from 'jose';
import type pg from 'pg';

export interface Wanted {
  readonly client: pg.ClientBase;
  /** All that this login sees, and all that anybody outside has heard of, unless said. */
  readonly services?: readonly string[] | undefined;
  readonly keys?: readonly JWK[] | undefined;
  readonly witnesses: readonly string[];
}

const visible = async (client: pg.ClientBase): Promise<string[]> => (await client.query<{ service: string }>(
  `select replace(nspname, '_', '-') as service from pg_class join pg_namespace n on n.oid = relnamespace
   where relname = 'audit' and relkind = 'r' and has_schema_privilege(n.oid, 'usage') and has_table_privilege(pg_class.oid, 'select')`)).rows.map(({ service }) => service);

/** Says of each trail whether it is whole, and if not, what is wrong with which rows. Answers whether all are. */
export const verifyAll = async ({ client, services, keys, witnesses }: Wanted, say: (line: string) => void): Promise<boolean> => {
  const distinct = [...new Set(witnesses)];
  const named = services ?? [...new Set([...await visible(client), ...distinct.flatMap((jws) => serviceOf(jws) ?? [])])].sort();
  if (named.length === 0) say('There is no trail that this login may read');
  if (!keys) say('No --keys: the checkpoints are checked by the keys that the schemas name themselves');
  let whole = named.length > 0;
  for (const service of named) {
    const { rows, checkpoints, findings } = await verifyTrail({ service, client, keys, witnesses: distinct });
    const heard = distinct.filter((jws) => serviceOf(jws) === service).length;
    say(`${service}: ${rows} rows, ${checkpoints} checkpoints, ${heard} seen outside: ${findings.length === 0 ? 'whole' : 'NOT WHOLE'}`);
    for (const { says } of findings) say(`  ${says}`);
    whole &&= findings.length === 0;
  }
  return whole;
};
