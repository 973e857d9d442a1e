import { Injectable } from '@nestjs/common';
import { DomainError } from '@opora/domain';
import { Store, StoreTools, type Aggregate, type Stored } from '@opora/messaging';
import { evolve } from './domain/evolve.js';
import { planEntries } from './domain/plan-entries.js';
import { needsOf, type Plan } from './domain/plan.js';
import type { PlanFact } from './domain/plan-facts.js';
import { isAsking, waitsUntil } from './domain/referring.js';

const plan: Aggregate<Plan, PlanFact> = {
  name: 'plan',
  table: 'plan',
  evolve,
  planEntries,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: (state) => {
    const { clientId, agency, status, referrals, shownGoals } = state;
    return {
      client_id: clientId, agency, status, referral_ids: referrals.map(({ referralId }) => referralId), goal_ids: shownGoals.map(({ goalId }) => goalId),
      need_ids: needsOf(state).map(({ id }) => id), waits_until: referrals.filter(isAsking).map(waitsUntil).sort()[0] ?? null,
    };
  },
};

@Injectable()
export class Plans extends Store<Plan, PlanFact> {
  constructor(tools: StoreTools) {
    super(plan, tools);
  }

  /**
   * One open plan per person, under whichever of their records. Call in the transaction that opens the plan: others who would open one wait until it ends. Another agency
   * learns that there is a plan, because two would harm the person, but not which.
   */
  async refuseSecond(clientIds: readonly string[], agency: string): Promise<void> {
    await this.tools.database.query(`select pg_advisory_xact_lock(hashtextextended('plan of ' || id, 0)) from (select id from unnest($1::text[]) as k (id) order by id) as sorted`, [clientIds]);
    const [open] = await this.tools.database.query<{ id: string; agency: string }>(`select id, agency from plan where client_id = any($1) and status = 'open'`, [clientIds]);
    if (!open) return;
    throw new DomainError('conflict', 'plan-exists', open.agency === agency ? `This person already has the open plan ${open.id}` : 'Another agency already leads the plan of this person');
  }

  /**
   * Call in a transaction before reading what a decision needs to know: of an activation and a need that ends at the same moment, the
   * later one then knows of the earlier one.
   */
  async lock(id: string): Promise<void> {
    await this.tools.database.query('select 1 from plan where id = $1 for update', [id]);
  }

  async ofNeed(needId: string): Promise<string[]> {
    const rows = await this.tools.database.query<{ id: string }>(`select id from plan where status = 'open' and need_ids @> array[$1::uuid] order by id`, [needId]);
    return rows.map(({ id }) => id);
  }

  /** Plans with a request that is waited for in vain. */
  async waitingInVain(): Promise<Stored<Plan>[]> {
    return this.tools.database.query<Stored<Plan>>('select id, version, state from plan where waits_until <= $1 order by waits_until limit 100', [this.tools.clock.now()]);
  }

  async ofReferral(referralId: string): Promise<string | undefined> {
    const rows = await this.tools.database.query<{ id: string }>('select id from plan where referral_ids @> array[$1::uuid]', [referralId]);
    return rows[0]?.id;
  }

  async ofGoals(goalIds: readonly string[]): Promise<Plan[]> {
    const rows = await this.tools.database.query<{ state: Plan }>('select state from plan where goal_ids && $1::uuid[]', [goalIds]);
    return rows.map(({ state }) => state);
  }
}
