import { Injectable } from '@nestjs/common';
import { entryKey, planEntryRecorded } from '@opora/contracts';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, over, type Matter, type MatterFact } from './domain/matter.js';
import { planEntries } from './domain/matter-entries.js';

const matter: Aggregate<Matter, MatterFact> = {
  name: 'matter',
  table: 'matter',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({
    client_id: state.clientId, agency: state.agency, offer: state.offer, status: state.status, referral_id: state.referralId,
    next_deadline: 'next' in state && 'day' in state.next ? state.next.day : null,
  }),
};

@Injectable()
export class Matters extends Store<Matter, MatterFact> {
  constructor(tools: StoreTools) {
    super(matter, tools);
  }

  /** Call in the transaction that opens a matter: another one for the same person waits until it ends. */
  async hasOpen({ clientId, offer, agency }: { clientId: string; offer: string; agency: string }): Promise<boolean> {
    await this.tools.database.query(`select pg_advisory_xact_lock(hashtextextended('matter ' || current_schema() || $1, 0))`, [clientId]);
    const rows = await this.tools.database.query(
      'select 1 from matter where client_id = $1 and offer = $2 and agency = $3 and status <> all($4) limit 1', [clientId, offer, agency, over]);
    return rows.length > 0;
  }

  async ofReferral(referralId: string): Promise<string | undefined> {
    const rows = await this.tools.database.query<{ id: string }>('select id from matter where referral_id = $1', [referralId]);
    return rows[0]?.id;
  }

  /** Until when the plan showed this version of the entry; undefined when there is no such version. */
  async shown(entryId: string, version: number): Promise<{ until?: string } | undefined> {
    const rows = await this.tools.database.query<{ version: number; recorded_at: Date }>(
      'select version, recorded_at from snapshot where topic = $1 and key = $2 and version in ($3, $3 + 1) order by version',
      [planEntryRecorded.topic.name, entryKey(this.tools.module, entryId), version]);
    const [asked, next] = rows;
    if (asked?.version !== version) return undefined;
    return next ? { until: next.recorded_at.toISOString() } : {};
  }
}
