import { entryKey, planEntryRecorded, topics, type Contract, type PlanEntryBody, type Titles } from '@opora/contracts';
import { absent, DomainError, idTaken, type Act, type Decide, type Evolve, type Fact } from '@opora/domain';
import type { Clock } from './clock.js';
import type { Database } from './database.js';
import type { Outbox } from './outbox.js';
import type { Snapshot, Snapshots } from './snapshots.js';

/** What the Store must know of one kind of aggregate. All functions are pure. */
export interface Aggregate<S, F extends Fact> {
  /** As people call it in refusals: `matter`. */
  readonly name: string;
  /** Columns: `id uuid primary key, version integer, state jsonb`, and those that `columns` names. */
  readonly table: string;
  readonly evolve: Evolve<S, F>;
  readonly agency: (state: S) => string;
  /** Whom it is about: the person's facts stay in order, and go when the person is erased. Undefined while it is about nobody known. */
  readonly client?: (state: S) => string | undefined;
  /** It stays when the person is erased, and holds nothing of the person but the id. */
  readonly receipt?: true;
  /** What queries need beside the state. */
  readonly columns: (state: S) => Readonly<Record<string, unknown>>;
  readonly planEntries?: (state: S) => readonly PlanEntryBody[];
  /** What else goes to compacted topics. */
  readonly snapshots?: (state: S) => readonly Snapshot[];
  /** Nobody else needs to hear of it: facts are remembered and not said. */
  readonly staysHere?: boolean;
  readonly notExported?: NotExported;
}

/** What is not the person's to take along: it is about others, or harms the person in the wrong hands. */
export interface NotExported {
  /** `key`: of a field anywhere in the state or in a fact, or the type of a fact. */
  readonly leaveOut: (key: string, value: unknown, within: object) => boolean;
  readonly told: readonly { readonly what: Titles; readonly why: Titles }[];
}

/** Which rows may be shown: what has to be joined, and the condition. `add` hands a parameter in and answers with its place. */
export interface Visible {
  readonly join: (table: string) => string;
  readonly where: (table: string, add: (value: unknown) => string) => string;
}

export interface Stored<S> {
  readonly id: string;
  readonly version: number;
  readonly state: S;
}

export interface Changed<S> extends Stored<S> {
  /** `<module>/<entryId>@<version>` of the plan entry that the command touched, if the aggregate has any. */
  readonly entry?: string | undefined;
}

/** What the stores of one service share. */
export class StoreTools {
  constructor(
    readonly module: string,
    /** The facts that the service says, by type. */
    readonly says: ReadonlyMap<string, Contract>,
    readonly database: Database,
    readonly outbox: Outbox,
    readonly snapshots: Snapshots,
    readonly clock: Clock,
  ) {}
}

interface Row<S> { id: string; version: number; state: S }

/** The one way to change state: lock, load, decide, evolve, save, tell. All of it happens in one transaction or not at all. */
export class Store<S, F extends Fact> {
  constructor(readonly aggregate: Aggregate<S, F>, protected readonly tools: StoreTools) {}

  /**
   * Creating is a change of undefined state. A decision without facts writes nothing.
   * Refuses with `stale-version` (412) when the version is not the expected one.
   */
  async change(id: string, act: Act, decide: Decide<S, F>, options: { expectedVersion?: number | undefined } = {}): Promise<Changed<S>> {
    return this.tools.database.transaction(async () => {
      const row = await this.locked(id);
      if (options.expectedVersion !== undefined && options.expectedVersion !== (row?.version ?? 0)) {
        throw new DomainError('stale', 'stale-version', `This ${this.aggregate.name} has changed meanwhile; read it again and decide anew`);
      }
      const facts = decide(row?.state);
      const before = row?.version ?? 0;
      const after = facts.reduce<S | undefined>(this.aggregate.evolve, row?.state);
      if (after === undefined) throw new Error(`A ${this.aggregate.name} without facts has no state`);
      const version = before + facts.length;
      if (before === 0 && facts.length > 0) await this.refuseErased(after);
      if (facts.length > 0) {
        await this.save(id, before, version, after);
        await this.remember(id, before, facts, act);
        if (!this.aggregate.staysHere) await this.tell(id, before, facts, after, act);
      }
      return { id, version, state: after, entry: await this.publish(id, version, after, act.recordedAt) };
    });
  }

  async load(id: string): Promise<Stored<S> | undefined> {
    const rows = await this.tools.database.query<Row<S>>(`select id, version, state from ${this.aggregate.table} where id = $1`, [id]);
    return rows[0];
  }

  /**
   * Newest first. `filter` compares columns for equality (an array: any of them; null: nothing there); `after` is the last id of the page before.
   * `visible` leaves out what the reader may not see, before the page is counted.
   */
  async page(filter: Readonly<Record<string, unknown>>, { after, limit }: { after?: string | undefined; limit: number }, visible?: Visible): Promise<Stored<S>[]> {
    const parameters: unknown[] = [];
    const add = (value: unknown): string => `$${parameters.push(value)}`;
    const where = Object.entries(filter).filter(([, value]) => value !== undefined)
      .map(([column, value]) => value === null ? `t.${column} is null` : Array.isArray(value) ? `t.${column} = any(${add(value)})` : `t.${column} = ${add(value)}`);
    if (after !== undefined) where.push(`t.id < ${add(after)}`);
    if (visible) where.push(visible.where('t', add));
    const clause = where.length ? `where ${where.join(' and ')}` : '';
    return this.tools.database.query<Row<S>>(
      `select t.id, t.version, t.state from ${this.aggregate.table} t ${visible?.join('t') ?? ''} ${clause} order by t.id desc limit ${add(limit)}`, parameters);
  }

  /** After a deployment the code may say of an old state what it did not say before: publishes the difference. */
  async refresh(): Promise<void> {
    for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
      const ids = await this.tools.database.query<{ id: string }>(`select id from ${this.aggregate.table} where id > $1 order by id limit 200`, [last]);
      if (ids.length === 0) return;
      for (const { id } of ids) await this.change(id, this.act(this.tools.module), () => []);
      last = ids.at(-1)!.id;
    }
  }

  /** Those of these records that name the people name nobody from now on. Nothing happened to them: no fact, no new version. */
  async unname(ids: readonly string[], persons: readonly string[], nobody: string): Promise<void> {
    const { table, columns, client } = this.aggregate;
    const rows = await this.tools.database.query<Row<S>>(`select id, version, state from ${table} where id = any($1) and state::text like any($2) for update`, [ids, persons.map((id) => `%${id}%`)]);
    for (const { id, version, state } of rows) {
      if (persons.includes(client?.(state) ?? '')) continue;
      const text = persons.reduce((left, person) => left.replaceAll(person, nobody), JSON.stringify(state));
      const after = JSON.parse(text) as S;
      const changed = Object.entries({ ...columns(after), state: text });
      await this.tools.database.query(`update ${table} set ${changed.map(([column], i) => `${column} = $${i + 2}`).join(', ')} where id = $1`, [id, ...changed.map(([, value]) => value)]);
      await this.publish(id, version, after, this.tools.clock.now());
    }
  }

  /** For what happens now and is recorded by a module itself. */
  act(by: string): Act {
    const now = this.tools.clock.now();
    return { by, recordedAt: now, at: now };
  }

  /** What goes to compacted topics beside plan entries; for a store whose aggregates speak for one another. */
  protected async snapshotsOf(state: S): Promise<readonly Snapshot[]> {
    return this.aggregate.snapshots?.(state) ?? [];
  }

  private async locked(id: string): Promise<Row<S> | undefined> {
    const rows = await this.tools.database.query<Row<S>>(`select id, version, state from ${this.aggregate.table} where id = $1 for update`, [id]);
    return rows[0];
  }

  private async save(id: string, before: number, version: number, state: S): Promise<void> {
    const columns = Object.entries({ ...this.aggregate.columns(state), version, state: JSON.stringify(state) });
    const values = columns.map(([, value]) => value);
    const { table } = this.aggregate;
    const saved = before === 0
      ? await this.tools.database.query(
        `insert into ${table} (id, ${columns.map(([c]) => c).join(', ')}) values ($1, ${columns.map((_, i) => `$${i + 2}`).join(', ')}) on conflict do nothing returning id`,
        [id, ...values])
      : await this.tools.database.query(
        `update ${table} set ${columns.map(([c], i) => `${c} = $${i + 3}`).join(', ')} where id = $1 and version = $2 returning id`,
        [id, before, ...values]);
    if (saved.length === 0) throw new DomainError('conflict', 'changed-at-once', `Somebody else changed this ${this.aggregate.name} at the same moment; try again`);
  }

  /** The whole history stays here, with what never leaves and who recorded it. An aggregate of another kind may have the id already. */
  private async remember(id: string, before: number, facts: readonly F[], { by, recordedAt, at, onBehalfOf }: Act): Promise<void> {
    for (const [i, { type, data, own }] of facts.entries()) {
      const remembered = await this.tools.database.query(
        `insert into fact (aggregate, aggregate_id, sequence, type, data, own, recorded_at, recorded_by, at, on_behalf_of)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning sequence`,
        [this.aggregate.name, id, before + i + 1, type, JSON.stringify(data), own === undefined ? null : JSON.stringify(own), recordedAt, by, at, onBehalfOf ?? null]);
      if (remembered.length === 0) throw idTaken();
    }
  }

  private async tell(id: string, before: number, facts: readonly F[], state: S, { recordedAt: time }: Act): Promise<void> {
    const agency = this.aggregate.agency(state);
    const client = this.aggregate.client?.(state);
    const key = client ?? id;
    const person = this.aggregate.receipt ? undefined : client;
    await this.tools.outbox.add(facts.map((fact, i) => {
      const contract = this.tools.says.get(fact.type);
      if (!contract) throw new Error(`${this.tools.module} does not list the fact ${fact.type} among what it says`);
      return { contract, key, person, subject: id, time, sequence: before + i + 1, agency, data: fact.data };
    }));
  }

  /** Whoever is erased stays so. An erasure at this very moment waits for us, or we for it. */
  private async refuseErased(state: S): Promise<void> {
    const client = this.aggregate.receipt ? undefined : this.aggregate.client?.(state);
    if (client === undefined) return;
    await this.tools.database.query(`select pg_advisory_xact_lock_shared(hashtextextended('person ' || current_schema() || $1, 0))`, [client]);
    const erased = await this.tools.database.query('select 1 from head where topic = $1 and key = $2 and body is null', [topics.consents.name, client]);
    if (erased.length > 0) throw absent('client');
  }

  private async publish(id: string, version: number, state: S, now: string): Promise<string | undefined> {
    const { module, snapshots } = this.tools;
    const entries = this.aggregate.planEntries?.(state) ?? [];
    const others = await this.snapshotsOf(state);
    if (!this.aggregate.planEntries && others.length === 0) return undefined;
    const asSnapshot = (body: PlanEntryBody): Snapshot => ({
      contract: planEntryRecorded, key: entryKey(module, body.entryId), agency: body.agency, body,
      stamp: (at) => ({ module, ...at, aggregate: { id, version } }),
    });
    const published = await snapshots.publish(id, version, [...entries.map(asSnapshot), ...others], now);
    const tokens = entries.map((entry) => entryKey(module, entry.entryId));
    const told = tokens.find((key) => published.get(key)?.changed) ?? tokens[0];
    return told && `${told}@${published.get(told)!.version}`;
  }
}
