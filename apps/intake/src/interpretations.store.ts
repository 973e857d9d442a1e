import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, type Interpretation, type InterpretationFact } from './domain/interpretation.js';

const interpretation: Aggregate<Interpretation, InterpretationFact> = {
  name: 'interpretation',
  table: 'interpretation',
  evolve,
  agency: (state) => state.agency,
  columns: ({ agency, status, instrumentId, linkId }) => ({ agency, status, instrument_id: instrumentId, link_id: linkId }),
};

@Injectable()
export class Interpretations extends Store<Interpretation, InterpretationFact> {
  constructor(tools: StoreTools) {
    super(interpretation, tools);
  }

  /** Those that count for an agency's screenings: its own, and beside them those of the agency that keeps the instrument. */
  async activeOf(instrumentId: string, agency: string, keeper: string): Promise<Interpretation[]> {
    const rows = await this.tools.database.query<{ state: Interpretation }>(
      `select state from interpretation where instrument_id = $1 and status = 'active' and agency in ($2, $3) order by agency = $2 desc, id`, [instrumentId, agency, keeper]);
    return rows.map(({ state }) => state);
  }

  /** Call in the transaction that creates one: it waits for another one of the same score. */
  async isTaken({ agency, instrumentId, linkId }: Pick<Interpretation, 'agency' | 'instrumentId' | 'linkId'>): Promise<boolean> {
    await this.tools.database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`interpretation ${agency} ${instrumentId} ${linkId}`]);
    const rows = await this.tools.database.query(
      `select 1 from interpretation where agency = $1 and instrument_id = $2 and link_id is not distinct from $3 and status = 'active'`, [agency, instrumentId, linkId]);
    return rows.length > 0;
  }

  /** Which of these were wrong. */
  async mistaken(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.tools.database.query<{ id: string }>(`select id from interpretation where id = any($1) and status = 'entered-in-error'`, [ids]);
    return new Set(rows.map(({ id }) => id));
  }
}
