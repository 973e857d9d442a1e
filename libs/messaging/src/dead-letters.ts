import { DomainError, type Trouble } from '@opora/domain';
import type { Delivery } from './broker.js';
import type { Database } from './database.js';
import { LONGEST_NAME, TYPE_UNKNOWN } from './envelope.js';
import { UnfitFact } from './outbox.js';

export interface DeadLetter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly type: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  readonly status: 'dead' | 'parked' | 'redriven' | 'discarded';
  readonly code: string;
  /** Where the refusal points in the event's data; never what stands there. */
  readonly errors: readonly Pick<Trouble, 'pointer' | 'code'>[];
  readonly at: Date;
}

/** Narrows a list down to letters that have all of these. */
export type LetterFilter = { readonly [field in 'topic' | 'key' | 'type' | 'code']?: string | undefined };

/** Why a fact was put away: a refusal's own code, or the kind of error. Messages may quote data and stay out. */
export interface Cause {
  readonly code: string;
  readonly errors?: readonly Trouble[];
}

export const causeOf = (error: unknown): Cause => {
  if (error instanceof DomainError || error instanceof UnfitFact) return { code: error.code, errors: error.errors };
  return { code: error instanceof Error ? `error:${error.name}` : 'error' };
};

const asJson = ({ errors = [] }: Cause): string => JSON.stringify(errors.map(({ pointer, code }) => ({ pointer, code })));

/** What is longer was refused for it, and is kept as far as the indexes take it. */
const cut = (text: string | undefined): string | null => text === undefined ? null : text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;

const OPEN = `status in ('dead', 'parked')`;
/** Parameters 1 to 4. */
const MATCHING = `${OPEN} and topic = coalesce($1, topic) and key = coalesce($2, key) and ($3::text is null or type = $3) and code = coalesce($4, code)`;
const values = ({ topic, key, type, code }: LetterFilter) => [topic ?? null, key ?? null, type ?? null, code ?? null];
const SHOWN = `id, topic, key, type, source, event_id as "eventId", status, code, errors, at`;

/** Facts that could not be handled, and those of the same key that wait behind them. They stay until a person decides. */
export class DeadLetters {
  constructor(private readonly database: Database) {}

  /** A fact has one letter, also when it is delivered again. What went through once and now fails is open again. */
  async put(record: Delivery, status: 'dead' | 'parked', cause: Cause): Promise<void> {
    const { ce_id: id, ce_type: type, ce_source: source } = record.headers;
    await this.database.query(
      `insert into dead_letter (topic, key, position, event_id, type, source, headers, value, status, code, errors) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict (topic, coalesce(source, ''), coalesce(event_id, 'at ' || position))
       do update set status = excluded.status, code = excluded.code, errors = excluded.errors, at = excluded.at where dead_letter.status = 'redriven'`,
      [record.topic, cut(record.key), record.position, cut(id), cut(type), cut(source), JSON.stringify(record.headers), record.value, status, cause.code, asJson(cause)]);
  }

  /** Whether an earlier fact of this key is still waiting: then later ones must wait behind it. */
  async blocks(topic: string, key: string): Promise<boolean> {
    return (await this.database.query(`select 1 from dead_letter where topic = $1 and key = $2 and ${OPEN} and code <> '${TYPE_UNKNOWN}' limit 1`, [topic, key])).length > 0;
  }

  /** Until the end of the transaction nobody else opens or settles letters of this key. */
  async hold(topic: string, key: string): Promise<void> {
    await this.database.query(`select pg_advisory_xact_lock(hashtextextended('dead letters ' || current_schema() || ' ' || $1 || ' ' || $2, 0))`, [topic, key]);
  }

  /** The oldest first. `after` is the last id of the page before. */
  async page(filter: LetterFilter, { after = '0', limit }: { after?: string | undefined; limit: number }): Promise<DeadLetter[]> {
    return this.database.query<DeadLetter>(`select ${SHOWN} from dead_letter where ${MATCHING} and id > $5 order by id limit $6`, [...values(filter), after, limit]);
  }

  async count(filter: LetterFilter): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(`select count(*)::int as count from dead_letter where ${MATCHING}`, values(filter));
    return row!.count;
  }

  /** Where such letters are, whoever waits longest first. */
  async places(filter: LetterFilter, limit: number): Promise<{ topic: string; key: string }[]> {
    return this.database.query(`select topic, key from dead_letter where ${MATCHING} group by topic, key order by min(id) limit $5`, [...values(filter), limit]);
  }

  /** An open letter. Any text may be asked for. */
  async get(id: string): Promise<DeadLetter | undefined> {
    return (await this.database.query<DeadLetter>(`select ${SHOWN} from dead_letter where ${OPEN} and id::text = $1`, [id]))[0];
  }

  /** The oldest fact of a key that waits, of those after the letter `after`. */
  async oldest(topic: string, key: string, after: string): Promise<(Delivery & { id: string }) | undefined> {
    const [letter] = await this.database.query<Delivery & { id: string }>(
      `select id, topic, key, position, headers, value from dead_letter where topic = $1 and key = $2 and ${OPEN} and id > $3 order by id limit 1`, [topic, key, after]);
    return letter;
  }

  async redriven(id: string): Promise<void> {
    await this.database.query(`update dead_letter set status = 'redriven' where id = $1`, [id]);
  }

  async stillFails(id: string, cause: Cause): Promise<void> {
    await this.database.query(`update dead_letter set status = 'dead', code = $2, errors = $3 where id = $1 and ${OPEN}`, [id, cause.code, asJson(cause)]);
  }

  /** It will never take effect, also when it is delivered again. Those behind it go on waiting until they are redriven. */
  async discard({ id, topic, key }: DeadLetter, reason: string, by: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.hold(topic, key);
      await this.database.query(
        `with gone as (update dead_letter set status = 'discarded', discarded_for = $2, discarded_by = $3 where id = $1 and ${OPEN} returning source, event_id)
         insert into inbox (source, event_id) select source, event_id from gone where source is not null and event_id is not null on conflict do nothing`, [id, reason, by]);
    });
  }
}
