import { canonical, hashOf, type Contract } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import type { Database } from './database.js';
import type { Outbox } from './outbox.js';

/**
 * What an aggregate contributes to a compacted topic. `body` is everything that makes a new version when it changes;
 * `stamp` adds what does not: the version itself, times, the aggregate's version.
 */
export interface Snapshot {
  readonly contract: Contract;
  readonly key: string;
  readonly agency: string;
  readonly body: object;
  readonly stamp: (at: { version: number; recordedAt: Instant }) => object;
}

const personOf = (body: object): string | undefined => (body as { clientId?: string }).clientId;

interface Head { key: string; topic: string; version: number; hash: string; recorded_at: Date }

/**
 * Everything that this service ever said on compacted topics, append-only: new versions when the body's hash changes,
 * and the source from which all of it can be said again.
 */
export class Snapshots {
  constructor(private readonly database: Database, private readonly outbox: Outbox) {}

  /** Call inside the aggregate's row lock. Answers the version of each key after the call. */
  async publish(aggregateId: string, aggregateVersion: number, snapshots: readonly Snapshot[], now: Instant): Promise<ReadonlyMap<string, Published>> {
    const heads = await this.heads(aggregateId);
    const known = new Set(snapshots.map((s) => `${s.contract.topic.name} ${s.key}`));
    const vanished = [...heads.keys()].find((id) => !known.has(id));
    if (vanished) throw new Error(`Published once, never gone: ${vanished.split(' ')[0]} lost an entry of aggregate ${aggregateId}; let it end instead`);

    const answer = new Map<string, Published>();
    for (const snapshot of snapshots) {
      const topic = snapshot.contract.topic.name;
      const head = heads.get(`${topic} ${snapshot.key}`);
      const hash = hashOf(snapshot.body);
      const changed = hash !== head?.hash;
      const version = changed ? (head?.version ?? 0) + 1 : head.version;
      answer.set(snapshot.key, { version, changed });
      if (!changed) continue;
      const previous = head?.recorded_at.toISOString() ?? now;
      const recordedAt = now > previous ? now : previous;
      const body = { ...snapshot.body, ...snapshot.stamp({ version, recordedAt }) };
      await this.database.query(
        `insert into snapshot (topic, key, version, hash, aggregate_id, aggregate_version, agency, body, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [topic, snapshot.key, version, hash, aggregateId, aggregateVersion, snapshot.agency, canonical(body), recordedAt],
      );
      await this.outbox.add([{ contract: snapshot.contract, key: snapshot.key, person: personOf(body), subject: aggregateId, time: recordedAt, sequence: aggregateVersion, agency: snapshot.agency, data: body }]);
    }
    return answer;
  }

  /** Says everything again, oldest first: for a reader that starts from nothing on a topic already compacted. */
  async republish(contractOf: (topic: string) => Contract): Promise<number> {
    let last = '0';
    let count = 0;
    for (;;) {
      const rows = await this.database.query<{ seq: string; topic: string; key: string; body: object; agency: string; aggregate_id: string; aggregate_version: number; recorded_at: Date }>(
        'select * from snapshot where seq > $1 order by seq limit 200', [last]);
      if (rows.length === 0) return count;
      await this.outbox.add(rows.map((r) => ({
        contract: contractOf(r.topic), key: r.key, person: personOf(r.body), subject: r.aggregate_id, time: r.recorded_at.toISOString(), sequence: r.aggregate_version, agency: r.agency, data: r.body,
      })));
      count += rows.length;
      last = rows.at(-1)!.seq;
    }
  }

  private async heads(aggregateId: string): Promise<Map<string, Head>> {
    const rows = await this.database.query<Head>(
      'select distinct on (topic, key) topic, key, version, hash, recorded_at from snapshot where aggregate_id = $1 order by topic, key, version desc', [aggregateId]);
    return new Map(rows.map((row) => [`${row.topic} ${row.key}`, row]));
  }
}

export interface Published {
  readonly version: number;
  readonly changed: boolean;
}
