import { Injectable } from '@nestjs/common';
import { planEntryRecorded, topics } from '@opora/contracts';
import { Heads, type EventOf } from '@opora/messaging';
import { On } from '@opora/service';
import { CareTeam } from './care-team.following.js';
import { followGoals } from './domain/need.js';
import { Needs } from './needs.store.js';

@Injectable()
export class NeedReactions {
  constructor(private readonly needs: Needs, private readonly heads: Heads, private readonly careTeam: CareTeam) {}

  @On(planEntryRecorded)
  async entryRecorded({ data, source }: EventOf<typeof planEntryRecorded>): Promise<void> {
    if (data?.kind === 'goal') await this.goalRecorded(data.clientId, source);
    if (data) await this.careTeam.follow(data.clientId, source);
  }

  /**
   * Active goals serve the needs that they name, whichever module set them. Looks at all of the person's goals as they stand, not at this
   * one alone: so it does not matter in what order, how late or how often they are heard.
   */
  private async goalRecorded(clientId: string, source: string): Promise<void> {
    // Of two goals that end at once, the second sees the end of the first.
    await this.needs.lockClient(clientId);
    const entries = await this.heads.ofClients(topics.planEntries.name, [clientId]);
    const active = entries.filter(({ kind, phase }) => kind === 'goal' && phase === 'active');
    for (const { id } of await this.needs.openOf(clientId)) {
      const goals = active.filter(({ needs }) => needs.some((need) => need.module === 'intake' && need.id === id)).map(({ module, entryId }) => ({ module, id: entryId }));
      const act = this.needs.act(source);
      await this.needs.change(id, act, (need) => followGoals(need, { goals, at: act.at }));
    }
  }
}
