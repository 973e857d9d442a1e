import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, type Instrument, type InstrumentFact } from './domain/instrument.js';

const instrument: Aggregate<Instrument, InstrumentFact> = {
  name: 'instrument',
  table: 'instrument',
  evolve,
  agency: (state) => state.agency,
  columns: ({ agency, status, url, instrumentVersion }) => ({ agency, status, url: url ?? null, instrument_version: instrumentVersion }),
};

@Injectable()
export class Instruments extends Store<Instrument, InstrumentFact> {
  constructor(tools: StoreTools) {
    super(instrument, tools);
  }

  /** Call in the transaction that creates the instrument: it waits for another one that takes in the same url. */
  async nextVersion(agency: string, url: string | undefined): Promise<number> {
    if (url === undefined) return 1;
    await this.tools.database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`instrument ${agency} ${url}`]);
    const rows = await this.tools.database.query<{ last: number }>(
      'select coalesce(max(instrument_version), 0) as last from instrument where agency = $1 and url = $2', [agency, url]);
    return rows[0]!.last + 1;
  }

  /** Once and for ever. */
  async keep(id: string, document: string): Promise<void> {
    await this.tools.database.query('insert into questionnaire (instrument_id, document) values ($1, $2)', [id, document]);
  }

  /** As it was sent. */
  async document(id: string): Promise<string> {
    const rows = await this.tools.database.query<{ document: string }>('select document from questionnaire where instrument_id = $1', [id]);
    if (!rows[0]) throw new Error('An instrument without its questionnaire');
    return rows[0].document;
  }

  /** Whether a screening stands on it. */
  async isUsed(id: string): Promise<boolean> {
    const rows = await this.tools.database.query(`select 1 from screening where instrument_id = $1 and status <> 'entered-in-error' limit 1`, [id]);
    return rows.length > 0;
  }
}
