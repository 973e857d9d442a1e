import { canonical } from '@opora/contracts';
import type { JWK } from 'jose';
import pg from 'pg';
import { checked, payloadOf, type Checkpoint } from './checkpoint.js';
import { linkOf } from './content.js';
import { orderOf, type Run } from './order.js';

/** What is wrong, with the numbers of the rows (of checkpoints where it says so; 0 where it is about neither). */
export interface Finding {
  readonly kind: 'changed' | 'removed' | 'reordered' | 'inserted' | 'truncated' | 'checkpoint' | 'unguarded';
  readonly from: number;
  readonly to: number;
  readonly says: string;
}

export interface Verified {
  readonly service: string;
  readonly rows: number;
  readonly checkpoints: number;
  readonly findings: readonly Finding[];
}

export interface Verification {
  readonly service: string;
  /** Sees the service's schema. */
  readonly client: pg.ClientBase;
  /** Public keys that are trusted. Left out: those that the schema names itself, which whoever writes there can exchange. */
  readonly keys?: readonly JWK[] | undefined;
  /** Checkpoints that were seen outside of this database. */
  readonly witnesses?: readonly string[];
}

interface Break { readonly seq: number; readonly before: number; readonly previous: Buffer }

const PAGE = 5000;
/** A trail that is broken in more places was not tampered with but destroyed. */
const MOST_BREAKS = 50;
const START = '';

const rowsIn = (from: number, to: number): string => (from === to ? `row ${from}` : `rows ${from} to ${to}`);
const hex = (hash: Buffer): string => hash.toString('hex');

/** Walks one service's trail in one snapshot: content, links, order, gaps, checkpoints, end. Changes nothing. */
export const verifyTrail = async (options: Verification): Promise<Verified> => {
  const { client } = options;
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    return await new Walk(options).walk();
  } finally {
    await client.query('rollback');
  }
};

class Walk {
  private readonly table: string;
  private readonly findings: Finding[] = [];
  private readonly gaps: { from: number; to: number }[] = [];
  private readonly breaks: Break[] = [];
  private rows = 0;
  private last = 0;

  constructor(private readonly options: Verification) {
    this.table = `${pg.escapeIdentifier(options.service.replaceAll('-', '_'))}.audit`;
  }

  async walk(): Promise<Verified> {
    const { service } = this.options;
    const [there] = await this.query<{ table: string | null }>('select to_regclass($1) as table', [this.table]);
    const exists = there!.table !== null;
    if (!exists) this.find('truncated', 0, 0, 'there is no trail');
    if (exists) await this.guarded();
    if (exists) await this.read();
    const stored = exists ? await this.query<{ number: number; seq: string; checkpoint: string }>(`select number, seq, checkpoint from ${this.table}_checkpoint order by number`) : [];
    const sworn = await this.sworn(stored, exists);
    await this.order(sworn);
    await this.against(sworn);
    return { service, rows: this.rows, checkpoints: stored.length, findings: this.findings };
  }

  private async read(): Promise<void> {
    let link: Buffer = Buffer.alloc(0);
    for (;;) {
      const page = await this.query<{ seq: string; content: object; previous: Buffer; hash: Buffer }>(
        `select seq, content, previous, hash from ${this.table} where seq > $1 order by seq limit ${PAGE}`, [this.last]);
      if (page.length === 0) return;
      for (const { seq: number, content, previous, hash } of page) {
        const seq = Number(number);
        if (seq > this.last + 1) this.gaps.push({ from: this.last + 1, to: seq - 1 });
        if (!linkOf(previous, canonical(content)).equals(hash)) this.find('changed', seq, seq, `${rowsIn(seq, seq)} was changed`);
        if (!previous.equals(link)) this.breaks.push({ seq, before: this.last, previous });
        if (this.breaks.length > MOST_BREAKS) return this.find('changed', seq, seq, `more than ${MOST_BREAKS} rows do not follow the one before; looked no further than row ${seq}`);
        [this.rows, this.last, link] = [this.rows + 1, seq, hash];
      }
    }
  }

  /** Checkpoints that one of the keys signed, in the table and outside of it; what is wrong with the others is found. */
  private async sworn(stored: readonly { number: number; seq: string; checkpoint: string }[], exists: boolean): Promise<Checkpoint[]> {
    const { service, witnesses = [] } = this.options;
    const keys = this.options.keys ?? (exists ? (await this.query<{ jwk: JWK }>(`select jwk from ${this.table}_key`)).map(({ jwk }) => jwk) : []);
    const sworn: Checkpoint[] = [];
    let expected = 1;
    for (const { number, seq, checkpoint } of stored) {
      if (number > expected) this.find('checkpoint', expected, number - 1, `checkpoints ${expected} to ${number - 1} were removed`);
      expected = number + 1;
      const said = await checked(checkpoint, keys);
      if (said?.service === service && said.number === number && said.seq === Number(seq)) sworn.push(said);
      else this.find('checkpoint', number, number, `checkpoint ${number} is not signed by a known key of ${service}, or was changed`);
    }
    const outside = (await Promise.all(witnesses.map((jws) => checked(jws, keys)))).filter((said) => said?.service === service) as Checkpoint[];
    const farthest = Math.max(0, ...outside.map(({ number }) => number));
    if (farthest >= expected) this.find('checkpoint', expected, farthest, `checkpoints ${expected} to ${farthest} were seen outside and are gone`);
    if (outside.length < witnesses.filter((jws) => namedIn(jws) === service).length) this.find('checkpoint', 0, 0, 'a checkpoint seen outside is not signed by a known key');
    return [...sworn, ...outside].sort((a, b) => a.seq - b.seq);
  }

  /** Rows that do not name the row before them: what was removed, rewritten, inserted, or put elsewhere. */
  private async order(sworn: readonly Checkpoint[]): Promise<void> {
    for (const { from, to } of this.gaps) {
      const closed = !this.breaks.some(({ before }) => before === from - 1);
      this.find('removed', from, to, closed ? `nothing is missing, but the number ${from} is: what follows was numbered anew` : `${rowsIn(from, to)} ${from === to ? 'was' : 'were'} removed`);
    }
    if (this.breaks.length === 0 || this.breaks.length > MOST_BREAKS) return;
    const { inserted, orphaned, moved } = orderOf(await this.runs(), START);
    for (const { from, to } of inserted) this.find('inserted', from, to, `${rowsIn(from, to)} ${from === to ? 'was' : 'were'} inserted`);
    for (const { run: { from, to }, after } of moved) this.find('reordered', from, to, `${rowsIn(from, to)} ${from === to ? 'stands' : 'stand'} elsewhere than written: after ${after ? `row ${after.to}` : 'nothing'}`);
    for (const { from } of orphaned) {
      const before = this.breaks.find(({ seq }) => seq === from)?.before ?? from - 1;
      if (before < from - 1) continue;
      const missing = await this.missingBefore(from, sworn);
      if (missing > 0) this.find('removed', from, from, `${missing} ${missing === 1 ? 'row' : 'rows'} before row ${from} ${missing === 1 ? 'was' : 'were'} removed and the rest numbered anew`);
      else if (before === 0) this.find('removed', from, from, `what stood before row ${from} was removed`);
      else this.find('changed', before, before, `row ${before} was changed together with its hash: it is not what row ${from} follows`);
    }
  }

  /** How much farther up a sworn row stands than it should. */
  private async missingBefore(seq: number, sworn: readonly Checkpoint[]): Promise<number> {
    const next = sworn.find((one) => one.seq >= seq);
    const at = next && await this.seqOf(Buffer.from(next.hash, 'base64url'));
    return next && at !== undefined && at < next.seq ? next.seq - at : 0;
  }

  private async against(sworn: readonly Checkpoint[]): Promise<void> {
    const hashes = new Map((await this.query<{ seq: string; hash: Buffer }>(this.last === 0 ? 'select 0 as seq where false' : `select seq, hash from ${this.table} where seq = any($1)`,
      this.last === 0 ? [] : [sworn.map(({ seq }) => seq)])).map(({ seq, hash }) => [Number(seq), hash.toString('base64url')]));
    const end = sworn.at(-1);
    let good = 0;
    for (const { seq, hash } of sworn) {
      if (hashes.get(seq) === hash) good = seq;
      else if (seq <= this.last && !this.explained(good + 1, seq) && (await this.seqOf(Buffer.from(hash, 'base64url'))) === undefined) {
        this.find('changed', good + 1, seq, `${rowsIn(good + 1, seq)}: at least one was written anew, with all that follow; the checkpoint swears otherwise`);
        return;
      }
    }
    if (end && end.seq > this.last && (await this.seqOf(Buffer.from(end.hash, 'base64url'))) === undefined) {
      this.find('truncated', this.last + 1, end.seq, `${rowsIn(this.last + 1, end.seq)} at the end ${end.seq === this.last + 1 ? 'is' : 'are'} gone`);
    }
  }

  private explained(from: number, to: number): boolean {
    return this.findings.some((one) => one.kind !== 'checkpoint' && one.kind !== 'unguarded' && one.to >= from && one.from <= to);
  }

  /** The trail cut wherever a row does not follow the one before it, and after the rows that those name. */
  private async runs(): Promise<Run[]> {
    const starts = new Set(this.breaks.map(({ seq }) => seq));
    const firstAfter = async (seq: number): Promise<void> => {
      const [row] = await this.query<{ seq: string }>(`select seq from ${this.table} where seq > $1 order by seq limit 1`, [seq]);
      if (row) starts.add(Number(row.seq));
    };
    await firstAfter(0);
    for (const { previous } of this.breaks) {
      const named = previous.length === 0 ? undefined : await this.seqOf(previous);
      if (named !== undefined) await firstAfter(named);
    }
    const sorted = [...starts].sort((a, b) => a - b);
    const runs: Run[] = [];
    for (const [i, from] of sorted.entries()) {
      const [first] = await this.query<{ previous: Buffer }>(`select previous from ${this.table} where seq = $1`, [from]);
      const [end] = await this.query<{ seq: string; hash: Buffer }>(`select seq, hash from ${this.table} where seq < $1 order by seq desc limit 1`, [sorted[i + 1] ?? this.last + 1]);
      runs.push({ from, to: Number(end!.seq), previous: hex(first!.previous), end: hex(end!.hash) });
    }
    return runs;
  }

  private async seqOf(hash: Buffer): Promise<number | undefined> {
    const [row] = this.last === 0 ? [] : await this.query<{ seq: string }>(`select seq from ${this.table} where hash = $1 order by seq limit 1`, [hash]);
    return row && Number(row.seq);
  }

  /** What keeps the trail from being changed may have been taken away first. */
  private async guarded(): Promise<void> {
    const tables = ['', '_checkpoint', '_key'].map((suffix) => this.table + suffix);
    for (const table of tables) {
      const [guard] = await this.query<{ trigger: boolean; rights: boolean }>(`
        select exists (select from pg_trigger where tgrelid = $1::regclass and tgname = 'audit_only_grows' and tgenabled = 'A' and tgtype & 56 = 56) as trigger,
          exists (select from pg_class, aclexplode(relacl) where pg_class.oid = $1::regclass and grantee <> relowner and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')) as rights`, [table]);
      if (!guard!.trigger) this.find('unguarded', 0, 0, `nothing refuses changes of ${table}: its trigger is gone or off`);
      if (guard!.rights) this.find('unguarded', 0, 0, `somebody beside the owner was granted changes of ${table}`);
    }
  }

  private find(kind: Finding['kind'], from: number, to: number, says: string): void {
    this.findings.push({ kind, from, to, says });
  }

  private async query<R extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<R[]> {
    return (await this.options.client.query<R>(sql, parameters)).rows;
  }
}

const namedIn = (jws: string): string | undefined => {
  try {
    return payloadOf(jws).service;
  } catch {
    return undefined;
  }
};
