import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, type NeedRule, type NeedRuleFact } from './domain/need-rule.js';

const needRule: Aggregate<NeedRule, NeedRuleFact> = {
  name: 'need rule',
  table: 'need_rule',
  evolve,
  agency: (state) => state.agency,
  columns: ({ agency, status, instrumentId }) => ({ agency, status, instrument_id: instrumentId }),
};

@Injectable()
export class NeedRules extends Store<NeedRule, NeedRuleFact> {
  constructor(tools: StoreTools) {
    super(needRule, tools);
  }

  /** In the order of their writing. Shared lock: a rule that is just being entered in error finds nothing more. */
  async activeOf(instrumentId: string): Promise<NeedRule[]> {
    const rows = await this.tools.database.query<{ state: NeedRule }>(
      `select state from need_rule where instrument_id = $1 and status = 'active' order by id for share`, [instrumentId]);
    return rows.map(({ state }) => state);
  }
}
