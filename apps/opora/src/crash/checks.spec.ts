import { checkCommands, checkPersonsOrder } from './check-commands.js';
import { checkLines } from './check-effects.js';
import { checkFacts, checkGateway, checkHeads } from './check-stores.js';
import { checkTopics } from './check-topics.js';
import { longestOutage, type Command } from './commands.js';
import { Random } from './random.js';
import { schedule, targets } from './schedule.js';
import type { LineRow, ServiceStore, TopicRecord } from './stores.js';

const kinds = (violations: readonly { kind: string }[]) => violations.map(({ kind }) => kind);

const fact = (sequence: number, by = 'crash-1') => ({ aggregate: 'client', aggregateId: 'a', sequence, type: 'intake.happened', by });
const store = (some: Partial<ServiceStore> = {}): ServiceStore =>
  ({ service: 'intake', facts: [], versions: new Map(), snapshots: [], referrals: [], heads: [], unpublished: 0, deadLetters: [], ...some });
const record = (offset: number, some: Partial<TopicRecord> = {}): TopicRecord => {
  const sequence = some.sequence ?? offset + 1;
  return { topic: 'facts', partition: 0, offset, key: 'k', id: `e${sequence}`, source: 'intake', type: 'intake.happened', subject: 'a', sequence, hash: `h${sequence}`, version: undefined, ...some };
};
const value = (offset: number, version: number): TopicRecord => record(offset, { topic: 'values', id: `v${version}`, hash: `v${version}`, version });
const command = (some: Partial<Command> = {}): Command => ({
  number: 1, person: 1, step: 'do', service: 'intake', sub: 'crash-1', makes: ['intake.happened'], firstSentAt: 0, attempts: 1, repeats: 0, outcome: 'acknowledged', differences: [], ...some,
});
const versions = [1, 2].map((version) => ({ topic: 'values', key: 'k', version, clientId: null, kind: null }));

describe('schedule', () => {
  it('has every target three times, and is the same for the same seed', () => {
    const kills = schedule(new Random(7), 120_000);
    for (const target of targets) expect(kills.filter((kill) => kill.target === target).length).toBeGreaterThanOrEqual(3);
    expect(kills.every(({ atMs }) => atMs > 0 && atMs < 125_000)).toBe(true);
    expect(schedule(new Random(7), 120_000)).toEqual(kills);
    expect(schedule(new Random(8), 120_000)).not.toEqual(kills);
  });
});

describe('commands', () => {
  it('acknowledged are there once', () => {
    expect(checkCommands([command()], [store({ facts: [fact(1)] })])).toEqual([]);
    expect(kinds(checkCommands([command()], [store()]))).toEqual(['acknowledged-but-lost']);
    expect(kinds(checkCommands([command()], [store({ facts: [fact(1), fact(2)] })]))).toEqual(['done-twice']);
  });

  it('unacknowledged are there once or not at all, refused are not', () => {
    expect(checkCommands([command({ outcome: 'open' })], [store()])).toEqual([]);
    expect(checkCommands([command({ outcome: 'open' })], [store({ facts: [fact(1)] })])).toEqual([]);
    expect(kinds(checkCommands([command({ outcome: 'open', makes: ['intake.happened', 'other'] })], [store({ facts: [fact(1)] })]))).toEqual(['half-done']);
    expect(kinds(checkCommands([command({ outcome: 'refused' })], [store({ facts: [fact(1)] })]))).toEqual(['refused-but-done']);
  });

  it('of one person are on the topic in their order', () => {
    const commands = [command(), command({ number: 2, sub: 'crash-2' })];
    const stores = [store({ facts: [fact(1), fact(2, 'crash-2')] })];
    expect(checkPersonsOrder(commands, stores, [record(0), record(1)])).toEqual([]);
    expect(kinds(checkPersonsOrder(commands, stores, [record(0, { sequence: 2 }), record(1, { sequence: 1 })]))).toEqual(['out-of-order-for-a-person']);
  });
});

describe('an outage', () => {
  it('lasts while somebody waits and nobody is answered', () => {
    const between = (firstSentAt: number, settledAt?: number) => command({ firstSentAt, ...(settledAt !== undefined && { settledAt }) });
    expect(longestOutage([between(0, 1), between(10, 30), between(12, 25), between(26)])).toEqual({ ms: 15, until: 25 });
    expect(longestOutage([])).toEqual({ ms: 0, until: 0 });
  });
});

describe('stores', () => {
  it('have facts without gaps, up to the version of the aggregate', () => {
    expect(checkFacts(store({ facts: [fact(1), fact(2)], versions: new Map([['a', 2]]) }))).toEqual([]);
    expect(kinds(checkFacts(store({ facts: [fact(1), fact(3)], versions: new Map([['a', 3]]) })))).toEqual(['gap-in-facts', 'facts-and-state-differ']);
  });

  it('agree on versions of plan entries and of consents', () => {
    const entries = versions.map((row) => ({ ...row, topic: 'opora.plan-entries.v1' }));
    expect(kinds(checkGateway([{ key: 'k', version: 2 }, { key: 'k', version: 3 }], [store({ snapshots: entries })]))).toEqual(['missing-in-gateway', 'unknown-in-gateway']);
    const head = { topic: 'opora.plan-entries.v1', key: 'k', version: '1' };
    expect(kinds(checkHeads([store({ snapshots: entries, heads: [head] })]))).toEqual(['head-behind']);
  });
});

describe('topics', () => {
  const stores = [store({ facts: [fact(1), fact(2)], snapshots: versions })];

  it('may repeat a record to the byte, and only so', () => {
    const whole = [record(0), record(1), record(2, { sequence: 1 }), value(0, 1), value(1, 2)];
    expect(checkTopics(stores, whole)).toMatchObject({ violations: [], repeats: 1 });
    expect(kinds(checkTopics(stores, [...whole, record(3, { sequence: 1, hash: 'other' })]).violations)).toEqual(['repeated-otherwise']);
  });

  it('lack nothing, hold nothing of their own, and nothing as two events', () => {
    const said = [record(0), record(1, { sequence: 3 }), record(2, { sequence: 3, id: 'again' }), value(0, 1), value(1, 2)];
    expect(kinds(checkTopics(stores, said).violations)).toEqual(['fact-not-on-topic', 'fact-not-in-tables', 'fact-as-two-events', 'facts-out-of-order']);
  });

  it('are in order, with the newest version last', () => {
    const said = [record(0, { sequence: 2 }), record(1, { sequence: 1 }), value(0, 1), value(1, 2), value(2, 1)];
    expect(kinds(checkTopics(stores, said).violations)).toEqual(['facts-out-of-order', 'old-version-last']);
  });
});

describe('the witness', () => {
  const line = (sequence: number): LineRow => ({ source: 'intake', id: `e${sequence}`, type: 'intake.happened', topic: 'facts', key: 'k', subject: 'a', sequence });

  it('has one line for each fact, in order', () => {
    const said = [record(0), record(1)];
    expect(checkLines([line(1), line(2)], said)).toEqual([]);
    expect(kinds(checkLines([line(1), line(2), line(1)], said))).toEqual(['effect-doubled']);
    expect(kinds(checkLines([line(2), line(1)], said))).toEqual(['effects-out-of-order']);
    expect(kinds(checkLines([line(1)], said))).toEqual(['effect-missing']);
  });
});
