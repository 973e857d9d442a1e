import { check, type Contract } from '@opora/contracts';
import { newId } from './clock.js';
import type { Database } from './database.js';
import { toRecord, type Event } from './envelope.js';

export type Outgoing = Omit<Event, 'id' | 'source' | 'type' | 'topic' | 'causationId'> & { readonly contract: Contract };

/**
 * Facts wait here until the relay has published them. Add them while the aggregate's row is locked: only then does the
 * order of `seq` agree with the order of one person's facts.
 */
export class Outbox {
  constructor(private readonly database: Database, private readonly service: string, private readonly wake: () => void) {}

  async add(events: readonly Outgoing[]): Promise<void> {
    if (events.length === 0) return;
    const records = events.map(({ contract, ...event }) => {
      if (event.data !== null) check(contract, event.data);
      return toRecord({ ...event, id: newId(), source: this.service, type: contract.type, topic: contract.topic.name, causationId: this.database.cause }, contract);
    });
    await this.database.query(
      `insert into outbox (topic, key, headers, value)
       select topic, key, headers::jsonb, value from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality
         as r(topic, key, headers, value, n) order by n`,
      [records.map((r) => r.topic), records.map((r) => r.key), records.map((r) => JSON.stringify(r.headers)), records.map((r) => r.value?.toString() ?? null)],
    );
    this.database.afterCommit(this.wake);
  }
}
