import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, type Recommendation, type RecommendationFact } from './domain/recommendation.js';

const recommendation: Aggregate<Recommendation, RecommendationFact> = {
  name: 'recommendation',
  table: 'recommendation',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ clientId, agency, status }) => ({ client_id: clientId, agency, status }),
};

@Injectable()
export class Recommendations extends Store<Recommendation, RecommendationFact> {
  constructor(tools: StoreTools) {
    super(recommendation, tools);
  }
}
