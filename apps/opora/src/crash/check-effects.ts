import type { LineRow, ServiceStore, TopicRecord } from './stores.js';
import type { Violation } from './violation.js';

/** The witness has one line for each fact, and for each key in the order of the topic. */
export const checkLines = (lines: readonly LineRow[], first: readonly TopicRecord[]): Violation[] => {
  const facts = first.filter(({ version }) => version === undefined);
  const said = new Set(facts.map(({ id }) => id));
  const written = Map.groupBy(lines, ({ id }) => id);
  const inOrder = Map.groupBy(facts, ({ topic, key }) => `${topic} ${key}`);
  const order = Map.groupBy([...written.values()].map(([line]) => line!), ({ topic, key }) => `${topic} ${key}`);
  return [
    ...facts.filter(({ id }) => !written.has(id)).map(({ id, type }) => ({ kind: 'effect-missing', what: `${type} ${id}` })),
    ...[...written].filter(([id]) => !said.has(id)).map(([id]) => ({ kind: 'effect-of-nothing', what: id })),
    ...[...written].filter(([, its]) => its.length > 1).map(([id, its]) => ({ kind: 'effect-doubled', what: `${its[0]!.type} ${id}: ${its.length} times` })),
    ...[...inOrder].filter(([place, ids]) => (order.get(place) ?? []).some(({ id }, i) => id !== ids[i]?.id)).map(([what]) => ({ kind: 'effects-out-of-order', what })),
  ];
};

const once = (kind: string, wanted: readonly string[], done: readonly string[]): Violation[] => {
  const counts = Map.groupBy(done, (id) => id);
  return [
    ...wanted.filter((id) => !counts.has(id)).map((what) => ({ kind: `${kind}-missing`, what })),
    ...[...counts].filter(([, its]) => its.length > 1).map(([what]) => ({ kind: `${kind}-doubled`, what })),
  ];
};

/** Each request is received once, each answer noted once: what the product's own reactions do. */
export const checkReferrals = (stores: readonly ServiceStore[]): Violation[] => {
  const referrals = (service: string, ...types: string[]) => stores.find((store) => store.service === service)!.referrals.filter(({ type }) => types.includes(type)).map(({ id }) => id);
  return [
    ...once('receipt', referrals('counselling', 'opora.referral.requested'), referrals('legal-aid', 'legal-aid.referral-received')),
    ...once('noted-answer', referrals('legal-aid', 'opora.referral.accepted', 'opora.referral.rejected'), referrals('counselling', 'counselling.referral-answer-noted')),
  ];
};
