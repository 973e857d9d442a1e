import { Injectable } from '@nestjs/common';
import { isBarred, isClient, mayShare, type Actor } from '@opora/access';
import type { PlanEntry } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { Clock, type Person } from '@opora/messaging';
import { Reading } from '@opora/service';
import { assemble, type Policy } from './domain/plan.js';
import type { Language, PlanDocument } from './domain/plan-document.js';
import { Freshness } from './freshness.js';
import { Projection } from './projection.js';

/** A plan entry, as decisions see it. */
export const labelOf = (entry: PlanEntry) => ({ ...entry, id: entry.entryId, engages: entry.kind === 'referral' || entry.kind === 'service' });

export const isOwn = (actor: Actor, { ids }: Person): boolean => isClient(actor) && ids.includes(actor.clientId ?? '');

/** The plan of whoever has this id, as one reader may see it: the same for everything that shows it. */
@Injectable()
export class Assembly {
  constructor(
    private readonly projection: Projection, private readonly freshness: Freshness, private readonly reading: Reading, private readonly clock: Clock,
  ) {}

  async of(id: string, actor: Actor, language: Language, asOf?: Instant): Promise<PlanDocument | undefined> {
    const { person, entries, modules, heard } = await this.projection.source(id, asOf);
    if (isClient(actor) && !isOwn(actor, person)) return undefined;
    const { isStale } = this.freshness.of(heard);
    return assemble({ clientId: person.clientId, ...(asOf && { asOf }), entries, modules, policy: this.policy(actor, person), isStale, language });
  }

  /** Today's consents, whatever moment the plan is of. */
  private policy(actor: Actor, { clientId, consents, ...person }: Person): Policy {
    const now = this.clock.now();
    const refers = (agency: string) => mayShare(consents, 'referral', agency, 'D1', now);
    return {
      own: isOwn(actor, { clientId, consents, ...person }) && !isBarred(actor, consents, true),
      reads: (entry) => this.reading.mayAsOf(consents, actor, { ...labelOf(entry), clientId }),
      refers,
    };
  }
}
