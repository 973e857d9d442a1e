import { Injectable } from '@nestjs/common';
import { consentsChanged, referralRequested, referralWithdrawn } from '@opora/contracts';
import { Database, Heads, type EventOf } from '@opora/messaging';
import { Every, forEachAlone, On } from '@opora/service';
import { answerFrom } from './domain/law-book.js';
import { needRecheck } from './domain/matter.js';
import { lookAt, passTime, recomputeDeadlines } from './domain/matter-deadlines.js';
import { expire, receive, withdraw } from './domain/referral.js';
import { Law } from './law.store.js';
import { Matters } from './matters.store.js';
import { Referrals } from './referrals.store.js';

/** However many there are: those that fail must not stand in the way of the others for ever. */
const forAll = async (next: (after: string | undefined) => Promise<string[]>, work: (id: string) => Promise<unknown>): Promise<void> => {
  const all: string[] = [];
  for (let ids = await next(undefined); ids.length > 0; ids = await next(all.at(-1))) all.push(...ids);
  await forEachAlone(all, work);
};

@Injectable()
export class Reactions {
  constructor(private readonly referrals: Referrals, private readonly matters: Matters, private readonly law: Law, private readonly heads: Heads, private readonly database: Database) {}

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

  /** A merge makes two records one person, and taking it back two of one: what was asked of either has to be asked again. */
  @On(consentsChanged)
  async consentsChanged({ data, source }: EventOf<typeof consentsChanged>): Promise<void> {
    if (!data) return;
    const { clientId, aliases, recordedAt: at } = data;
    for (const matter of await this.matters.ofClients([clientId, ...aliases])) {
      const { ids } = await this.heads.person(matter.clientId);
      await this.matters.change(matter.id, this.matters.act(source), (m) => needRecheck(m, { records: ids, at }));
    }
  }

  @Every(1000)
  async passTime(): Promise<void> {
    const { at: now } = this.matters.act('legal-aid');
    await forAll((after) => this.matters.due(now, after), (id) => this.database.transaction(async () => {
      const act = this.matters.act('legal-aid');
      const { state } = await this.matters.change(id, act, (m) => passTime(m, act));
      await this.matters.lookAgain(id, lookAt(state));
    }));
  }

  @Every(1000)
  async recomputeDeadlines(): Promise<void> {
    const book = await this.law.book();
    await forAll((after) => this.matters.computedBefore(book.serial, after), (id) => this.database.transaction(async () => {
      const act = this.matters.act('legal-aid');
      await this.matters.change(id, act, (m) => recomputeDeadlines(m, { answer: (question) => answerFrom(book, question), at: act.at }));
      await this.matters.computedWith(id, book.serial);
    }));
  }
}
