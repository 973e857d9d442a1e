import type { JWK } from 'jose';
import pg from 'pg';
import type { Run } from './order.js';

export interface StoredRow { readonly seq: number; readonly content: object; readonly previous: Buffer; readonly hash: Buffer }
export interface StoredCheckpoint { readonly number: number; readonly seq: number; readonly checkpoint: string }

const PAGE = 5000;

const hex = (hash: Buffer): string => hash.toString('hex');

/** One service's trail as its schema holds it, for whoever may look into that schema. */
export class StoredTrail {
  readonly table: string;

  constructor(private readonly client: pg.ClientBase, service: string) {
    this.table = `${pg.escapeIdentifier(service.replaceAll('-', '_'))}.audit`;
  }

  async exists(): Promise<boolean> {
    const [found] = await this.query<{ there: boolean }>(`select bool_and(to_regclass($1 || part) is not null) as there from unnest(array['', '_checkpoint', '_key']) part`, [this.table]);
    return found!.there;
  }

  /** By their numbers. */
  async *rows(): AsyncGenerator<StoredRow> {
    for (let last = 0; ;) {
      const page = await this.query<Omit<StoredRow, 'seq'> & { seq: string }>(`select seq, content, previous, hash from ${this.table} where seq > $1 order by seq limit ${PAGE}`, [last]);
      if (page.length === 0) return;
      for (const row of page) yield { ...row, seq: Number(row.seq) };
      last = Number(page.at(-1)!.seq);
    }
  }

  async checkpoints(): Promise<StoredCheckpoint[]> {
    return (await this.query<{ number: number; seq: string; checkpoint: string }>(`select number, seq, checkpoint from ${this.table}_checkpoint order by number`))
      .map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  async keys(): Promise<JWK[]> {
    return (await this.query<{ jwk: JWK }>(`select jwk from ${this.table}_key`)).map(({ jwk }) => jwk);
  }

  /** Reads the whole table: for what went wrong only. */
  async seqOf(hash: Buffer): Promise<number | undefined> {
    const [row] = await this.query<{ seq: string }>(`select seq from ${this.table} where hash = $1 order by seq limit 1`, [hash]);
    return row && Number(row.seq);
  }

  /** base64url, by number. */
  async hashesOf(seqs: readonly number[]): Promise<Map<number, string>> {
    const rows = await this.query<{ seq: string; hash: Buffer }>(`select seq, hash from ${this.table} where seq = any($1)`, [seqs]);
    return new Map(rows.map(({ seq, hash }) => [Number(seq), hash.toString('base64url')]));
  }

  /** The trail, `last` rows of it, cut before the rows of these numbers and after the rows whose hashes these are. */
  async runs(before: readonly number[], after: readonly Buffer[], last: number): Promise<Run[]> {
    const starts = new Set(before);
    const firstAfter = async (seq: number): Promise<void> => {
      const [row] = await this.query<{ seq: string }>(`select seq from ${this.table} where seq > $1 order by seq limit 1`, [seq]);
      if (row) starts.add(Number(row.seq));
    };
    await firstAfter(0);
    for (const hash of after) {
      const named = hash.length === 0 ? undefined : await this.seqOf(hash);
      if (named !== undefined) await firstAfter(named);
    }
    const sorted = [...starts].sort((a, b) => a - b);
    const runs: Run[] = [];
    for (const [i, from] of sorted.entries()) {
      const [first] = await this.query<{ previous: Buffer }>(`select previous from ${this.table} where seq = $1`, [from]);
      const [end] = await this.query<{ seq: string; hash: Buffer }>(`select seq, hash from ${this.table} where seq < $1 order by seq desc limit 1`, [sorted[i + 1] ?? last + 1]);
      runs.push({ from, to: Number(end!.seq), previous: hex(first!.previous), end: hex(end!.hash) });
    }
    return runs;
  }

  /** What keeps the trail from being changed, and has been taken away; in words. */
  async unguarded(): Promise<string[]> {
    const rows = await this.query<{ table: string; open: boolean; granted: boolean }>(`
      select oid::regclass::text as table,
        not exists (select from pg_trigger where tgrelid = pg_class.oid and tgname = 'audit_only_grows' and tgenabled = 'A' and tgtype & 58 = 58) as open,
        exists (select from aclexplode(relacl) where grantee <> relowner and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')) as granted
      from pg_class where oid = any(array[$1::text, $1 || '_checkpoint', $1 || '_key']::regclass[])`, [this.table]);
    return rows.flatMap(({ table, open, granted }) => [
      ...(open ? [`nothing refuses changes of ${table}: its trigger is gone or off`] : []),
      ...(granted ? [`somebody beside the owner was granted changes of ${table}`] : []),
    ]);
  }

  private async query<R extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<R[]> {
    return (await this.client.query<R>(sql, parameters)).rows;
  }
}
