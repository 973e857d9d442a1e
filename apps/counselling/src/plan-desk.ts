import { Injectable } from '@nestjs/common';
import { isClient, type Actor } from '@opora/access';
import type { Act } from '@opora/domain';
import { Clock, Database, type Stored } from '@opora/messaging';
import { actOf, changed, Reading, type Recording } from '@opora/service';
import { Directory } from './directory.js';
import type { Need } from './domain/needs.js';
import type { Offerings } from './domain/offering.js';
import type { Plan } from './domain/plan.js';
import type { PlanFact } from './domain/plan-facts.js';
import { planView } from './plan-view.js';
import { Plans } from './plans.store.js';

export const planPath = (id: string) => `/v1/counselling/plans/${id}`;

/** What a decision on a plan may need to know beside the plan. */
export interface Circumstances extends Act {
  readonly today: string;
  readonly confirmed: readonly Need[];
  readonly offerings: Offerings;
}

/** How both plan controllers find a plan, change it and answer with it. */
@Injectable()
export class PlanDesk {
  constructor(
    private readonly plans: Plans, private readonly directory: Directory, private readonly reading: Reading,
    private readonly database: Database, private readonly clock: Clock,
  ) {}

  async mine(id: string, actor: Actor): Promise<Stored<Plan>> {
    return this.reading.require('plan', await this.plans.load(id), actor, ({ state: { clientId, agency } }) => ({ clientId, agency, dataClass: 'D1' }));
  }

  async change(
    id: string, body: Recording, actor: Actor, decide: (plan: Plan | undefined, circumstances: Circumstances) => PlanFact[], expectedVersion?: number,
  ) {
    const { state: { clientId } } = await this.mine(id, actor);
    const act = actOf(actor, this.clock, body);
    return this.database.transaction(async () => {
      await this.plans.lock(id);
      const confirmed = await this.directory.confirmedNeeds(clientId, actor);
      const offerings = await this.directory.offerings(clientId);
      const circumstances = { ...act, today: act.recordedAt.slice(0, 10), confirmed, offerings };
      const result = await this.plans.change(id, act, (plan) => decide(plan, circumstances), { expectedVersion });
      return changed(result, planView(result, !isClient(actor)), planPath(id));
    });
  }
}
