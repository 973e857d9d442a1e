import { Injectable } from '@nestjs/common';
import { referralRequested, referralWithdrawn } from '@opora/contracts';
import type { EventOf } from '@opora/messaging';
import { Every, forEachAlone, On } from '@opora/service';
import { expire, receive, withdraw } from './domain/referral.js';
import { Referrals } from './referrals.store.js';

@Injectable()
export class Reactions {
  constructor(private readonly referrals: Referrals) {}

  @On(referralRequested)
  async referralRequested({ data, source }: EventOf<typeof referralRequested>): Promise<void> {
    if (data?.module !== 'legal-aid') return;
    const { referralId, clientId, offer, agency, askedBy, planId, needs, urgency, respondBy } = data;
    await this.referrals.change(referralId, this.referrals.act(source), (r) =>
      receive(r, { referralId, clientId, offer, agency, askedBy, asker: { module: source, id: planId }, needs, urgency, respondBy }));
  }

  @On(referralWithdrawn)
  async referralWithdrawn({ data, source }: EventOf<typeof referralWithdrawn>): Promise<void> {
    if (data?.module !== 'legal-aid' || source === 'legal-aid' || !(await this.referrals.load(data.referralId))) return;
    await this.referrals.change(data.referralId, this.referrals.act(source), withdraw);
  }

  @Every(1000)
  async expireOverdue(): Promise<void> {
    await forEachAlone(await this.referrals.overdue(), async (id) => {
      const act = this.referrals.act('legal-aid');
      await this.referrals.change(id, act, (r) => expire(r, { at: act.at }));
    });
  }
}
