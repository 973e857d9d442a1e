import type { Command } from './commands.js';
import type { FactRow, ServiceStore, TopicRecord } from './stores.js';
import type { Violation } from './violation.js';

/** Facts by the one who recorded them: by command, for every command has a sender of its own. */
export const factsBySender = (stores: readonly ServiceStore[]): ReadonlyMap<string, (FactRow & { service: string })[]> =>
  Map.groupBy(stores.flatMap(({ service, facts }) => facts.map((fact) => ({ service, ...fact }))), ({ by }) => by);

const told = ({ number, step }: Command): string => `command ${number} (${step})`;

/** Acknowledged: once. Refused: not at all. Neither: once or not at all. Sent again: the same answer. */
export const checkCommands = (commands: readonly Command[], stores: readonly ServiceStore[]): Violation[] => {
  const bySender = factsBySender(stores);
  return commands.flatMap((command): Violation[] => {
    const done = (bySender.get(command.sub) ?? []).map(({ type }) => type).sort();
    const wanted = [...command.makes].sort();
    const whole = done.join() === wanted.join();
    const more = done.length > wanted.length;
    const what = `${told(command)}: ${done.length} facts of ${wanted.length}`;
    const effect: Violation[] = command.outcome === 'refused' ? (done.length > 0 ? [{ kind: 'refused-but-done', what }] : [])
      : whole || (command.outcome === 'open' && done.length === 0) ? []
        : [{ kind: more ? 'done-twice' : done.length === 0 ? 'acknowledged-but-lost' : 'half-done', what }];
    return [...effect, ...command.differences.map((difference) => ({ kind: 'repeat-answered-otherwise', what: `${told(command)}: ${difference}` }))];
  });
};

/** One person's commands follow each other: each is sent when the one before is answered. So do their facts, on every topic. */
export const checkPersonsOrder = (commands: readonly Command[], stores: readonly ServiceStore[], records: readonly TopicRecord[]): Violation[] => {
  const bySender = factsBySender(stores);
  const first = new Map<string, TopicRecord>();
  for (const record of records) {
    const id = `${record.source} ${record.subject} ${record.type} ${record.sequence}`;
    if (!first.has(id)) first.set(id, record);
  }
  const violations: Violation[] = [];
  for (const ofPerson of Map.groupBy(commands, ({ person }) => person).values()) {
    const reached = new Map<string, number>();
    for (const command of ofPerson) {
      const said = (bySender.get(command.sub) ?? []).flatMap(({ service, aggregateId, type, sequence }) => first.get(`${service} ${aggregateId} ${type} ${sequence}`) ?? []);
      for (const { topic, key, offset } of said) {
        if (offset < (reached.get(`${topic} ${key}`) ?? -1)) violations.push({ kind: 'out-of-order-for-a-person', what: `${told(command)} on ${topic} at ${offset}` });
      }
      for (const { topic, key, offset } of said) reached.set(`${topic} ${key}`, Math.max(offset, reached.get(`${topic} ${key}`) ?? -1));
    }
  }
  return violations;
};
