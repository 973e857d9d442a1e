import { Injectable } from '@nestjs/common';
import { consentsChanged, type ConsentState } from '@opora/contracts';
import { absent, type Act, type Decide } from '@opora/domain';
import { Store, StoreTools, type Aggregate, type Changed, type Snapshot, type Stored } from '@opora/messaging';
import { randomBytes } from 'node:crypto';
import { v5 } from 'uuid';
import { isCircumstance } from './domain/circumstances.js';
import { consentState, evolve, giveKey, type Consent, type ConsentFact, type ConsentRecord } from './domain/consent.js';
import { asOnePerson } from './domain/one-person.js';

const circumstanceColumns = (state: ConsentRecord) => {
  const openings = state.circumstances?.openings ?? [];
  const due = openings.filter(({ review }) => !review).map(({ reviewDue }) => reviewDue).sort();
  return {
    barred_subjects: consentState(state).barred?.subjects ?? [],
    opening_ids: openings.map(({ openingId }) => openingId), review_due: due[0] ?? null,
  };
};

const record: Aggregate<ConsentRecord, ConsentFact> = {
  name: 'consent record',
  table: 'consent_record',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({ client_id: state.clientId, agency: state.agency, ...circumstanceColumns(state) }),
  notExported: {
    leaveOut: (key) => key === 'key' || key === 'circumstances' || isCircumstance({ type: key, data: {} }),
    told: [{
      what: { en: 'Who cares for you, from whom you are kept safe, and who opened your record in danger', ru: 'Кто вам помогает, от кого вас берегут и кто смотрел вашу запись в час беды' },
      why: { en: 'It names other people. When your record was opened stands in the list of who looked.', ru: 'Тут имена других людей. Когда запись смотрели, видно в списке взглядов.' },
    }],
  },
};

const NAMESPACE = '6f1c2f60-6a0e-4a4e-9c55-2f1a0b4d8e31';

/** One record per client, under an id of its own that follows from the client's: nobody has to look it up. */
export const recordOf = (clientId: string): string => v5(clientId, NAMESPACE);

@Injectable()
export class Consents extends Store<ConsentRecord, ConsentFact> {
  constructor(tools: StoreTools) {
    super(record, tools);
  }

  one({ state }: Stored<ConsentRecord>, consentId: string): Consent {
    const consent = state.consents.find((one) => one.consentId === consentId);
    if (!consent) throw absent('consent');
    return consent;
  }

  /** Of two records of a person each says what both say together: whatever changes one, the other is heard again. */
  override change(id: string, act: Act, decide: Decide<ConsentRecord, ConsentFact>, options: { expectedVersion?: number | undefined } = {}): Promise<Changed<ConsentRecord>> {
    return this.tools.database.transaction(async () => {
      await this.withOthers(id);
      const changed = await super.change(id, act, decide, options);
      for (const other of await this.withOthers(id)) if (other !== id) await super.change(other, act, () => []);
      return changed;
    });
  }

  /** Call in the transaction that makes the person known. */
  async makeKey(clientId: string, agency: string, act: Act): Promise<void> {
    const key = randomBytes(32).toString('base64url');
    await this.change(recordOf(clientId), act, (record) => giveKey(record, { clientId, agency, key, at: act.at }));
  }

  /** Clients registered by a version that knew no keys. */
  async keyless(): Promise<{ id: string; agency: string }[]> {
    return this.tools.database.query(
      `select id, agency from client where status = 'registered' and not exists (select from consent_record r where r.client_id = client.id and r.state ? 'key') order by id limit 200`);
  }

  /** What all records of these people say together, by each id that was asked for. As it stands this moment; what the other services hear comes later. */
  async states(clientIds: readonly string[]): Promise<ReadonlyMap<string, ConsentState>> {
    const rows = await this.tools.database.query<Stored<ConsentRecord> & { asked: string }>(
      `select a.id as asked, r.id, r.version, r.state from client a join client c on coalesce(c.survivor, c.id) = coalesce(a.survivor, a.id)
       join consent_record r on r.client_id = c.id where a.id = any($1) order by r.client_id <> a.id, r.id`, [clientIds]);
    const recordedAt = this.tools.clock.now();
    return new Map(clientIds.flatMap((clientId): [string, ConsentState][] => {
      const records = rows.filter(({ asked }) => asked === clientId);
      const own = records.find(({ state }) => state.clientId === clientId);
      const others = records.filter((one) => one !== own).map(({ state }) => consentState(state));
      return records.length === 0 ? [] : [[clientId, { ...asOnePerson(own ? consentState(own.state) : { clientId, consents: [], aliases: [] }, others), version: own?.version ?? 1, recordedAt }]];
    }));
  }

  protected override async snapshotsOf(state: ConsentRecord): Promise<Snapshot[]> {
    const others = (await this.ofPerson(state.clientId)).filter((other) => other.state.clientId !== state.clientId).map((other) => consentState(other.state));
    return [{ contract: consentsChanged, key: state.clientId, agency: state.agency, body: asOnePerson(consentState(state), others), stamp: (at) => at }];
  }

  /** Locked, in one order for everybody. */
  private async withOthers(id: string): Promise<string[]> {
    const rows = await this.tools.database.query<{ id: string }>(
      `select id from consent_record where client_id in (
         select c.id from consent_record r join client a on a.id = r.client_id join client c on coalesce(c.survivor, c.id) = coalesce(a.survivor, a.id) where r.id = $1)
       order by id for update`, [id]);
    return rows.map((row) => row.id);
  }

  /** Of all records of the person that say anything, the surviving one first. */
  async ofPerson(clientId: string): Promise<Stored<ConsentRecord>[]> {
    return this.tools.database.query<Stored<ConsentRecord>>(
      `select r.id, r.version, r.state from client a join client c on coalesce(c.survivor, c.id) = coalesce(a.survivor, a.id)
       join consent_record r on r.client_id = c.id where a.id = $1 order by c.survivor is not null, c.id`, [clientId]);
  }

  /** A consent stays with the record under which it was recorded. */
  async holding(clientId: string, consentId: string): Promise<Stored<ConsentRecord> | undefined> {
    return (await this.ofPerson(clientId)).find(({ state }) => state.consents.some((consent) => consent.consentId === consentId));
  }
}
