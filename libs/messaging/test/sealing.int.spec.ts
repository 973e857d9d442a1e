import { consentsChanged, referralRequested, topics, type DataOf } from '@opora/contracts';
import { eventually } from '@opora/testing';
import { randomBytes } from 'node:crypto';
import { Consumer, Heads, newId, open, Relay, seal, toRecord, type Broker, type BrokerRecord, type Delivery, type Event } from '../src/index.js';
import { holdSession, openCourse, startExampleService, type ExampleService } from './example-service.js';

const newKey = () => randomBytes(32).toString('base64url');
const key = newKey();
const asked = (clientId: string, id = newId()): BrokerRecord => toRecord({
  id, source: 'counselling', type: referralRequested.type, topic: topics.referrals.name, key: clientId, subject: clientId, time: '2026-03-01T09:00:00.000Z', sequence: 1,
  data: { referralId: newId(), clientId, module: 'example', offer: 'advice', agency: 'centre', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z' } satisfies DataOf<typeof referralRequested>,
}, referralRequested);

describe('A sealed fact', () => {
  const fact = asked(newId());
  const sealed = seal(fact, key);

  it('says nothing but its envelope, and opens to what it was', () => {
    expect(sealed.headers).toMatchObject({ ...fact.headers, 'content-type': 'application/octet-stream', ce_sealed: 'A256GCM' });
    expect(sealed.value!.toString('latin1')).not.toContain('advice');
    expect(open(sealed, key)).toEqual(fact);
  });

  it('is the same when it is sealed again, and unlike every other', () => {
    expect(seal(fact, key)).toEqual(sealed);
    const nonces = Array.from({ length: 1000 }, () => seal(asked(fact.key), key).value!.subarray(0, 12).toString('hex'));
    expect(new Set(nonces).size).toBe(1000);
  });

  it.each([
    ['another key', sealed, newKey()],
    ['another event', { ...sealed, headers: { ...sealed.headers, ce_id: newId() } }, key],
    ['another type', { ...sealed, headers: { ...sealed.headers, ce_type: 'opora.referral.accepted' } }, key],
    ['a changed byte', { ...sealed, value: Buffer.from(sealed.value!.map((byte, i) => (i === 20 ? byte ^ 1 : byte))) }, key],
    ['too few bytes', { ...sealed, value: Buffer.from('short') }, key],
    ['another method', { ...sealed, headers: { ...sealed.headers, ce_sealed: 'none' } }, key],
  ])('does not open with %s', (_, record, with_) => {
    expect(() => open(record, with_)).toThrow(expect.objectContaining({ code: 'seal-broken' }));
  });
});

describe('On a broker that keeps what cannot be deleted', () => {
  let service: ExampleService;
  let heads: Heads;
  let relay: Relay;
  let position = 0;
  const records: BrokerRecord[] = [];
  const broker: Broker = {
    sealed: true, publish: async (more) => { records.push(...more); }, subscribe: () => Promise.reject(new Error('Nobody reads here')), close: async () => undefined,
  };
  const heard = (clientId: string, data: object | null): Event => ({
    id: newId(), source: 'intake', type: consentsChanged.type, topic: topics.consents.name, key: clientId, subject: clientId, time: service.clock.now(), sequence: 1, data,
  });
  const knows = (clientId: string, version = 1) => heads.apply(heard(clientId, { clientId, version, recordedAt: service.clock.now(), consents: [], aliases: [], key }));
  const facts = () => records.filter(({ topic }) => topic === 'opora.example.v1');

  beforeEach(async () => {
    records.length = 0;
    service = await startExampleService();
    heads = new Heads(service.database);
    relay = new Relay({ module: 'example', databaseUrl: service.runtimeUrl, broker, report: () => undefined });
    relay.start();
  });
  afterEach(async () => {
    await relay.stop();
    await service.close();
  });

  it('facts about a person are sealed with the person’s key; values of plans are not', async () => {
    const clientId = newId();
    await knows(clientId);
    await service.store.change(newId(), service.store.act('w'), openCourse(clientId, { [newId()]: 'shown' }));
    await eventually(async () => records, (said) => said.some(({ topic }) => topic === topics.planEntries.name) && facts().length === 1);
    expect(facts()[0]!.headers).toMatchObject({ ce_sealed: 'A256GCM' });
    expect(JSON.parse(open(facts()[0]!, key).value!.toString())).toEqual({ clientId });
    expect(records.find(({ topic }) => topic === topics.planEntries.name)!.headers).not.toHaveProperty('ce_sealed');
  });

  it('a fact waits until the person’s key is known, and holds up nobody else', async () => {
    const [early, other, course] = [newId(), newId(), newId()];
    await knows(other);
    await service.store.change(course, service.store.act('w'), openCourse(early));
    await service.store.change(course, service.store.act('w'), holdSession);
    await service.store.change(newId(), service.store.act('w'), openCourse(other));
    await eventually(async () => facts(), (said) => said.length === 1);
    expect(facts()[0]!.key).toBe(other);
    await knows(early);
    await eventually(async () => facts(), (said) => said.length === 3);
    expect(facts().slice(1).map(({ headers }) => headers['ce_sequence'])).toEqual(['1', '2']);
  });

  it('nothing is said any more of somebody who was erased', async () => {
    const [gone, other] = [newId(), newId()];
    await service.store.change(newId(), service.store.act('w'), openCourse(gone));
    await heads.apply(heard(gone, null));
    await knows(other);
    await service.store.change(newId(), service.store.act('w'), openCourse(other));
    await eventually(async () => facts(), (said) => said.length > 0);
    expect(facts().map((fact) => fact.key)).toEqual([other]);
    await eventually(() => service.database.query('select 1 from outbox where published_at is null'), (rows) => rows.length === 0);
  });

  it('a reader waits for the key, opens with it, and passes by what is about the erased', async () => {
    const done: unknown[] = [];
    const consumer = new Consumer({
      module: 'example', database: service.database, handlers: new Map([[referralRequested.type, async ({ data }: Event) => { done.push((data as { offer: string }).offer); }]]),
      retries: [1], handled: () => undefined, report: () => undefined,
    });
    const clientId = newId();
    const deliver = (record: BrokerRecord) => consumer.deliver({ ...record, position: String(position += 1) } satisfies Delivery);
    const fact = seal(asked(clientId), key);
    expect(await deliver(fact)).toMatchObject({ pauseMs: 1000 });
    await knows(clientId);
    expect(await deliver(fact)).toBe('done');
    await heads.apply(heard(clientId, null));
    for (const late of [seal(asked(clientId), key), asked(clientId)]) expect(await deliver(late)).toBe('done');
    expect(done).toEqual(['advice']);
    expect(await service.database.query('select 1 from dead_letter')).toEqual([]);
  });
});
