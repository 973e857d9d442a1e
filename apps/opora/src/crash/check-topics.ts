import type { ServiceStore, TopicRecord } from './stores.js';
import type { Violation } from './violation.js';

export interface OnTopics {
  readonly violations: Violation[];
  /** Records that stand on their topic again, the same to the last byte: sent, and the relay killed before it knew. */
  readonly repeats: number;
  /** The first record of each event, in the order of its partition. */
  readonly first: readonly TopicRecord[];
}

const placeOf = ({ source, subject, type, sequence }: Pick<TopicRecord, 'source' | 'subject' | 'type' | 'sequence'>): string => `${source} ${subject} ${type} ${sequence}`;
const valueOf = ({ topic, key, version }: { topic: string; key: string; version: number | undefined }): string => `${topic} ${key}@${version}`;

/**
 * Each fact and each version of the tables is on its topic as one event, nothing else is, and by their first appearance they are
 * in order. Whoever reads the topic goes by `ce_id`: so a repeat is no second event.
 */
export const checkTopics = (stores: readonly ServiceStore[], records: readonly TopicRecord[]): OnTopics => {
  const violations: Violation[] = [];
  const hashes = new Map<string, string>();
  const first: TopicRecord[] = [];
  let repeats = 0;
  for (const record of records) {
    const before = hashes.get(record.id);
    if (before === undefined) {
      hashes.set(record.id, record.hash);
      first.push(record);
    } else if (before === record.hash) repeats += 1;
    else violations.push({ kind: 'repeated-otherwise', what: record.id });
  }
  const [facts, values] = [first.filter(({ version }) => version === undefined), first.filter(({ version }) => version !== undefined)];
  violations.push(
    ...compare('fact', stores.flatMap(({ service, facts: rows }) => rows.map((row) => placeOf({ ...row, source: service, subject: row.aggregateId }))), facts.map(placeOf)),
    ...compare('version', stores.flatMap(({ snapshots }) => snapshots.map(valueOf)), values.map(valueOf)),
    ...ascending('facts-out-of-order', facts, ({ topic, key, source, subject }) => `${topic} ${key} ${source} ${subject}`, ({ sequence }) => sequence),
    ...ascending('versions-out-of-order', values, ({ topic, key }) => `${topic} ${key}`, ({ version }) => version!),
    ...newestLast(records.filter(({ version }) => version !== undefined)),
  );
  return { violations, repeats, first };
};

const compare = (what: string, stored: readonly string[], published: readonly string[]): Violation[] => {
  const [known, said] = [new Set(stored), new Map<string, number>()];
  for (const one of published) said.set(one, (said.get(one) ?? 0) + 1);
  return [
    ...stored.filter((one) => !said.has(one)).map((one) => ({ kind: `${what}-not-on-topic`, what: one })),
    ...[...said].filter(([one]) => !known.has(one)).map(([one]) => ({ kind: `${what}-not-in-tables`, what: one })),
    ...[...said].filter(([, count]) => count > 1).map(([one]) => ({ kind: `${what}-as-two-events`, what: one })),
  ];
};

const ascending = (kind: string, records: readonly TopicRecord[], group: (record: TopicRecord) => string, number: (record: TopicRecord) => number): Violation[] => {
  const reached = new Map<string, number>();
  return records.flatMap((record) => {
    const [place, here] = [group(record), number(record)];
    const before = reached.get(place) ?? 0;
    reached.set(place, here);
    return here > before ? [] : [{ kind, what: `${place}: ${here} after ${before}` }];
  });
};

/** Compaction keeps the last value of a key: it must be the newest, also when repeats stand behind it. */
const newestLast = (records: readonly TopicRecord[]): Violation[] =>
  [...Map.groupBy(records, ({ topic, key }) => `${topic} ${key}`)].flatMap(([place, values]) => {
    const newest = Math.max(...values.map(({ version }) => version!));
    const last = values.at(-1)!.version!;
    return last === newest ? [] : [{ kind: 'old-version-last', what: `${place}: ${last} after ${newest}` }];
  });
