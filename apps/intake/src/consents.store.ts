import { Injectable } from '@nestjs/common';
import { consentsChanged, type ConsentState } from '@opora/contracts';
import { absent } from '@opora/domain';
import { Store, StoreTools, type Aggregate, type Stored } from '@opora/messaging';
import { v5 } from 'uuid';
import { consentState, evolve, type Consent, type ConsentFact, type ConsentRecord } from './domain/consent.js';

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
  snapshots: (state) => [{ contract: consentsChanged, key: state.clientId, agency: state.agency, body: consentState(state), stamp: (at) => at }],
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

  /** As they stand this moment; what the other services hear comes later. */
  async states(clientIds: readonly string[]): Promise<ReadonlyMap<string, ConsentState>> {
    const rows = await this.tools.database.query<Stored<ConsentRecord>>('select id, version, state from consent_record where client_id = any($1)', [clientIds]);
    return new Map(rows.map(({ version, state }) => [state.clientId, { ...consentState(state), version, recordedAt: this.tools.clock.now() }]));
  }
}
