import { Injectable } from '@nestjs/common';
import { consentsChanged, planEntryRecorded } from '@opora/contracts';
import { DomainError, type Instant } from '@opora/domain';
import { Store, StoreTools, type Aggregate, type Stored } from '@opora/messaging';
import { Temporal } from 'temporal-polyfill';
import { evolve, personsOf, type Erasure, type ErasureFact } from './domain/erasure.js';

/** Kafka takes erased values off its disk once their segment is closed, and closes one only when something is written after its time. */
const SAY_AGAIN_AFTER = { hours: 25 };

const erasure: Aggregate<Erasure, ErasureFact> = {
  name: 'erasure',
  table: 'erasure',
  receipt: true,
  evolve,
  agency: (state) => state.agency,
  client: (state) => state.clientId,
  columns: ({ clientId, agency, status, completedAt, entries }) => ({
    person_id: clientId, agency, status,
    say_again_at: completedAt && entries ? Temporal.Instant.from(completedAt).add(SAY_AGAIN_AFTER).toString() : null,
  }),
};

@Injectable()
export class Erasures extends Store<Erasure, ErasureFact> {
  constructor(tools: StoreTools) {
    super(erasure, tools);
  }

  /** Call in the transaction that asks. */
  async refuseSecond(clientId: string): Promise<void> {
    await this.tools.database.query(`select pg_advisory_xact_lock(hashtextextended('erasure ' || $1, 0))`, [clientId]);
    const open = await this.tools.database.query(`select 1 from erasure where person_id = $1 and status in ('asked', 'running')`, [clientId]);
    if (open.length > 0) throw new DomainError('conflict', 'erasure-exists', 'The erasure of this person has been asked for already');
  }

  running(): Promise<Stored<Erasure>[]> {
    return this.tools.database.query<Stored<Erasure>>(`select id, version, state from erasure where status = 'running' order by id limit 100`);
  }

  /** The last word on these people: their consent states and whatever plans say of them, of all modules, are erased. */
  async sayErased(erased: Erasure, time: Instant): Promise<void> {
    const nothing = { time, sequence: 0, agency: erased.agency, data: null };
    await this.tools.outbox.add([
      ...(erased.entries ?? []).map((key) => ({ ...nothing, contract: planEntryRecorded, key, subject: key })),
      ...personsOf(erased).map((key) => ({ ...nothing, contract: consentsChanged, key, subject: key })),
    ]);
  }

  /** Erasures whose last word is to be said again by now: each is answered once. */
  async toSayAgain(now: Instant): Promise<Erasure[]> {
    const rows = await this.tools.database.query<{ state: Erasure }>(
      `with due as (select id, state from erasure where say_again_at <= $1 limit 100 for update skip locked)
       update erasure e set say_again_at = null, state = e.state - 'entries' from due where e.id = due.id returning due.state`, [now]);
    return rows.map(({ state }) => state);
  }
}
