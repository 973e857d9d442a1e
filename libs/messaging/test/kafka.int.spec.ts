import type { Topic } from '@opora/contracts';
import { eventually, startKafka, whyNoKafka, type TestKafka } from '@opora/testing';
import kafkajs, { type Admin } from 'kafkajs';
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Delivery, Verdict } from '../src/broker.js';
import { createClient, createTopics, grantAccess, KafkaBroker, kafkaTopics } from '../src/kafka/index.js';
import { Publisher } from '../src/kafka/publisher.js';
import { brokerContract } from './broker-contract.js';
import type { Order, Report } from './broker-worker.js';
import { connect, kafkaHarness } from './kafka-harness.js';

const why = whyNoKafka();
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else {
  brokerContract('Kafka', { module: new URL('./kafka-harness.ts', import.meta.url), connect, start: kafkaHarness });
  describe('The Kafka adapter', kafkaAdapter);
}

function kafkaAdapter() {
  let kafka: TestKafka;
  let brokers: string[];
  let admin: Admin;
  let count = 0;
  const open: KafkaBroker[] = [];
  const workers: ChildProcess[] = [];
  const reports: string[] = [];
  const run = Date.now().toString(36);

  beforeAll(async () => {
    kafka = await startKafka();
    brokers = kafka.brokers.split(',');
    admin = createClient({ brokers, clientId: 'test', report: () => undefined }).admin();
    await admin.connect();
    await createTopics(admin);
  }, 180_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((broker) => broker.close()));
    await Promise.all(workers.splice(0).map(kill));
  });
  afterAll(async () => {
    await admin.disconnect();
    await kafka.stop();
  });

  const topic = async (partitions: number, flags: Partial<Topic> = {}): Promise<string> => {
    const name = `test.${run}.t${count += 1}.v1`;
    await createTopics(admin, [{ name, key: 'any', compacted: false, erasable: false, ...flags }], partitions);
    return name;
  };
  const start = (erasableTopics: string[] = []): KafkaBroker => {
    const broker = new KafkaBroker({ brokers, clientId: 'test', erasableTopics, report: (what, code) => reports.push(`${what} ${code}`) });
    open.push(broker);
    return broker;
  };
  const record = (name: string, key: string, value: string | null) => ({ topic: name, key, headers: {}, value: value === null ? null : Buffer.from(value) });
  const listen = async (broker: KafkaBroker, name: string, group = `test.${run}.g${count += 1}`, verdict: (delivery: Delivery) => Verdict | Promise<Verdict> = () => 'done') => {
    const heard: string[] = [];
    const subscription = await broker.subscribe({
      group, topics: [name],
      deliver: async (delivery) => { heard.push(`${delivery.key} ${delivery.value}`); return verdict(delivery); },
    });
    return { group, heard, subscription };
  };
  const until = (condition: () => boolean) => eventually(async () => condition(), Boolean, 25_000);
  const kill = async (worker: ChildProcess): Promise<void> => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  };
  /** Publishes past the adapter, as a stranger would. */
  const publishRaw = async (name: string, key: string, value: string | null) => {
    const producer = createClient({ brokers, clientId: 'stranger', report: () => undefined }).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: name, messages: [{ key, value }] });
    await producer.disconnect();
  };

  it('makes every contract’s topic, twice, and never changes how many partitions one has', async () => {
    expect(await createTopics(admin, kafkaTopics, 5)).toEqual([]);
    const { topics } = await admin.fetchTopicMetadata({ topics: kafkaTopics.map(({ name }) => name) });
    const partitions = Object.fromEntries(topics.map(({ name, partitions: all }) => [name, all.length]));
    expect(partitions).toMatchObject({ 'opora.modules.v1': 1, 'opora.erased.v1': 1, 'opora.plan-entries.v1': 12, 'opora.referrals.v1': 12, 'opora.intake.v1': 12 });
    const settingsOf = async (name: string) => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }] });
      return Object.fromEntries(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]));
    };
    expect(await settingsOf('opora.referrals.v1')).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': String(90 * 86_400_000) });
    expect(await settingsOf('opora.plan-entries.v1')).toMatchObject({ 'cleanup.policy': 'compact', 'min.compaction.lag.ms': String(7 * 86_400_000), 'max.compaction.lag.ms': String(14 * 86_400_000) });
    // They carry people's keys.
    expect(await settingsOf('opora.consents.v1')).toMatchObject({ 'cleanup.policy': 'compact', 'min.compaction.lag.ms': '0', 'max.compaction.lag.ms': String(86_400_000), 'segment.ms': String(3_600_000) });
  });

  it('says so where there are no rights to grant', async () => {
    expect(kafka.ours ? await grantAccess(admin, { service: 'test', reads: [], writes: [] }) : 'open').toBe('open');
  });

  it('shares partitions between two members, and one does all when the other is killed', async () => {
    const facts = await topic(6);
    const group = `test.${run}.g${count += 1}`;
    const keys = Array.from({ length: 24 }, (_, n) => `k${n}`);
    const byWorker: string[][] = [[], []];
    const started = byWorker.map((heard) => {
      const worker = fork(fileURLToPath(new URL('./broker-worker.ts', import.meta.url)),
        [new URL('./kafka-harness.ts', import.meta.url).href, JSON.stringify({ brokers, erasableTopics: [] })],
        { execArgv: ['--import', new URL('./run-typescript.mjs', import.meta.url).href, '--conditions=opora-src'] });
      workers.push(worker);
      worker.on('message', (report: Report) => {
        if (!('inHand' in report)) return;
        heard.push(report.inHand);
        worker.send({ order: 'go' } satisfies Order);
      });
      worker.send({ order: 'consume', group, topics: [facts] } satisfies Order);
      return worker;
    });
    const broker = start();
    let round = 0;
    const say = () => { round += 1; return broker.publish(keys.map((key) => record(facts, key, `${key} ${round}`))); };
    await eventually(async () => { await say(); return byWorker; }, (all) => all.every((heard) => heard.length > 0), 25_000);
    await kill(started[0]!);
    const alone = byWorker[1]!;
    await say();
    const last = round;
    const killedAt = performance.now();
    await until(() => keys.every((key) => [...byWorker[0]!, ...alone].includes(`${key} ${last}`)));
    expect(performance.now() - killedAt).toBeLessThan(20_000);
    // In order per key, each member for itself; what the killed one had done without committing comes again.
    for (const key of keys) for (const heard of byWorker) {
      const rounds = [...new Set(heard.filter((one) => one.startsWith(`${key} `)))].map((one) => Number(one.split(' ')[1]));
      expect(rounds).toEqual([...rounds].sort((a, b) => a - b));
    }
    expect(new Set([...byWorker[0]!, ...alone]).size).toBe(keys.length * last);
  });

  it('works on other partitions while a handler is slow in one', async () => {
    const facts = await topic(6);
    const broker = start();
    await broker.publish(['slow', ...Array.from({ length: 24 }, (_, n) => `k${n}`)].map((key) => record(facts, key, '1')));
    const gate = Promise.withResolvers<void>();
    const reader = await listen(broker, facts, undefined, async ({ key }) => {
      if (key === 'slow') await gate.promise;
      return 'done' as const;
    });
    await until(() => reader.heard.includes('slow 1') && reader.heard.length >= 13);
    gate.resolve();
    await until(() => reader.heard.length === 25);
  });

  it('hands a paused key over with its partition, in order, when a member joins', async () => {
    const facts = await topic(2);
    const group = `test.${run}.g${count += 1}`;
    let healed = false;
    const verdict = ({ key }: Delivery): Verdict => key.startsWith('bad') && !healed ? { pauseMs: 50 } : 'done';
    const one = await listen(start(), facts, group, verdict);
    const keys = ['bad1', 'bad2', 'bad3', 'good1', 'good2', 'good3'];
    for (let n = 0; n < 3; n += 1) await open[0]!.publish(keys.map((key) => record(facts, key, String(n))));
    await until(() => one.heard.filter((text) => text.startsWith('good')).length === 9);
    const two = await listen(start(), facts, group, verdict);
    await until(() => two.heard.length > 0);
    healed = true;
    const all = () => [...one.heard, ...two.heard];
    await until(() => keys.every((key) => all().includes(`${key} 2`)));
    for (const key of keys) {
      const firsts = [...new Set([...one.heard, ...two.heard].filter((text) => text.startsWith(key)))];
      expect(firsts).toEqual([`${key} 0`, `${key} 1`, `${key} 2`]);
    }
  });

  it('says nothing of an erased key after compaction and past the adapter either', async () => {
    const persons = await topic(1, { compacted: true, erasable: true });
    const quick = { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': 0, 'max.compaction.lag.ms': 100, 'segment.ms': 100, 'delete.retention.ms': 0, 'min.cleanable.dirty.ratio': 0.01 };
    await admin.alterConfigs({ validateOnly: false, resources: [{
      type: kafkajs.ConfigResourceTypes.TOPIC, name: persons, configEntries: Object.entries(quick).map(([name, value]) => ({ name, value: String(value) })),
    }] });
    const broker = start([persons]);
    const early = await listen(broker, persons);
    await broker.publish([record(persons, 'p', '1'), record(persons, 'stranger', '1')]);
    await broker.publish([record(persons, 'p', null)]);
    await publishRaw(persons, 'p', 'again');
    await publishRaw(persons, 'stranger', null);
    await until(() => early.heard.includes('stranger null'));
    await publishRaw(persons, 'stranger', 'again');
    // The server looks for work every so often, and cleans only closed segments: write until the nulls are gone.
    const raw = async () => {
      await broker.publish([record(persons, 'filler', String(count += 1))]);
      const texts: string[] = [];
      const consumer = createClient({ brokers, clientId: 'raw', report: () => undefined }).consumer({ groupId: `test.${run}.raw${count += 1}`, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topics: [persons], fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => { texts.push(`${message.key} ${message.value}`); } });
      await until(() => texts.some((text) => text === `filler ${count - 1}`));
      await consumer.disconnect();
      return texts;
    };
    const left = await eventually(raw, (texts) => !texts.includes('p null') && !texts.includes('stranger null'), 25_000);
    expect(left).toEqual(expect.arrayContaining(['p again', 'stranger again']));
    const late = await listen(start([persons]), persons);
    await until(() => late.heard.some((text) => text.startsWith('filler')));
    for (const { heard } of [early, late]) expect(heard.filter((text) => text.endsWith('again'))).toEqual([]);
  });

  it('keeps no erased key, only a hash', async () => {
    const persons = await topic(1, { compacted: true, erasable: true });
    await start([persons]).publish([record(persons, 'client-1', null)]);
    const marks = await listen(start(), 'opora.erased.v1');
    const mark = createHash('sha256').update(`${persons}\0client-1`).digest('base64url');
    await until(() => marks.heard.includes(`${mark} erased`));
    expect(marks.heard.join()).not.toContain('client-1');
  });

  it('joins by itself once the topic is there', async () => {
    const name = `test.${run}.later.v1`;
    const broker = start();
    const later = await listen(broker, name);
    await until(() => reports.some((text) => text.startsWith('kafka-member-failed')));
    await expect(broker.publish([record(name, 'k', '1')])).rejects.toThrow();
    await createTopics(admin, [{ name, key: 'any', compacted: false, erasable: false }], 1);
    await broker.publish([record(name, 'k', '1')]);
    await until(() => later.heard.includes('k 1'));
  });

  it('publishes more than one request holds, in order', async () => {
    const facts = await topic(3);
    const broker = start();
    const reader = await listen(broker, facts);
    await broker.publish(Array.from({ length: 500 }, (_, n) => record(facts, `k${n % 2}`, `${n} ${'x'.repeat(8_000)}`)));
    await until(() => reader.heard.length === 500);
    for (const key of ['k0', 'k1']) {
      const numbers = reader.heard.filter((text) => text.startsWith(key)).map((text) => Number(text.split(' ')[1]));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it('loses nothing that is acknowledged after an answer was lost', async () => {
    const facts = await topic(1);
    let deaf = false;
    const client = new kafkajs.Kafka({
      brokers, clientId: 'deaf', logLevel: kafkajs.logLevel.NOTHING, requestTimeout: 1_000,
      socketFactory: ({ host, port, onConnect }) => {
        const socket = connectSocket({ host, port }, onConnect);
        const emit = socket.emit.bind(socket) as (name: string | symbol, ...more: unknown[]) => boolean;
        return Object.assign(socket, { emit: (name: string | symbol, ...more: unknown[]) => name === 'data' && deaf ? true : emit(name, ...more) });
      },
    });
    const publisher = new Publisher(client, () => undefined);
    await publisher.publish([record(facts, 'k', '1')]);
    deaf = true;
    await expect(publisher.publish([record(facts, 'k', '2')])).rejects.toThrow();
    deaf = false;
    await publisher.publish([record(facts, 'k', '3')]);
    await publisher.publish([record(facts, 'k', '4')]);
    await publisher.close();
    const reader = await listen(start(), facts);
    await until(() => reader.heard.includes('k 4'));
    expect(reader.heard).toEqual(['k 1', 'k 2', 'k 3', 'k 4']);
  });

  it('survives a handler that throws, and a record that is no event of ours', async () => {
    const facts = await topic(1);
    let thrown = 0;
    const reader = await listen(start(), facts, undefined, ({ value }) => {
      if (String(value) !== 'bad' || thrown > 0) return 'done';
      thrown += 1;
      throw new Error('against its promise');
    });
    await publishRaw(facts, '', 'no key');
    await publishRaw(facts, 'k', 'bad');
    await until(() => reader.heard.filter((text) => text === 'k bad').length === 2);
    expect(reader.heard[0]).toBe(' no key');
  });

  it('refuses in seconds and closes in ten while no server answers', async () => {
    const broker = new KafkaBroker({ brokers: ['127.0.0.1:1'], clientId: 'test', erasableTopics: [], report: () => undefined });
    const { subscription } = await listen(broker, 'nowhere');
    const startedAt = performance.now();
    await expect(broker.publish([record('nowhere', 'k', '1')])).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(subscription.behindMs()).toBe(Infinity);
    const closingAt = performance.now();
    await broker.close();
    expect(performance.now() - closingAt).toBeLessThan(10_000);
    await expect(broker.publish([record('nowhere', 'k', '1')])).rejects.toThrow('closed');
    await expect(broker.subscribe({ group: 'g', topics: ['nowhere'], deliver: async () => 'done' })).rejects.toThrow('closed');
  });
}
