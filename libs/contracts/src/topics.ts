import type { Topic } from './contract.js';

const compacted = <N extends string>(name: N, key: string, erasable: boolean) => ({ name, key, compacted: true, erasable }) as const;
const facts = <N extends string>(name: N, key = 'clientId') => ({ name, key, compacted: false, erasable: false }) as const;

/** Owned by no service: everybody may read them, and each service writes only under its own name. */
export const topics = {
  modules: compacted('opora.modules.v1', 'module', false),
  planEntries: compacted('opora.plan-entries.v1', '<module>/<entryId>', true),
  consents: compacted('opora.consents.v1', 'clientId', true),
  watermarks: compacted('opora.watermarks.v1', 'module', false),
  referrals: facts('opora.referrals.v1'),
  measures: facts('opora.measures.v1'),
  proposals: facts('opora.proposals.v1'),
  erasures: facts('opora.erasures.v1'),
} as const satisfies Record<string, Topic>;

const named = (flag: 'compacted' | 'erasable'): readonly string[] => Object.values<Topic>(topics).filter((topic) => topic[flag]).map(({ name }) => name);

export const compactedTopics = named('compacted');
export const erasableTopics = named('erasable');

/** A service's own facts, for readers who do know that service. */
export const serviceTopic = (service: string) => facts(`opora.${service}.v1`, 'clientId, or the aggregate’s id where it is about no person') satisfies Topic;
