import type { Topic } from '@opora/contracts';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Broker, BrokerRecord, Delivery, Subscription, Verdict } from '../src/broker.js';
import type { Order, Report } from './broker-worker.js';

/** One running server of an adapter's kind. */
export interface BrokerHarness {
  createTopic(topic: Topic): Promise<void>;
  /** What the adapter's `connect` needs to reach the server, with all topics created so far. */
  address(): string;
  /** Kills the server (-9) and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface BrokerAdapter {
  /** A module that exports `connect(address): Broker`, also for child processes. */
  readonly module: URL;
  readonly connect: (address: string) => Broker;
  readonly start: () => Promise<BrokerHarness>;
}

const record = (topic: string, key: string, value: string | null): BrokerRecord =>
  ({ topic, key, headers: { ce_id: `${key} ${value}` }, value: value === null ? null : Buffer.from(value) });

const text = ({ value }: BrokerRecord): string | null => value === null ? null : value.toString();

const until = async (what: string, condition: () => boolean): Promise<void> => {
  for (const end = performance.now() + 25_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}`);
  }
};

/** What every broker adapter promises to the services, tried across kill -9. */
export const brokerContract = (name: string, adapter: BrokerAdapter): void => describe(`${name} keeps the broker's contract`, () => {
  let harness: BrokerHarness;
  let count = 0;
  const brokers: Broker[] = [];
  const workers: ChildProcess[] = [];

  // The first start may have to fetch the server.
  beforeAll(async () => { harness = await adapter.start(); }, 180_000);
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
    await Promise.all(workers.splice(0).map(kill));
  });
  afterAll(() => harness.stop());

  const topic = async (flags: Partial<Topic> = {}): Promise<string> => {
    const created = { name: `contract.t${count += 1}.v1`, key: 'any', compacted: false, erasable: false, ...flags };
    await harness.createTopic(created);
    return created.name;
  };
  const connect = (): Broker => {
    const broker = adapter.connect(harness.address());
    brokers.push(broker);
    return broker;
  };
  const newGroup = (): string => `group-${count += 1}`;

  /** Subscribes and writes down every delivery. */
  const listen = async (broker: Broker, topics: string[], group = newGroup(), verdict: (delivery: Delivery) => Verdict | Promise<Verdict> = () => 'done') => {
    const heard: Delivery[] = [];
    const deliver = async (delivery: Delivery) => { heard.push(delivery); return verdict(delivery); };
    const subscription: Subscription = await broker.subscribe({ group, topics, deliver });
    return { group, heard, subscription, texts: (key?: string) => heard.filter((one) => key === undefined || one.key === key).map(text) };
  };

  const startWorker = (order: Order, hear: (report: Report, worker: ChildProcess) => void): ChildProcess => {
    const worker = fork(fileURLToPath(new URL('./broker-worker.ts', import.meta.url)), [adapter.module.href, harness.address()], {
      execArgv: ['--import', new URL('./run-typescript.mjs', import.meta.url).href, '--conditions=opora-src'],
    });
    workers.push(worker);
    worker.on('message', (report: Report) => hear(report, worker));
    worker.send(order);
    return worker;
  };
  const kill = async (worker: ChildProcess): Promise<void> => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  };
  const go: Order = { order: 'go' };

  it('carries key, headers and value, and starts a new group with the oldest record', async () => {
    const facts = await topic();
    const broker = connect();
    const value = Buffer.from([0, 255, 1, 92, 34]);
    await broker.publish([{ topic: facts, key: 'ключ "1"\\', headers: { ce_type: 'a.b', note: 'x"\\{},' }, value }]);
    await broker.publish([record(facts, 'k', '1'), record(facts, 'k', '2')]);
    const first = await listen(broker, [facts]);
    await until('all are there', () => first.heard.length === 3);
    expect(first.heard[0]).toMatchObject({ topic: facts, key: 'ключ "1"\\', headers: { ce_type: 'a.b', note: 'x"\\{},' } });
    expect(first.heard[0]!.value!.equals(value)).toBe(true);
    const later = await listen(connect(), [facts]);
    await until('all are replayed', () => later.heard.length === 3);
    expect(later.texts('k')).toEqual(['1', '2']);
  });

  it('keeps the order of a key, the same for every group, when several publish at once', async () => {
    const facts = await topic();
    const live = await listen(connect(), [facts]);
    const publishers = ['a', 'b', 'c', 'd'].map((who) => ({ who, broker: connect() }));
    await Promise.all(publishers.map(async ({ who, broker }) => {
      for (let n = 0; n < 50; n += 1) await broker.publish(['k1', 'k2', 'k3'].map((key) => record(facts, key, `${who}${String(n).padStart(2, '0')}`)));
    }));
    const replay = await listen(connect(), [facts]);
    await until('both heard all', () => live.heard.length >= 600 && replay.heard.length >= 600);
    for (const key of ['k1', 'k2', 'k3']) {
      expect(live.texts(key)).toEqual(replay.texts(key));
      for (const { who } of publishers) {
        const said = live.texts(key).filter((one) => one!.startsWith(who));
        expect(said).toHaveLength(50);
        expect(said).toEqual([...said].sort());
      }
    }
  });

  it('delivers again what a process had in hand when it was killed', async () => {
    const facts = await topic();
    const group = newGroup();
    const effects: string[] = [];
    await connect().publish(['1', '2', '3', '4', '5'].map((value) => record(facts, 'k', value)));
    const worker = startWorker({ order: 'consume', group, topics: [facts] }, (report, from) => {
      if (!('inHand' in report)) return;
      effects.push(report.inHand);
      if (report.inHand !== '3') from.send(go);
    });
    await until('the third had its effect', () => effects.includes('3'));
    await kill(worker);
    const next = await listen(connect(), [facts], group);
    await until('the rest arrived', () => next.texts().includes('5'));
    expect(next.texts().slice(-3)).toEqual(['3', '4', '5']);
    expect(effects).toEqual(['1', '2', '3']);
  });

  it('holds every acknowledged record once and in order when a publisher is killed', async () => {
    const facts = await topic();
    let acknowledged = 0;
    const worker = startWorker({ order: 'publish', topic: facts, key: 'k', batch: 7 }, (report) => {
      if ('acknowledged' in report) acknowledged = report.acknowledged;
    });
    await until('some are acknowledged', () => acknowledged >= 210);
    await kill(worker);
    const broker = connect();
    await broker.publish([record(facts, 'k', 'end')]);
    const reader = await listen(broker, [facts]);
    await until('the end is read', () => reader.texts().includes('end'));
    const found = reader.texts().slice(0, -1).map(Number);
    expect(found).toEqual(found.map((_, i) => i + 1));
    expect(found.length).toBeGreaterThanOrEqual(acknowledged);
  });

  it('never gives one record to two members of a group, and lets the other take over from a killed one', async () => {
    const facts = await topic();
    const group = newGroup();
    const inHand = new Map<string, ChildProcess>();
    const done = new Set<string>();
    const clashes: string[] = [];
    let ready = 0;
    const hear = (report: Report, from: ChildProcess) => {
      if ('subscribed' in report) ready += 1;
      if (!('inHand' in report)) return;
      const value = report.inHand;
      if (inHand.has(value) && inHand.get(value) !== from) clashes.push(value);
      inHand.set(value, from);
      if (value === 'stuck' && !done.has('killed')) return;
      inHand.delete(value);
      done.add(value);
      from.send(go);
    };
    for (let n = 0; n < 2; n += 1) startWorker({ order: 'consume', group, topics: [facts] }, hear);
    await until('both have joined', () => ready === 2);
    const values = [...Array.from({ length: 20 }, (_, n) => String(n)), 'stuck', ...Array.from({ length: 20 }, (_, n) => String(n + 20))];
    await connect().publish(values.map((value) => record(facts, 'k', value)));
    await until('one is stuck', () => inHand.has('stuck'));
    await new Promise((resolve) => setTimeout(resolve, 500)); // Time enough for the other to take it, were it allowed to.
    expect([...done]).toEqual(values.slice(0, 20));
    done.add('killed');
    const stuck = inHand.get('stuck')!;
    inHand.clear();
    await kill(stuck);
    await until('the other did the rest', () => values.every((value) => done.has(value)));
    expect(clashes).toEqual([]);
  });

  it('holds back a paused key alone, and resumes it in order', async () => {
    const facts = await topic();
    const broker = connect();
    let others = false;
    const reader = await listen(broker, [facts], newGroup(), ({ key, value }) => {
      if (String(value) === 'b3') others = true;
      return key === 'a' && !others ? { pauseMs: 20 } : 'done';
    });
    await broker.publish(['a1', 'b1', 'a2', 'b2'].map((value) => record(facts, value[0]!, value)));
    await until('the key is tried again', () => reader.texts('a').length >= 3);
    await broker.publish([record(facts, 'a', 'a3'), record(facts, 'b', 'b3')]);
    await until('the key goes on', () => reader.texts().includes('a3'));
    expect(reader.texts('b')).toEqual(['b1', 'b2', 'b3']);
    expect(reader.texts('a').slice(0, -3).every((value) => value === 'a1')).toBe(true);
    expect(reader.texts('a').slice(-3)).toEqual(['a1', 'a2', 'a3']);
  });

  it('keeps what was paused for the next member', async () => {
    const facts = await topic();
    const broker = connect();
    await broker.publish(['a1', 'b1', 'a2'].map((value) => record(facts, value[0]!, value)));
    const leaving = await listen(broker, [facts], newGroup(), ({ key }) => key === 'a' ? { pauseMs: 600_000 } : 'done');
    await until('the other key is done', () => leaving.texts().includes('b1'));
    await leaving.subscription.close();
    const next = await listen(broker, [facts], leaving.group);
    await until('the paused ones arrive', () => next.texts('a').length === 2);
    expect(next.texts('a')).toEqual(['a1', 'a2']);
  });

  it('lets the record in hand finish before it leaves, and never delivers again what is done', async () => {
    const facts = await topic();
    const broker = connect();
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { finish = resolve; });
    const leaving = await listen(broker, [facts], newGroup(), async () => { await gate; return 'done' as const; });
    await broker.publish([record(facts, 'k', '1'), record(facts, 'k', '2')]);
    await until('the first is in hand', () => leaving.heard.length === 1);
    let left = false;
    const leave = leaving.subscription.close().then(() => { left = true; });
    await new Promise((resolve) => setImmediate(resolve));
    expect(left).toBe(false);
    finish();
    await leave;
    const next = await listen(broker, [facts], leaving.group);
    await broker.publish([record(facts, 'k', '3')]);
    await until('the rest arrived', () => next.texts().includes('3'));
    expect([...leaving.texts(), ...next.texts()]).toEqual(['1', '2', '3']);
  });

  it('keeps an erased key erased: when published again, by anybody, and for new groups', async () => {
    const persons = await topic({ compacted: true, erasable: true });
    const broker = connect();
    const early = await listen(broker, [persons]);
    await broker.publish([record(persons, 'p', '1'), record(persons, 'q', '1')]);
    await until('they are known', () => early.heard.length === 2);
    await broker.publish([record(persons, 'p', '2'), record(persons, 'p', null), record(persons, 'p', '3')]);
    await broker.publish([record(persons, 'p', '4')]);
    await connect().publish([record(persons, 'p', '1'), record(persons, 'q', 'end')]);
    const late = await listen(connect(), [persons]);
    for (const group of [early, late]) {
      await until('the end is read', () => group.texts('q').includes('end'));
      expect(group.texts('p').at(-1)).toBeNull();
      expect(group.texts('p').filter((value) => value === null)).toHaveLength(1);
    }
  });

  it('delivers a value after a null where a null is only an end', async () => {
    const modules = await topic({ compacted: true });
    const broker = connect();
    await broker.publish([record(modules, 'm', '1'), record(modules, 'm', null), record(modules, 'm', '2')]);
    const reader = await listen(broker, [modules]);
    await until('all is read', () => reader.texts().includes('2'));
    expect(reader.texts().slice(-2)).toEqual([null, '2']);
  });

  it('tells how far behind a reader is', async () => {
    const facts = await topic();
    const broker = connect();
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { finish = resolve; });
    const { subscription } = await listen(broker, [facts], newGroup(), async () => { await gate; return 'done' as const; });
    await until('it has caught up', () => subscription.behindMs() < 1_000);
    await broker.publish([record(facts, 'k', '1')]);
    await until('it falls behind', () => subscription.behindMs() > 1_200);
    finish();
    await until('it has caught up again', () => subscription.behindMs() < 1_000);
  });

  it('goes on unattended, with nothing lost, after the server was killed', async () => {
    const facts = await topic();
    const broker = connect();
    const values = Array.from({ length: 60 }, (_, n) => String(n));
    const here = await listen(broker, [facts]);
    const there: string[] = [];
    const worker = startWorker({ order: 'consume', group: newGroup(), topics: [facts] }, (report, from) => {
      if (!('inHand' in report)) return;
      there.push(report.inHand);
      from.send(go);
    });
    const publish = async (value: string) => {
      while (!(await broker.publish([record(facts, 'k', value)]).then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    for (const value of values.slice(0, 20)) await publish(value);
    await until('both read along', () => here.texts().includes('19') && there.includes('19'));
    const restarted = harness.restart();
    for (const value of values.slice(20, 40)) await publish(value);
    await restarted;
    for (const value of values.slice(40)) await publish(value);
    await until('both heard the last', () => here.texts().includes('59') && there.includes('59'));
    // A publish that failed may have succeeded, and a record whose commit failed comes again: each value's first time counts.
    expect([...new Set(here.texts())]).toEqual(values);
    expect([...new Set(there)]).toEqual(values);
    expect(worker.exitCode).toBeNull();
  });
});
