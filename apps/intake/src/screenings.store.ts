import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, type Screening, type ScreeningFact } from './domain/screening.js';

const screening: Aggregate<Screening, ScreeningFact> = {
  name: 'screening',
  table: 'screening',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ clientId, agency, status, instrumentId }) => ({ client_id: clientId, agency, status, instrument_id: instrumentId }),
};

@Injectable()
export class Screenings extends Store<Screening, ScreeningFact> {
  constructor(tools: StoreTools) {
    super(screening, tools);
  }
}
