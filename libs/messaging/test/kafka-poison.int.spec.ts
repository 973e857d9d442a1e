import { referralRequested, watermarkReached, type DataOf } from '@opora/contracts';
import { eventually, startKafka, whyNoKafka, type TestKafka } from '@opora/testing';
import kafkajs, { type IHeaders, type Message, type Producer } from 'kafkajs';
import { Consumer, newId, toRecord, type Event } from '../src/index.js';
import { createClient, createTopics, KafkaBroker } from '../src/kafka/index.js';
import { startExampleService, type ExampleService } from './example-service.js';

const why = whyNoKafka();
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else {
  describe('Poison on a topic', poisonOnKafka);
}

function poisonOnKafka() {
  /** Stands in for the contract's own topic, which a server that was given may have already. */
  const topic = `test.${Date.now().toString(36)}.poison.v1`;
  const heardOn = referralRequested.topic.name;
  let kafka: TestKafka;
  let service: ExampleService;
  let broker: KafkaBroker;
  /** A foreign one: it sends what it likes. */
  let producer: Producer;
  let consumer: Consumer;
  let trouble: (event: Event) => void = () => undefined;

  beforeAll(async () => {
    [kafka, service] = await Promise.all([startKafka(), startExampleService()]);
    const client = createClient({ ...kafka.as('admin'), clientId: 'stranger', report: () => undefined });
    const admin = client.admin();
    await admin.connect();
    await createTopics(admin, [{ name: topic, key: 'clientId', compacted: false, erasable: false }], 1);
    await admin.alterConfigs({ validateOnly: false, resources: [{
      type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'max.message.bytes', value: String(8 * 1024 * 1024) }],
    }] });
    await admin.disconnect();
    producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();

    consumer = new Consumer({
      module: 'example', database: service.database, report: () => undefined, handled: () => undefined,
      handlers: new Map([[referralRequested.type, async (event: Event) => {
        await service.database.query('insert into effect (what) values ($1)', [(event.data as DataOf<typeof referralRequested>).offer]);
        trouble(event);
      }]]),
    });
    broker = new KafkaBroker({ ...kafka.as('admin'), clientId: 'example', erasableTopics: [], report: () => undefined });
    await broker.subscribe({ group: `example.${topic}`, topics: [topic], deliver: (delivery) => consumer.deliver({ ...delivery, topic: heardOn }) });
    await say(good('ready'));
    await arrives('ready');
  }, 180_000);
  beforeEach(async () => {
    trouble = () => undefined;
    await service.test.query('truncate example.effect, example.inbox, example.dead_letter');
  });
  afterAll(async () => {
    await producer?.disconnect();
    await broker?.close();
    await service?.close();
    await kafka?.stop();
  });

  type Said = Message & { key: string; headers: IHeaders };
  /** A request for an offer; the offer's code is what the handler writes down. */
  const good = (offer: string, clientId = newId()): Said => {
    const { key, headers, value } = toRecord({
      id: newId(), source: 'counselling', type: referralRequested.type, topic, key: clientId, subject: clientId, time: service.clock.now(), sequence: 1, data: {
        referralId: newId(), clientId, module: 'example', offer, agency: 'centre', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z',
      },
    }, referralRequested);
    return { key, value, headers: { ...headers } };
  };
  const spoiled = (changes: Partial<Message>): Message => ({ ...good('poison'), ...changes });
  const withHeaders = (changes: IHeaders): Message => spoiled({ headers: { ...good('poison').headers, ...changes } });
  const say = (...messages: Message[]) => producer.send({ topic, messages });
  const effects = async () => (await service.database.query<{ what: string }>('select what from effect order by n')).map(({ what }) => what);
  const arrives = (offer: string) => eventually(effects, (all) => all.includes(offer), 20_000);
  const letters = () => consumer.deadLetters.page({}, { limit: 10 });
  const bytes = (...all: number[]) => Buffer.from(all);

  it.each<[string, () => Message, string]>([
    ['is not JSON', () => spoiled({ value: '{"referralId": Anna' }), 'data-not-json'],
    ['is of a wrong shape', () => spoiled({ value: '{"name":"Anna"}' }), 'contract-violated'],
    ['is of 5 MB', () => spoiled({ value: JSON.stringify({ name: 'x'.repeat(5 * 1024 * 1024) }) }), 'contract-violated'],
    ['is not even bytes of a text', () => spoiled({ value: bytes(0xff, 0, 0xfe) }), 'data-not-json'],
    ['has no headers at all', () => spoiled({ headers: {} }), 'envelope-incomplete'],
    ['has no key', () => spoiled({ key: null }), 'envelope-incomplete'],
    ['has NUL in its key', () => spoiled({ key: 'a\0b' }), 'envelope-unreadable'],
    ['has no text as its key', () => spoiled({ key: bytes(0xc3, 0x28) }), 'envelope-unreadable'],
    ['has a key too long for an index', () => spoiled({ key: newId().repeat(200) }), 'envelope-unreadable'],
    ['has NUL in its id', () => withHeaders({ ce_id: 'a\0b' }), 'envelope-unreadable'],
    ['has no text as its type', () => withHeaders({ ce_type: bytes(0xff, 0xfe) }), 'envelope-unreadable'],
    ['has ids too long for an index', () => withHeaders({ ce_id: newId().repeat(200), ce_source: newId().repeat(200) }), 'envelope-unreadable'],
    ['has NUL in another header’s name', () => withHeaders({ 'x\0y': 'z', ce_subject: bytes(0) }), 'envelope-unreadable'],
  ])('that %s delays nobody, is seen, and can be discarded', async (_, poison, code) => {
    const bad = poison();
    await say(bad, good('next'));
    const saidAt = performance.now();
    await arrives('next');
    // Megabytes take their time to come, to be read and to be put away, more so beside other suites.
    expect(performance.now() - saidAt).toBeLessThan((bad.value?.length ?? 0) > 1_000_000 ? 4_000 : 1_000);
    expect(await effects()).toEqual(['next']);
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ topic: heardOn, status: 'dead', code });
    expect(await consumer.redrive(heardOn, letter!.key)).toBe(0);
    expect(await letters()).toMatchObject([{ status: 'dead', code }]);
    await consumer.deadLetters.discard(letter!, 'unreadable', 'admin-1');
    expect(await letters()).toEqual([]);
  });

  it('keeps all of 5 MB for whoever looks into it', async () => {
    const value = JSON.stringify({ name: 'x'.repeat(5 * 1024 * 1024) });
    await say(spoiled({ value }), good('next'));
    await arrives('next');
    expect(await service.database.query('select octet_length(value) as size from dead_letter')).toEqual([{ size: value.length }]);
  });

  it('of a type that nobody here listens to is nobody’s poison', async () => {
    await say(withHeaders({ ce_type: watermarkReached.type }), spoiled({ headers: { ce_type: watermarkReached.type, 'x\0y': bytes(0xff) }, value: '?' }), good('next'));
    await arrives('next');
    expect(await letters()).toEqual([]);
  });

  it('for one person parks that person’s facts alone, and can be redriven in order', async () => {
    const anna = newId();
    trouble = ({ key }) => { if (key === anna) throw new TypeError('no'); };
    await say(good('first', anna), good('second', anna), good('his'), good('third', anna), good('hers'));
    const saidAt = performance.now();
    await arrives('hers');
    expect(performance.now() - saidAt).toBeLessThan(1_000);
    expect(await effects()).toEqual(['his', 'hers']);
    expect((await letters()).map(({ status }) => status)).toEqual(['dead', 'parked', 'parked']);
    trouble = () => undefined;
    expect(await consumer.redrive(heardOn, anna)).toBe(3);
    await say(good('fourth', anna));
    expect(await arrives('fourth')).toEqual(['his', 'hers', 'first', 'second', 'third', 'fourth']);
  });
}
