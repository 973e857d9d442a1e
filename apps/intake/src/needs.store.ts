import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate, type Stored } from '@opora/messaging';
import type { Finding } from './domain/need-evidence.js';
import { evolve, planEntries, type Need, type NeedFact } from './domain/need-state.js';

const findings = ({ evidence }: Need) => evidence.filter((one): one is Finding => one.source === 'screening');

const need: Aggregate<Need, NeedFact> = {
  name: 'need',
  table: 'need',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({
    client_id: state.clientId, agency: state.agency, status: state.status, code: state.code,
    screening_ids: [...new Set(findings(state).map((one) => one.screeningId))], rule_ids: [...new Set(findings(state).map((one) => one.ruleId))],
  }),
};

@Injectable()
export class Needs extends Store<Need, NeedFact> {
  constructor(tools: StoreTools) {
    super(need, tools);
  }

  /** Whoever looks for an open need before identifying one waits here: two at once would identify the same need twice. */
  async lockClient(clientId: string): Promise<void> {
    await this.tools.database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`needs ${clientId}`]);
  }

  /** Locked until the transaction ends. */
  openOf(clientIds: readonly string[]): Promise<Stored<Need>[]> {
    return this.locking(`client_id = any($1) and status in ('identified', 'confirmed', 'addressed')`, clientIds);
  }

  ofScreening(screeningId: string): Promise<Stored<Need>[]> {
    return this.locking('screening_ids @> array[$1::uuid]', screeningId);
  }

  ofRule(ruleId: string): Promise<Stored<Need>[]> {
    return this.locking('rule_ids @> array[$1::uuid]', ruleId);
  }

  async clientsOf(needIds: readonly string[]): Promise<string[]> {
    const rows = await this.tools.database.query<{ client_id: string }>('select distinct client_id from need where id = any($1)', [needIds]);
    return rows.map((row) => row.client_id);
  }

  /** For reading: without a lock. */
  seenOfScreening(screeningId: string): Promise<Stored<Need>[]> {
    return this.tools.database.query<Stored<Need>>('select id, version, state from need where screening_ids @> array[$1::uuid] order by id', [screeningId]);
  }

  private locking(where: string, parameter: unknown): Promise<Stored<Need>[]> {
    return this.tools.database.query<Stored<Need>>(`select id, version, state from need where ${where} order by id for update`, [parameter]);
  }
}
