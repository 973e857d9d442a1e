import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate, type Stored } from '@opora/messaging';
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

  /** `visibleTo` beside the columns: an agency sees the rules of its own instruments and of those that are or were in use. */
  override async page({ visibleTo, ...columns }: Readonly<Record<string, unknown>>, page: { after?: string | undefined; limit: number }): Promise<Stored<NeedRule>[]> {
    const rows = await this.tools.database.query<{ id: string }>(
      `select id from instrument where agency = $1 or status in ('published', 'retired')`, [visibleTo]);
    const visible = rows.map(({ id }) => id).filter((id) => columns['instrument_id'] === undefined || columns['instrument_id'] === id);
    return super.page({ ...columns, instrument_id: visible }, page);
  }

  /** Whatever became of them since. */
  async among(ids: readonly string[]): Promise<NeedRule[]> {
    const rows = await this.tools.database.query<{ state: NeedRule }>('select state from need_rule where id = any($1)', [ids]);
    return rows.map(({ state }) => state);
  }

  /** In the order of their writing. Shared lock: a rule that is just being entered in error finds nothing more. */
  async activeOf(instrumentId: string): Promise<NeedRule[]> {
    const rows = await this.tools.database.query<{ state: NeedRule }>(
      `select state from need_rule where instrument_id = $1 and status = 'active' order by id for share`, [instrumentId]);
    return rows.map(({ state }) => state);
  }
}
