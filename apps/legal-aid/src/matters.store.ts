import { Injectable } from '@nestjs/common';
import { entryKey, planEntryRecorded } from '@opora/contracts';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, planEntries, type Matter, type MatterFact } from './domain/matter.js';

const matter: Aggregate<Matter, MatterFact> = {
  name: 'matter',
  table: 'matter',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({
    client_id: state.clientId, agency: state.agency, status: state.status, referral_id: state.referralId,
    next_deadline: 'next' in state && 'day' in state.next ? state.next.day : null,
  }),
};

@Injectable()
export class Matters extends Store<Matter, MatterFact> {
  constructor(tools: StoreTools) {
    super(matter, tools);
  }

  async ofReferral(referralId: string): Promise<string | undefined> {
    const rows = await this.tools.database.query<{ id: string }>('select id from matter where referral_id = $1', [referralId]);
    return rows[0]?.id;
  }

  /** When the entry's next version was recorded: until then, this version was what the plan showed. */
  async shownUntil(entryId: string, version: number): Promise<string | undefined> {
    const rows = await this.tools.database.query<{ recorded_at: Date }>(
      'select recorded_at from snapshot where topic = $1 and key = $2 and version = $3',
      [planEntryRecorded.topic.name, entryKey(this.tools.module, entryId), version + 1]);
    return rows[0]?.recorded_at.toISOString();
  }
}
