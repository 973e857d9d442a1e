import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, planEntries, type Referral, type ReferralFact } from './domain/referral.js';

const referral: Aggregate<Referral, ReferralFact> = {
  name: 'referral',
  table: 'referral',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ clientId, agency, status, respondBy }) => ({ client_id: clientId, agency, status, respond_by: respondBy }),
};

@Injectable()
export class Referrals extends Store<Referral, ReferralFact> {
  constructor(tools: StoreTools) {
    super(referral, tools);
  }

  /** Requests that nobody answered in time. */
  async overdue(): Promise<string[]> {
    const rows = await this.tools.database.query<{ id: string }>(
      `select id from referral where status = 'requested' and respond_by <= $1 order by respond_by limit 100`, [this.tools.clock.now()]);
    return rows.map((row) => row.id);
  }
}
