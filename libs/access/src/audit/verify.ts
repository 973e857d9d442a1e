import { canonical } from '@opora/contracts';
import type { JWK } from 'jose';
import type pg from 'pg';
import { checked, serviceOf, type Checkpoint } from './checkpoint.js';
import { linkOf } from './content.js';
import { orderOf } from './order.js';
import { StoredTrail } from './stored-trail.js';

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
  /** Checkpoints that were seen outside of the service's schema, of whatever service. */
  readonly witnesses?: readonly string[];
}

interface Break { readonly seq: number; readonly before: number; readonly previous: Buffer }

/** A trail that is broken in more places was not tampered with but destroyed. */
const MOST_BREAKS = 50;

/** Walks one service's trail in one snapshot: content, links, order, gaps, checkpoints, end. Changes nothing. */
export const verifyTrail = async (options: Verification): Promise<Verified> => {
  const { client } = options;
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    return await new Walk(options, new StoredTrail(client, options.service)).walk();
  } finally {
    await client.query('rollback');
  }
};

const rowsIn = (from: number, to: number): string => (from === to ? `row ${from}` : `rows ${from} to ${to}`);
const were = (from: number, to: number): string => `${rowsIn(from, to)} ${from === to ? 'was' : 'were'}`;

class Walk {
  private readonly findings: Finding[] = [];
  private readonly gaps: { from: number; to: number }[] = [];
  private readonly breaks: Break[] = [];
  private rows = 0;
  private last = 0;
  private checkpoints = 0;

  constructor(private readonly options: Verification, private readonly trail: StoredTrail) {}

  async walk(): Promise<Verified> {
    const { service } = this.options;
    const exists = await this.trail.exists();
    if (exists) {
      (await this.trail.unguarded()).forEach((says) => this.find('unguarded', 0, 0, says));
      await this.read();
      const sworn = await this.sworn();
      await this.order(sworn);
      await this.against(sworn);
    } else this.find('truncated', 0, 0, 'there is no trail');
    return { service, rows: this.rows, checkpoints: this.checkpoints, findings: this.findings };
  }

  private async read(): Promise<void> {
    let link: Buffer = Buffer.alloc(0);
    for await (const { seq, content, previous, hash } of this.trail.rows()) {
      if (seq > this.last + 1) this.gaps.push({ from: this.last + 1, to: seq - 1 });
      if (!linkOf(previous, canonical(content)).equals(hash)) this.find('changed', seq, seq, `row ${seq} was changed`);
      if (!previous.equals(link)) this.breaks.push({ seq, before: this.last, previous });
      if (this.breaks.length > MOST_BREAKS || this.findings.length > MOST_BREAKS) return this.find('changed', seq, seq, `more than ${MOST_BREAKS} places are broken; looked no further than row ${seq}`);
      [this.rows, this.last, link] = [this.rows + 1, seq, hash];
    }
  }

  /** Checkpoints that one of the keys signed, in the schema and outside of it, by row; what is wrong with the others is found. */
  private async sworn(): Promise<Checkpoint[]> {
    const { service, witnesses = [] } = this.options;
    const [keys, stored] = [this.options.keys ?? await this.trail.keys(), await this.trail.checkpoints()];
    this.checkpoints = stored.length;
    const sworn: Checkpoint[] = [];
    let expected = 1;
    for (const { number, seq, checkpoint } of stored) {
      if (number > expected) this.find('checkpoint', expected, number - 1, `checkpoints ${expected} to ${number - 1} were removed`);
      expected = number + 1;
      const said = await checked(checkpoint, keys);
      if (said?.service === service && said.number === number && said.seq === seq) sworn.push(said);
      else this.find('checkpoint', number, number, `checkpoint ${number} is not signed by a known key of ${service}, or was changed`);
    }
    const claimed = witnesses.filter((jws) => serviceOf(jws) === service);
    const outside = (await Promise.all(claimed.map((jws) => checked(jws, keys)))).filter((said) => said !== undefined);
    const farthest = Math.max(0, ...outside.map(({ number }) => number));
    if (farthest >= expected) this.find('checkpoint', expected, farthest, `checkpoints ${expected} to ${farthest} were seen outside and are gone`);
    if (outside.length < claimed.length) this.find('checkpoint', 0, 0, `${claimed.length - outside.length} checkpoints seen outside are not signed by a known key of ${service}`);
    return [...sworn, ...outside].sort((a, b) => a.seq - b.seq);
  }

  /** Rows that do not name the row before them: what was removed, rewritten, inserted, or put elsewhere. */
  private async order(sworn: readonly Checkpoint[]): Promise<void> {
    for (const { from, to } of this.gaps) this.find('removed', from, to, `${were(from, to)} removed`);
    if (this.breaks.length === 0 || this.breaks.length > MOST_BREAKS) return;
    const runs = await this.trail.runs(this.breaks.map(({ seq }) => seq), this.breaks.map(({ previous }) => previous), this.last);
    const { inserted, orphaned, moved } = orderOf(runs, '');
    for (const { from, to } of inserted) this.find('inserted', from, to, `${were(from, to)} inserted`);
    for (const { run: { from, to }, after } of moved) this.find('reordered', from, to, `${were(from, to)} moved: written after ${after ? `what is row ${after.to} now` : 'nothing'}`);
    for (const { from } of orphaned) {
      const { before } = this.breaks.find(({ seq }) => seq === from)!;
      // What stands in a gap was found as removed.
      if (before < from - 1) continue;
      const missing = await this.missingBefore(from, sworn);
      if (missing > 0) this.find('removed', from, from, `before row ${from} stood ${missing} more; they were removed and the rest numbered anew`);
      else if (before === 0) this.find('removed', from, from, `what stood before row ${from} was removed`);
      else this.find('changed', before, before, `row ${before} was changed together with its hash, or those after it removed: row ${from} follows another`);
    }
  }

  /** How much farther up a sworn row stands than it should. */
  private async missingBefore(seq: number, sworn: readonly Checkpoint[]): Promise<number> {
    const next = sworn.find((one) => one.seq >= seq);
    const at = next && await this.trail.seqOf(Buffer.from(next.hash, 'base64url'));
    return next && at !== undefined && at < next.seq ? next.seq - at : 0;
  }

  /** The trail against what was sworn of it. */
  private async against(sworn: readonly Checkpoint[]): Promise<void> {
    const hashes = await this.trail.hashesOf(sworn.map(({ seq }) => seq));
    const nowhere = async ({ hash }: Checkpoint): Promise<boolean> => (await this.trail.seqOf(Buffer.from(hash, 'base64url'))) === undefined;
    let good = 0;
    for (const one of sworn) {
      if (hashes.get(one.seq) === one.hash) good = one.seq;
      else if (one.seq <= this.last && !this.found(good + 1, one.seq) && await nowhere(one)) {
        return this.find('changed', good + 1, one.seq, `of ${rowsIn(good + 1, one.seq)} at least one was written anew, with all that follow; a checkpoint swears otherwise`);
      }
    }
    const end = sworn.at(-1);
    if (end && end.seq > this.last && await nowhere(end)) this.find('truncated', this.last + 1, end.seq, `${were(this.last + 1, end.seq)} cut off at the end`);
  }

  private found(from: number, to: number): boolean {
    return this.findings.some((one) => one.kind !== 'checkpoint' && one.kind !== 'unguarded' && one.to >= from && one.from <= to);
  }

  private find(kind: Finding['kind'], from: number, to: number, says: string): void {
    this.findings.push({ kind, from, to, says });
  }
}
