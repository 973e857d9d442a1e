import { Injectable } from '@nestjs/common';
import { Store, StoreTools, type Aggregate } from '@opora/messaging';
import { evolve, isOverdue, planEntries, type HelpRequest, type HelpRequestFact } from './domain/help-request-state.js';

const helpRequest: Aggregate<HelpRequest, HelpRequestFact> = {
  name: 'help request',
  table: 'help_request',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => ({ agency: state.agency, status: state.status, client_id: state.clientId ?? null, respond_by: state.respondBy ?? null, overdue: isOverdue(state) }),
  notExported: {
    leaveOut: (key, _, within) => (key === 'text' || key === 'reference') && 'source' in within && within.source !== 'self',
    told: [{
      what: { en: 'What others wrote when they asked for help for you', ru: 'Что писали другие, когда просили помочь вам' },
      why: { en: 'These are their words, and may be about them.', ru: 'Это их слова, и они могут быть о них.' },
    }],
  },
};

@Injectable()
export class HelpRequests extends Store<HelpRequest, HelpRequestFact> {
  constructor(tools: StoreTools) {
    super(helpRequest, tools);
  }

  /** Whose response clock has run out, unnoticed so far. */
  async lapsed(): Promise<string[]> {
    const rows = await this.tools.database.query<{ id: string }>(
      `select id from help_request where status = 'triaged' and not overdue and respond_by < $1 order by respond_by limit 100`, [this.tools.clock.now()]);
    return rows.map((row) => row.id);
  }
}
