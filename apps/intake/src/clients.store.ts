import { Injectable } from '@nestjs/common';
import type { Act, Decide } from '@opora/domain';
import { Store, StoreTools, type Aggregate, type Changed, type Stored, type Visible } from '@opora/messaging';
import { evolve, type Client, type ClientFact } from './domain/client.js';
import { matchKeys, nearBirths, type MatchKey } from './domain/matching.js';
import type { Person } from './domain/person.js';

const client: Aggregate<Client, ClientFact> = {
  name: 'client',
  table: 'client',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ agency, status, person }) => ({ agency, status, birth: person.birthDate.value ?? null }),
  notExported: {
    leaveOut: (key, value) => key === 'distinctFrom' || key === 'codeWord' || (key === 'address' && (value as Partial<Person>['address'])?.value?.class === 'safe'),
    told: [
      { what: { en: 'Numbers of other people with a name like yours', ru: 'Номера других людей с похожим именем' }, why: { en: 'It is about other people.', ru: 'Это о других людях.' } },
      {
        what: { en: 'Your safe address and code words, if you have any', ru: 'Ваш тайный адрес и тайные слова, если они есть' },
        why: { en: 'This file may fall into the wrong hands. Ask us for them in person.', ru: 'Этот файл могут взять чужие. Спросите о них у нас лично.' },
      },
    ],
  },
};

/** Every word begins a word of the name; everything else is equal. */
export interface Wanted {
  readonly parts: readonly string[];
  readonly keys: readonly MatchKey[];
}

const text = ({ kind, key }: MatchKey): string => `${kind} ${key}`;

@Injectable()
export class Clients extends Store<Client, ClientFact> {
  constructor(tools: StoreTools) {
    super(client, tools);
  }

  /** Match keys are written with the record itself, and anew when the code folds names differently. */
  override change(id: string, act: Act, decide: Decide<Client, ClientFact>, options: { expectedVersion?: number | undefined } = {}): Promise<Changed<Client>> {
    return this.tools.database.transaction(async () => {
      const changed = await super.change(id, act, decide, options);
      await this.keepKeys(changed);
      return changed;
    });
  }

  /** The surviving records, beside the ids that were asked for. */
  async survivors(ids: readonly string[]): Promise<(Stored<Client> & { asked: string })[]> {
    return this.tools.database.query<Stored<Client> & { asked: string }>(
      `select a.id as asked, c.id, c.version, c.state from client a join client c on c.id = coalesce(a.survivor, a.id) where a.id = any($1) and c.status = 'registered'`, [ids]);
  }

  async many(ids: readonly string[]): Promise<Stored<Client>[]> {
    return this.tools.database.query<Stored<Client>>(`select id, version, state from client where id = any($1) and status = 'registered'`, [ids]);
  }

  /** Whether anything still stands on this record; consents aside, which go with it. */
  async inUse(id: string): Promise<boolean> {
    const rows = await this.tools.database.query(
      ['help_request', 'screening', 'need'].map((table) => `(select 1 from ${table} where client_id = $1 and status <> 'entered-in-error' limit 1)`).join(' union all '), [id]);
    return rows.length > 0;
  }

  /**
   * Records that may be of this person. Call inside the transaction that then writes: until it ends, nobody else can record
   * somebody with one of the same keys.
   */
  async lookalikes(person: Person): Promise<(Stored<Client> & { survivor: string | null })[]> {
    const keys = matchKeys(person).filter(({ kind }) => kind !== 'part');
    await this.tools.database.query(
      `select pg_advisory_xact_lock(hash) from (select distinct hashtextextended('client ' || key, 0) as hash from unnest($1::text[]) as k (key) order by 1) as sorted`,
      [keys.map(text)]);
    const rows = await this.tools.database.query<Stored<Client> & { survivor: string | null; certain: boolean }>(
      `select c.id, c.version, c.state, c.survivor, k.certain from client c join (
         select client_id, bool_or(k.kind <> 'name') as certain from client_match_key k
         join unnest($1::text[], $2::text[]) as w (kind, key) on k.kind = w.kind and k.key = w.key group by client_id
       ) as k on k.client_id = c.id order by c.id`,
      [keys.map(({ kind }) => kind), keys.map(({ key }) => key)]);
    return rows.filter(({ certain, state }) => certain || nearBirths(state.person.birthDate, person.birthDate));
  }

  /** Everybody once: a merged record is found as the one that survives. `wanted` and `birth` beside the columns: whoever has a record that fits. */
  override async page(filter: Readonly<Record<string, unknown>>, page: { after?: string | undefined; limit: number }, visible?: Visible): Promise<Stored<Client>[]> {
    const { wanted, birth, ...columns } = filter as { wanted?: Wanted; birth?: string; agency?: string };
    const fits = wanted !== undefined || birth !== undefined;
    return super.page({ ...columns, survivor: null, ...(fits && { id: await this.fitting(wanted ?? { parts: [], keys: [] }, birth, columns.agency) }) }, page, visible);
  }

  private async fitting({ parts, keys }: Wanted, birth: string | undefined, agency: string | undefined): Promise<string[]> {
    const conditions = [
      ...parts.map((part) => ({ sql: `kind = 'part' and key like $`, values: [`${part}%`] })),
      ...keys.map(({ kind, key }) => ({ sql: 'kind = $ and key = $', values: [kind, key] })),
    ];
    let place = 2;
    const selects = conditions.map(({ sql }) => `select client_id from client_match_key where ${sql.replace(/\$/g, () => `$${++place}`)}`);
    const rows = await this.tools.database.query<{ id: string }>(
      `select distinct coalesce(survivor, id) as id from client where ($1::text is null or birth = $1) and ($2::text is null or agency = $2)
       ${selects.length > 0 ? `and id in (${selects.join(' intersect ')})` : ''}`, [birth ?? null, agency ?? null, ...conditions.flatMap(({ values }) => values)]);
    return rows.map((row) => row.id);
  }

  private async keepKeys({ id, state }: Stored<Client>): Promise<void> {
    const keys = state.status === 'registered' ? matchKeys(state.person) : [];
    const kept = await this.tools.database.query<MatchKey>('select kind, key from client_match_key where client_id = $1', [id]);
    const [now, before] = [keys, kept].map((list) => list.map(text).sort().join('\n'));
    if (now === before) return;
    await this.tools.database.query('delete from client_match_key where client_id = $1', [id]);
    await this.tools.database.query('insert into client_match_key (client_id, kind, key) select $1, kind, key from unnest($2::text[], $3::text[]) as k (kind, key)',
      [id, keys.map(({ kind }) => kind), keys.map(({ key }) => key)]);
  }
}
