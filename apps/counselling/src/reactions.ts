import { Injectable } from '@nestjs/common';
import { referralAccepted, referralEnteredInError, referralExpired, referralRejected, type RejectionCode } from '@opora/contracts';
import type { EventOf } from '@opora/messaging';
import { On } from '@opora/service';
import { proposalId, reroutedId } from './derived-ids.js';
import { Directory } from './directory.js';
import { noteAnswer } from './domain/answering.js';
import type { ReferralAnswer } from './domain/plan.js';
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

  /** Only the module that was asked answers; requests of others than counselling are none of ours. */
  private async note(answer: ReferralAnswer, said: Said | null, source: string): Promise<void> {
    if (!said || source !== said.module) return;
    const { referralId, clientId, module, reason } = said;
    const planId = await this.plans.ofReferral(referralId);
    if (planId === undefined) return;
    const offerings = await this.directory.offerings(clientId);
    const act = this.plans.act(source);
    await this.plans.change(planId, act, (plan) => noteAnswer(plan, {
      referralId, module, answer, reason, offerings, reroutedId: (offer) => reroutedId(referralId, offer), proposalId: proposalId(referralId, answer), at: act.at,
    }));
  }
}
