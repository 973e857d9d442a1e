import { Injectable } from '@nestjs/common';
import { planEntryRecorded, referralAccepted, referralEnteredInError, referralExpired, referralRejected, type OfferRef, type RejectionCode } from '@opora/contracts';
import type { EventOf } from '@opora/messaging';
import { Every, forEachAlone, On } from '@opora/service';
import { needEndedId, proposalId, reroutedId } from './derived-ids.js';
import { Directory } from './directory.js';
import { noteAnswer, noteUnanswered } from './domain/answering.js';
import { noteNeedEnded } from './domain/needs-ended.js';
import { needsOf, type Plan, type ReferralAnswer } from './domain/plan.js';
import { unanswered } from './domain/referring.js';
import { Plans } from './plans.store.js';

interface Said { readonly referralId: string; readonly clientId: string; readonly module: string; readonly reason?: RejectionCode }

@Injectable()
export class Reactions {
  constructor(private readonly plans: Plans, private readonly directory: Directory) {}

  @On(referralAccepted)
  accepted({ data, source }: EventOf<typeof referralAccepted>): Promise<void> {
    return this.note('accepted', data, source);
  }

  @On(referralRejected)
  rejected({ data, source }: EventOf<typeof referralRejected>): Promise<void> {
    return this.note('rejected', data, source);
  }

  @On(referralExpired)
  expired({ data, source }: EventOf<typeof referralExpired>): Promise<void> {
    return this.note('expired', data, source);
  }

  @On(referralEnteredInError)
  enteredInError({ data, source }: EventOf<typeof referralEnteredInError>): Promise<void> {
    return this.note('entered-in-error', data, source);
  }

  /** Entries come again and late: only what the newest version of the need says counts. */
  @On(planEntryRecorded)
  async needEnded({ data, source }: EventOf<typeof planEntryRecorded>): Promise<void> {
    if (data?.kind !== 'need' || data.phase !== 'ended') return;
    const need = { module: data.module, id: data.entryId };
    if ((await this.directory.entry(need))?.version !== data.version) return;
    for (const planId of await this.plans.ofNeed(need.id)) {
      await this.plans.lock(planId);
      const ended = await this.directory.endsOf(needsOf((await this.plans.load(planId))!.state));
      const act = this.plans.act(source);
      await this.plans.change(planId, act, (plan) => noteNeedEnded(plan, { need, ended, proposalId: needEndedId(planId, need, data.version), at: act.at }));
    }
  }

  /** A module that is gone cannot say that its time is over. */
  @Every(1000)
  async stopWaiting(): Promise<void> {
    await forEachAlone(await this.plans.waitingInVain(), async ({ id, state }) => {
      const act = this.plans.act('counselling');
      for (const { referralId } of unanswered(state, act.at)) {
        const following = await this.following(state, referralId, 'unanswered');
        await this.plans.change(id, act, (plan) => noteUnanswered(plan, { ...following, at: act.at }));
      }
    });
  }

  /** Only the module that was asked answers; requests of others than counselling are none of ours. */
  private async note(answer: ReferralAnswer, said: Said | null, source: string): Promise<void> {
    if (!said || source !== said.module) return;
    const { referralId, module, reason } = said;
    const planId = await this.plans.ofReferral(referralId);
    if (planId === undefined) return;
    const following = await this.following((await this.plans.load(planId))!.state, referralId, answer);
    const act = this.plans.act(source);
    await this.plans.change(planId, act, (plan) => noteAnswer(plan, { ...following, module, answer, reason, at: act.at }));
  }

  /** What a decision has to know to follow up a referral of this plan. */
  private async following(plan: Plan, referralId: string, answer: ReferralAnswer | 'unanswered') {
    const offerings = await this.directory.offerings(plan.clientId);
    const ended = await this.directory.endsOf(needsOf(plan));
    return { referralId, offerings, ended, reroutedId: (offer: OfferRef) => reroutedId(referralId, offer), proposalId: proposalId(referralId, answer) };
  }
}
