import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, inForce, type RecordMerge, type RecordMergeFact } from './domain/record-merge.js';

const recordMerge: Aggregate<RecordMerge, RecordMergeFact> = {
  name: 'merge',
  table: 'record_merge',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ agency, status, mergedId, clientId }) => ({ agency, status, merged_id: mergedId, client_id: clientId }),
};

@Injectable()
export class RecordMerges extends Store<RecordMerge, RecordMergeFact> {
  constructor(tools: StoreTools) {
    super(recordMerge, tools);
  }

  /** Whether somebody has proposed to merge these two, whichever into which. */
  async isProposed(...ids: readonly [string, string]): Promise<boolean> {
    const rows = await this.tools.database.query(`select 1 from record_merge where status = 'proposed' and merged_id = any($1) and client_id = any($1)`, [ids]);
    return rows.length > 0;
  }

  /** The records into which this one was merged, one after the other. */
  async above(id: string): Promise<string[]> {
    const [parent] = await this.tools.database.query<{ client_id: string }>('select client_id from record_merge where merged_id = $1 and status = any($2)', [id, inForce]);
    return parent ? [parent.client_id, ...await this.above(parent.client_id)] : [];
  }
}
