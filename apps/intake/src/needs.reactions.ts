import { Injectable } from '@nestjs/common';
import { planEntryRecorded } from '@opora/contracts';
import type { EventOf } from '@opora/messaging';
import { On } from '@opora/service';
import { address } from './domain/need.js';
import { Needs } from './needs.store.js';

@Injectable()
export class NeedReactions {
  constructor(private readonly needs: Needs) {}

  /** An active goal serves the needs that it names, whichever module set it. */
  @On(planEntryRecorded)
  async goalRecorded({ data, source }: EventOf<typeof planEntryRecorded>): Promise<void> {
    if (data?.kind !== 'goal' || data.phase !== 'active') return;
    const goal = { module: data.module, id: data.entryId };
    for (const { module, id } of data.needs) {
      if (module !== 'intake' || !(await this.needs.load(id))) continue;
      const act = this.needs.act(source);
      await this.needs.change(id, act, (need) => address(need, { goal, at: act.at }));
    }
  }
}
