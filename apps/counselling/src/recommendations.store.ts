import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate, type Stored } from '@opora/messaging';
import { belongsTo, evolve, type Recommendation, type RecommendationFact } from './domain/recommendation.js';

const recommendation: Aggregate<Recommendation, RecommendationFact> = {
  name: 'recommendation',
  table: 'recommendation',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({ client_id: state.clientId, agency: state.agency, status: state.status, belongs_to: belongsTo(state) }),
};

@Injectable()
export class Recommendations extends Store<Recommendation, RecommendationFact> {
  constructor(tools: StoreTools) {
    super(recommendation, tools);
  }

  /** To whom or to what the recommendations about these records belong. */
  async owners(clientIds: readonly string[]): Promise<string[]> {
    const rows = await this.tools.database.query<{ belongs_to: string }>('select distinct belongs_to from recommendation where client_id = any($1)', [clientIds]);
    return rows.map((row) => row.belongs_to);
  }

  async ofIds(ids: readonly string[]): Promise<Stored<Recommendation>[]> {
    return this.tools.database.query<Stored<Recommendation>>('select id, version, state from recommendation where id = any($1)', [ids]);
  }
}
