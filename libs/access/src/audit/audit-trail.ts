import type { AuditWitness } from '@opora/contracts';
import type { JWK } from 'jose';
import pg from 'pg';
import type { Seen, Trail } from '../seen.js';
import { payloadOf, sign, signingKey, type Checkpoint, type SigningKey } from './checkpoint.js';
import { entryOf } from './content.js';

export interface AuditTrailOptions {
  readonly service: string;
  /** The service's runtime login. */
  readonly databaseUrl: string;
  /** Ed25519 private key (PEM): signs the checkpoints. */
  readonly key: string;
  readonly report: (what: 'audit checkpoint' | 'audit broken' | 'audit not witnessed', more: { checkpoint?: string; code?: string }) => void;
}

interface Waiting { readonly entries: readonly string[]; done(): void; failed(error: unknown): void }

/** Rows of one transaction; more would hold up those who come with one. */
const BATCH = 500;

/**
 * One service's audit trail. Rows of requests that come at the same time are written by one statement, on a connection of their own: a
 * command that is rolled back was tried all the same. All instances of a service lengthen one chain.
 */
export class AuditTrail implements Trail {
  private readonly pool: pg.Pool;
  private readonly waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private last: (AuditWitness & Pick<Checkpoint, 'number' | 'hash'>) | undefined;
  private count = 0;
  private isBroken = false;

  private constructor(private readonly options: AuditTrailOptions, private readonly key: SigningKey) {
    this.pool = new pg.Pool({
      connectionString: options.databaseUrl, application_name: `audit ${options.service}`, max: 1, keepAlive: true,
      connectionTimeoutMillis: 3_000, statement_timeout: 5_000, query_timeout: 8_000,
      // Durable before the answer, whatever the rest of the database is set to.
      options: '-c synchronous_commit=on',
    });
    // Without a listener a restart of Postgres would end the process.
    this.pool.on('error', () => undefined);
  }

  static async open(options: AuditTrailOptions): Promise<AuditTrail> {
    const key = await signingKey(options.key);
    const trail = new AuditTrail(options, key);
    try {
      await trail.pool.query('insert into audit_key (kid, jwk) values ($1, $2) on conflict do nothing', [key.published.kid, JSON.stringify(key.published)]);
      return trail;
    } catch (error) {
      await trail.pool.end();
      throw error;
    }
  }

  /** Rows that this instance wrote. */
  get rows(): number {
    return this.count;
  }

  /** The trail is no longer what this instance has sworn to. */
  get broken(): boolean {
    return this.isBroken;
  }

  record(seen: readonly Seen[]): Promise<void> {
    if (seen.length === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      this.waiting.push({ entries: seen.map(entryOf), done, failed });
      this.writing ??= this.write();
    });
  }

  /** Every key that ever signed here. */
  async keys(): Promise<JWK[]> {
    return (await this.pool.query<{ jwk: JWK }>('select jwk from audit_key order by since')).rows.map(({ jwk }) => jwk);
  }

  /**
   * Swears to the trail's present end, unless that was done; answers the newest checkpoint, for the world outside of this database. For
   * one instance at a time. Never rejects: what cannot be sworn to is reported, and the last word stands.
   */
  async witness(): Promise<AuditWitness | undefined> {
    try {
      await this.swear();
    } catch (error) {
      this.options.report('audit not witnessed', { code: error instanceof Error ? error.name : 'error' });
    }
    return this.last && { seq: this.last.seq, checkpoint: this.last.checkpoint };
  }

  /** What waits is written first. */
  async close(): Promise<void> {
    while (this.writing) await this.writing;
    await this.pool.end();
  }

  private async write(): Promise<void> {
    // Whoever comes in the same turn of the loop goes along.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      const entries = batch.flatMap((one) => one.entries);
      try {
        await this.pool.query({ name: 'audit-append', text: 'select audit_append($1)', values: [entries] });
        this.count += entries.length;
        batch.forEach(({ done }) => done());
      } catch (error) {
        batch.forEach(({ failed }) => failed(error));
      }
    }
    this.writing = undefined;
  }

  private async swear(): Promise<void> {
    const { rows: [stands] } = await this.pool.query<{ number: number; seq: string; checkpoint: string }>('select * from audit_checkpoint order by number desc limit 1');
    if (this.last && (!stands || stands.number < this.last.number || !(await this.holds(this.last)))) {
      this.isBroken = true;
      return this.options.report('audit broken', { checkpoint: this.last.checkpoint });
    }
    this.isBroken = false;
    if (stands) this.last = { number: stands.number, seq: Number(stands.seq), checkpoint: stands.checkpoint, hash: payloadOf(stands.checkpoint).hash };
    const { rows: [end] } = await this.pool.query<{ seq: string; hash: Buffer; at: Date }>('select seq, hash, clock_timestamp() as at from audit order by seq desc limit 1');
    if (!end || Number(end.seq) === this.last?.seq) return;
    const next = { service: this.options.service, number: (this.last?.number ?? 0) + 1, seq: Number(end.seq), hash: end.hash.toString('base64url'), at: end.at.toISOString() };
    const checkpoint = await sign(next, this.key);
    const { rowCount } = await this.pool.query('insert into audit_checkpoint (number, seq, checkpoint) values ($1, $2, $3) on conflict do nothing', [next.number, next.seq, checkpoint]);
    if (!rowCount) return;
    this.last = { ...next, checkpoint };
    this.options.report('audit checkpoint', { checkpoint });
  }

  private async holds({ seq, hash }: { seq: number; hash: string }): Promise<boolean> {
    const { rows: [row] } = await this.pool.query<{ hash: Buffer }>('select hash from audit where seq = $1', [seq]);
    return row?.hash.toString('base64url') === hash;
  }
}
