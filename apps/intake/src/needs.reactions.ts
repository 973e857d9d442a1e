import { Injectable } from '@nestjs/common';
import { planEntryRecorded, topics, type PlanEntry } from '@opora/contracts';
import { Heads, type EventOf } from '@opora/messaging';
import { On } from '@opora/service';
import { CareTeam } from './care-team.following.js';
import { followGoals } from './domain/need.js';
import { Needs } from './needs.store.js';
import { People } from './people.js';

@Injectable()
export class NeedReactions {
  constructor(private readonly needs: Needs, private readonly heads: Heads, private readonly people: People, private readonly careTeam: CareTeam) {}

  @On(planEntryRecorded)
  async entryRecorded({ data, source }: EventOf<typeof planEntryRecorded>): Promise<void> {
    if (data?.kind === 'goal') await this.goalRecorded(data, source);
    if (data) await this.careTeam.follow(data.clientId, source);
  }

  /**
   * Active goals serve the needs that they name, whichever module set them. Looks at all of the person's goals as they stand, not at this
   * one alone: so it does not matter in what order, how late or how often they are heard.
   */
  private async goalRecorded({ clientId: about, needs }: PlanEntry, source: string): Promise<void> {
    const clients = await this.concerned(about, needs.filter(({ module }) => module === 'intake').map(({ id }) => id));
    // Of two goals that end at once, the second sees the end of the first.
    for (const clientId of clients) await this.needs.lockClient(clientId);
    const entries = await this.heads.ofClients(topics.planEntries.name, clients);
    const active = entries.filter(({ kind, phase }) => kind === 'goal' && phase === 'active');
    for (const { id } of await this.needs.openOf(clients)) {
      const goals = active.filter(({ needs }) => needs.some((need) => need.module === 'intake' && need.id === id)).map(({ module, entryId }) => ({ module, id: entryId }));
      const act = this.needs.act(source);
      await this.needs.change(id, act, (need) => followGoals(need, { goals, at: act.at }));
    }
  }

  /** The person's records, and whose needs the goal names: a goal may outlive the merge under which it named them. */
  private async concerned(clientId: string, needIds: readonly string[]): Promise<string[]> {
    return [...new Set([...await this.people.records(clientId), ...await this.needs.clientsOf(needIds)])].sort();
  }
}
