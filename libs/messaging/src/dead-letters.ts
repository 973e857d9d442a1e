import type { Database } from './database.js';
import type { BrokerRecord } from './broker.js';

export interface DeadLetter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly type: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  readonly status: 'dead' | 'parked' | 'redriven' | 'discarded';
  readonly code: string;
  readonly at: Date;
}

/** Facts that could not be handled, and those of the same key that wait behind them. They stay until a person decides. */
export class DeadLetters {
  constructor(private readonly database: Database) {}

  async put(record: BrokerRecord, status: 'dead' | 'parked', code: string): Promise<void> {
    const { ce_id: id, ce_type: type, ce_source: source } = record.headers;
    await this.database.query(
      `insert into dead_letter (topic, key, event_id, type, source, headers, value, status, code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict do nothing`,
      [record.topic, record.key, id ?? null, type ?? null, source ?? null, JSON.stringify(record.headers), record.value, status, code]);
  }

  /** Whether an earlier fact of this key is still waiting: then later ones must wait behind it. */
  async blocks(topic: string, key: string): Promise<boolean> {
    const rows = await this.database.query(`select 1 from dead_letter where topic = $1 and key = $2 and status in ('dead', 'parked') limit 1`, [topic, key]);
    return rows.length > 0;
  }

  async open(limit: number): Promise<DeadLetter[]> {
    return this.database.query<DeadLetter>(
      `select id, topic, key, type, source, event_id as "eventId", status, code, at from dead_letter where status in ('dead', 'parked') order by id limit $1`, [limit]);
  }

  /** The oldest waiting fact of a key with all behind it, in order. */
  async waiting(topic: string, key: string): Promise<(BrokerRecord & { id: string })[]> {
    return this.database.query(
      `select id, topic, key, headers, value from dead_letter where topic = $1 and key = $2 and status in ('dead', 'parked') order by id`, [topic, key]);
  }

  async mark(id: string, status: 'redriven' | 'discarded'): Promise<void> {
    await this.database.query('update dead_letter set status = $2 where id = $1', [id, status]);
  }
}
