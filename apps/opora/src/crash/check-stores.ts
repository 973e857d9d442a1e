import { topics } from '@opora/contracts';
import type { EntryRow, ServiceStore } from './stores.js';
import type { Violation } from './violation.js';

/** Facts of one aggregate are numbered 1, 2, 3 …, and the aggregate stands where its facts end. */
export const checkFacts = ({ service, facts, versions }: ServiceStore): Violation[] => {
  const ofAggregate = Map.groupBy(facts, ({ aggregateId }) => aggregateId);
  const torn = [...ofAggregate].flatMap(([id, rows]) =>
    rows.every(({ sequence }, i) => sequence === i + 1) ? [] : [{ kind: 'gap-in-facts', what: `${service} ${id}: ${rows.map(({ sequence }) => sequence).join()}` }]);
  const astray = [...versions].flatMap(([id, version]) =>
    version === (ofAggregate.get(id)?.length ?? 0) ? [] : [{ kind: 'facts-and-state-differ', what: `${service} ${id}: version ${version}` }]);
  return [...torn, ...astray];
};

export const checkQuiet = ({ service, unpublished, deadLetters }: ServiceStore): Violation[] => [
  ...(unpublished > 0 ? [{ kind: 'unpublished', what: `${service}: ${unpublished}` }] : []),
  ...deadLetters.map((letter) => ({ kind: 'dead-letter', what: `${service}: ${letter}` })),
];

/** The gateway has every version that a module ever said, and no other. */
export const checkGateway = (entries: readonly EntryRow[], stores: readonly ServiceStore[]): Violation[] => {
  const said = new Set(stores.flatMap(({ snapshots }) => snapshots.filter(({ topic }) => topic === topics.planEntries.name).map(({ key, version }) => `${key}@${version}`)));
  const heard = entries.map(({ key, version }) => `${key}@${version}`);
  const there = new Set(heard);
  return [
    ...[...said].filter((one) => !there.has(one)).map((what) => ({ kind: 'missing-in-gateway', what })),
    ...heard.filter((one) => !said.has(one)).map((what) => ({ kind: 'unknown-in-gateway', what })),
  ];
};

/** Whoever follows a compacted topic has the newest value of each key. */
export const checkHeads = (stores: readonly ServiceStore[]): Violation[] => {
  const newest = new Map<string, number>();
  for (const { topic, key, version } of stores.flatMap(({ snapshots }) => snapshots)) newest.set(`${topic} ${key}`, Math.max(version, newest.get(`${topic} ${key}`) ?? 0));
  const followed: Record<string, string[]> = {
    [topics.consents.name]: stores.map(({ service }) => service), [topics.planEntries.name]: ['intake', 'counselling'], [topics.modules.name]: ['counselling'],
  };
  return stores.flatMap(({ service, heads }) => {
    const known = new Map(heads.map(({ topic, key, version }) => [`${topic} ${key}`, Number(version)]));
    return [...newest].filter(([place, version]) => followed[place.split(' ')[0]!]?.includes(service) && known.get(place) !== version)
      .map(([place]) => ({ kind: 'head-behind', what: `${service}: ${place}` }));
  });
};
