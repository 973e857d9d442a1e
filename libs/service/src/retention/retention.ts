import { absent, DomainError, type Act } from '@opora/domain';
import { newId, recordTypeOf, type AnyStore, type Clock, type Database, type Erasing } from '@opora/messaging';
import { Every } from '../on.js';
import type { RetentionRule, TableRule } from './rules.js';

export interface Proposal {
  readonly id: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly clientId: string | null;
  readonly legalBasis: string;
  readonly dueSince: string;
  readonly proposedAt: Date;
  readonly confirmedBy: string | null;
  readonly confirmedAt: Date | null;
}

export interface Hold {
  readonly id: string;
  readonly clientId: string;
  readonly recordId: string | null;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAt: Date;
  readonly liftedBy: string | null;
  readonly liftedAt: Date | null;
  readonly liftedFor: string | null;
}

export interface KeptRecord {
  readonly id: string;
  readonly recordType: string;
  readonly clientId: string;
  readonly legalBasis: string;
  readonly until: string | null;
  readonly keptAt: Date;
}

/** Erases a whole person, in all modules: for records that are the person. */
export type ErasePerson = (clientId: string, act: Act) => Promise<void>;

const PROPOSAL = `id, record_type as "recordType", record_id as "recordId", person_id as "clientId", legal_basis as "legalBasis", due_since as "dueSince",
  proposed_at as "proposedAt", confirmed_by as "confirmedBy", confirmed_at as "confirmedAt"`;
const HOLD = `id, person_id as "clientId", record_id as "recordId", reason, placed_by as "placedBy", placed_at as "placedAt", lifted_by as "liftedBy", lifted_at as "liftedAt", lifted_for as "liftedFor"`;
const KEPT = `record_id as id, record_type as "recordType", person_id as "clientId", legal_basis as "legalBasis", until, kept_at as "keptAt"`;

/** Whether a hold is on the record or the person of a row `r`. */
const HELD = 'exists (select from legal_hold h where h.lifted_at is null and h.person_id = r.person and coalesce(h.record_id, r.id) = r.id)';

const SWEPT_AT_ONCE = 5000;

interface Page { readonly after?: string | undefined; readonly limit: number }

/** What may go because its time is over: the machine proposes, a person confirms, the receipt stays. */
export class Retention {
  constructor(
    readonly rules: readonly RetentionRule[], private readonly stores: readonly AnyStore[], private readonly database: Database,
    private readonly erasing: Erasing, private readonly clock: Clock, private readonly tables: readonly TableRule[], private readonly erasePerson?: ErasePerson,
  ) {}

  /** By the day: more often changes nothing, and a service that is started anew every day forgets no day. */
  @Every(3_600_000)
  async propose(): Promise<number> {
    await this.sweep();
    const now = this.clock.now();
    return this.database.transaction(async () => {
      await this.database.query(`set local statement_timeout = '10min'`);
      let proposed = 0;
      for (const due of await this.due()) {
        const rows = await this.database.query(
          `insert into retention_proposal (id, record_type, record_id, person_id, agency, legal_basis, due_since, proposed_at)
           select gen_random_uuid(), r.type, r.id, r.person, r.agency, r.basis, r.since, $1::timestamptz from (${due}) r where r.since <= ($1::timestamptz at time zone 'UTC')::date and not ${HELD}
           on conflict do nothing returning id`, [now]);
        proposed += rows.length;
      }
      return proposed;
    });
  }

  /** `confirmed`: the receipts. */
  proposals({ agency, confirmed }: { agency: string; confirmed: boolean }, { after, limit }: Page): Promise<Proposal[]> {
    return this.database.query<Proposal>(
      `select ${PROPOSAL} from retention_proposal where agency = $1 and (confirmed_at is not null) = $2 and ($3::uuid is null or id < $3) order by id desc limit $4`,
      [agency, confirmed, after ?? null, limit]);
  }

  async proposal(id: string, agency: string): Promise<Proposal> {
    const [found] = await this.database.query<Proposal>(`select ${PROPOSAL} from retention_proposal where id = $1 and agency = $2`, [id, agency]);
    if (!found) throw absent('proposal');
    return found;
  }

  /** Erases the record. Refuses what is on hold, and what has changed since it was proposed. */
  async confirm(id: string, agency: string, act: Act): Promise<Proposal> {
    return this.database.transaction(async () => {
      const [found] = await this.database.query<Proposal>(`select ${PROPOSAL} from retention_proposal where id = $1 and agency = $2 for update`, [id, agency]);
      if (!found) throw absent('proposal');
      if (found.confirmedAt) return found;
      await this.mustBeDue(found);
      const rule = this.rules.find(({ recordType }) => recordType === found.recordType);
      if (rule?.scope === 'person' && found.clientId) await this.erasePerson!(found.clientId, act);
      else await this.erasing.eraseRecord(found.recordType, found.recordId);
      const [receipt] = await this.database.query<Proposal>(
        `update retention_proposal set confirmed_by = $2, confirmed_at = $3, person_id = null where id = $1 returning ${PROPOSAL}`, [id, act.by, act.recordedAt]);
      return receipt!;
    });
  }

  /** Nothing of the person, or nothing of that record, goes until it is lifted; not even when the person is erased. */
  async hold({ clientId, recordId, reason }: { clientId: string; recordId?: string | undefined; reason: string }, agency: string, act: Act): Promise<Hold> {
    const [hold] = await this.database.query<Hold>(
      `insert into legal_hold (id, person_id, record_id, agency, reason, placed_by, placed_at) values ($1, $2, $3, $4, $5, $6, $7) returning ${HOLD}`,
      [newId(), clientId, recordId ?? null, agency, reason, act.by, act.recordedAt]);
    return hold!;
  }

  async lift(id: string, reason: string, agency: string, act: Act): Promise<Hold> {
    const [lifted] = await this.database.query<Hold>(
      `update legal_hold set lifted_by = coalesce(lifted_by, $3), lifted_at = coalesce(lifted_at, $4), lifted_for = coalesce(lifted_for, $5) where id = $1 and agency = $2 returning ${HOLD}`,
      [id, agency, act.by, act.recordedAt, reason]);
    if (!lifted) throw absent('hold');
    return lifted;
  }

  holds({ agency }: { agency: string }, { after, limit }: Page): Promise<Hold[]> {
    return this.database.query<Hold>(`select ${HOLD} from legal_hold where agency = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`, [agency, after ?? null, limit]);
  }

  async holdOf(id: string, agency: string): Promise<Hold> {
    const [found] = await this.database.query<Hold>(`select ${HOLD} from legal_hold where id = $1 and agency = $2`, [id, agency]);
    if (!found) throw absent('hold');
    return found;
  }

  /** What law kept of the erased: that there is something, not what. */
  kept({ agency }: { agency: string }, { after, limit }: Page): Promise<KeptRecord[]> {
    return this.database.query<KeptRecord>(`select ${KEPT} from kept_record where agency = $1 and ($2::uuid is null or record_id < $2) order by record_id desc limit $3`, [agency, after ?? null, limit]);
  }

  /** What is no record, and only grows old, goes without being asked for. */
  private async sweep(): Promise<void> {
    for (const { table, from, term } of this.tables) {
      if (!from || !term) continue;
      const old = `select ctid from ${table} where ${from} < $1::timestamptz - $2::interval limit ${SWEPT_AT_ONCE}`;
      for (let gone = SWEPT_AT_ONCE; gone === SWEPT_AT_ONCE;) gone = (await this.database.query(`delete from ${table} where ctid = any(array(${old})) returning 1`, [this.clock.now(), term])).length;
    }
  }

  private async mustBeDue({ recordType, recordId }: Proposal): Promise<void> {
    const selects = (await this.due()).map((due) => `select r.id, ${HELD} as held from (${due}) r where r.id = $1 and r.type = $2 and r.since <= ($3::timestamptz at time zone 'UTC')::date`);
    const [due] = await this.database.query<{ held: boolean }>(selects.join(' union all '), [recordId, recordType, this.clock.now()]);
    if (!due) throw new DomainError('conflict', 'not-due', 'The record has changed since it was proposed: its term runs anew');
    if (due.held) throw new DomainError('conflict', 'on-hold', 'A hold is on this record or this person; it has to be lifted first');
  }

  /** One select of `id, person, agency, type, basis, since` for each rule, and one for what law kept. Nothing in them comes from a caller. */
  private async due(): Promise<string[]> {
    const columns = await this.database.query<{ name: string; person: string }>(
      `select table_name as name, column_name as person from information_schema.columns where table_schema = current_schema() and column_name in ('client_id', 'person_id')`);
    const ofClients = new Map(columns.map(({ name, person }) => [name, person]));
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const ofRule = ({ recordType, from, term, legalBasis, scope }: RetentionRule): string => {
      const { aggregate: { table } } = this.stores.find(({ aggregate }) => recordTypeOf(aggregate.name) === recordType)!;
      // A person goes last: what else there is has terms of its own. The consent state goes with the person.
      const others = scope === 'person' ? this.stores.map(({ aggregate }) => aggregate.table).filter((other) => other !== table && ofClients.get(other) === 'client_id') : [];
      const alone = others.map((other) => `and not exists (select from ${other} o where o.client_id = t.id and not exists (select from snapshot s where s.aggregate_id = o.id and s.key = t.id::text))`);
      return `select t.id, t.${ofClients.get(table) ?? 'id'} as person, t.agency, ${quoted(recordType)} as type, ${quoted(legalBasis)} as basis,
          ((f.at at time zone 'UTC')::date + interval ${quoted(term)})::date as since
        from fact f join ${table} t on t.id = f.aggregate_id
        where f.type in (${from.map(quoted).join()}) and not exists (select from fact later where later.aggregate_id = f.aggregate_id and later.sequence > f.sequence) ${alone.join(' ')}`;
    };
    return [...this.rules.map(ofRule), `select record_id as id, person_id as person, agency, record_type as type, legal_basis as basis, coalesce(until, kept_at::date) as since from kept_record`];
  }
}
