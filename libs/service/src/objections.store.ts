import type { Day } from '@opora/domain';
import { Store, type Aggregate, type Stored, type StoreTools, type Visible } from '@opora/messaging';
import type { TableGauge } from './metrics.js';
import { evolve, type Objection, type ObjectionFact } from './objection.js';

const objection: Aggregate<Objection, ObjectionFact> = {
  name: 'objection',
  table: 'objection',
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ clientId, agency, status, about, dueOn }) => ({ client_id: clientId, agency, status, about, due_on: dueOn }),
  staysHere: true,
};

export const overdueObjections: TableGauge = {
  name: 'opora_objections_overdue', help: 'Objections that should have been answered by now, and were not',
  sql: `select count(*)::int as value from objection where status = 'recorded' and due_on < left($1::text, 10)::date`,
};

/** For every service the same; whoever objects tells nobody else. */
export class Objections extends Store<Objection, ObjectionFact> {
  constructor(tools: StoreTools) {
    super(objection, tools);
  }

  /** Of these, those that were due before that day. */
  dueBefore(day: Day): { page: Store<Objection, ObjectionFact>['page'] } {
    return {
      page: (filter, page, visible): Promise<Stored<Objection>[]> => {
        const late: Visible = { join: (table) => visible?.join(table) ?? '', where: (table, add) => `${table}.due_on < ${add(day)} and ${visible?.where(table, add) ?? 'true'}` };
        return this.page(filter, page, late);
      },
    };
  }
}
