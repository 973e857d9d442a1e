import { Injectable } from '@nestjs/common';
import { entryKey, erasureCompleted, topics } from '@opora/contracts';
import { Database, Heads, type EventOf } from '@opora/messaging';
import { Every, forEachAlone, On } from '@opora/service';
import { complete, noteAnswer, personsOf } from './domain/erasure.js';
import { Erasures } from './erasures.store.js';

@Injectable()
export class ErasureReactions {
  constructor(private readonly erasures: Erasures, private readonly heads: Heads, private readonly database: Database) {}

  /** Each module answers for itself. */
  @On(erasureCompleted)
  async answered({ data, source }: EventOf<typeof erasureCompleted>): Promise<void> {
    if (!data || source !== data.module || !(await this.erasures.load(data.erasureId))) return;
    const act = this.erasures.act(source);
    await this.erasures.change(data.erasureId, act, (e) => noteAnswer(e, { module: source, kept: data.kept, at: act.at }));
    await this.finish(data.erasureId);
  }

  /** A module that is gone does not answer: nothing else would tell. */
  @Every(5_000)
  async finishAll(): Promise<void> {
    await forEachAlone(await this.erasures.running(), ({ id }) => this.finish(id));
  }

  @Every(60_000)
  async sayAgain(): Promise<void> {
    await this.database.transaction(async () => {
      const { at } = this.erasures.act('intake');
      for (const erasure of await this.erasures.toSayAgain(at)) await this.erasures.sayErased(erasure, at);
    });
  }

  private finish(id: string): Promise<void> {
    return this.database.transaction(async () => {
      const { state: before } = (await this.erasures.load(id))!;
      const present = (await this.heads.all(topics.modules.name)).map(({ module }) => module);
      const entries = (await this.heads.ofClients(topics.planEntries.name, personsOf(before))).map(({ module, entryId }) => entryKey(module, entryId));
      const act = this.erasures.act('intake');
      const { state } = await this.erasures.change(id, act, (e) => complete(e, { present, entries, at: act.at }));
      if (before.status === 'running' && state.status === 'completed') await this.erasures.sayErased(state, act.at);
    });
  }
}
