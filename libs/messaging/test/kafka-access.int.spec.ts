import { eventually, startKafka, whyNoKafka, type KafkaAccess, type TestKafka } from '@opora/testing';
import type { Admin } from 'kafkajs';
import { createClient, createTopics, grantAccess, KafkaBroker, type ServiceAccess } from '../src/kafka/index.js';

const [plans, consents, ours, theirs] = ['opora.plan-entries.v1', 'opora.consents.v1', 'opora.legal-aid.v1', 'opora.intake.v1'] as const;
const users = ['legal-aid', 'intake', 'changing'];

const why = whyNoKafka({ users });
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else {
  describe('On a Kafka that asks for names and passwords, over TLS', securedKafka);
}

function securedKafka() {
  let kafka: TestKafka;
  let admin: Admin;
  const open: KafkaBroker[] = [];

  beforeAll(async () => {
    kafka = await startKafka({ users });
    admin = createClient({ ...kafka.as('admin'), clientId: 'provision', report: () => undefined }).admin();
    await admin.connect();
    await createTopics(admin);
    await grant({ service: 'legal-aid', reads: [consents], writes: [plans, ours] });
    await grant({ service: 'intake', reads: [plans], writes: [consents, theirs] });
  }, 180_000);
  afterEach(() => Promise.all(open.splice(0).map((broker) => broker.close())));
  afterAll(async () => {
    await admin.disconnect();
    await kafka.stop();
  });

  /** The server answers before its authorizer knows. */
  const grant = async (access: ServiceAccess) => {
    const granted = await grantAccess(admin, access);
    await eventually(() => grantAccess(admin, access), (again) => again !== 'open' && again.added + again.removed === 0);
    return granted;
  };
  const start = (service: string, access: Partial<KafkaAccess> = {}) => {
    const reports: string[] = [];
    const broker = new KafkaBroker({
      ...kafka.as(service), ...access, clientId: service, erasableTopics: [plans, consents], report: (what, code) => { reports.push(`${what} ${code}`); },
    });
    open.push(broker);
    return { broker, reports };
  };
  const failures = (...all: { reports: string[] }[]) => all.flatMap(({ reports }) => reports.filter((one) => !one.startsWith('kafka-client ')));
  const record = (topic: string, key: string, value: string | null) => ({ topic, key, headers: {}, value: value === null ? null : Buffer.from(value) });
  const listen = async ({ broker }: { broker: KafkaBroker }, group: string, ...topics: string[]) => {
    const heard: string[] = [];
    await broker.subscribe({ group, topics, deliver: async ({ key, value }) => { heard.push(`${key} ${value}`); return 'done'; } });
    return heard;
  };
  const until = (condition: () => boolean) => eventually(async () => condition(), Boolean, 25_000);

  it('a service says what it says, hears what it hears, and keeps the erased erased', async () => {
    const [legalAid, intake] = [start('legal-aid'), start('intake')];
    await intake.broker.publish([record(consents, 'p', '1'), record(consents, 'q', '1')]);
    await intake.broker.publish([record(consents, 'p', null)]);
    await legalAid.broker.publish([record(ours, 'k', '1'), record(plans, 'e', '1'), record(plans, 'f', '1')]);
    await legalAid.broker.publish([record(plans, 'e', null)]);
    await start('legal-aid').broker.publish([record(plans, 'e', '2'), record(plans, 'f', '2')]);
    const [persons, again, entries] = [await listen(legalAid, 'legal-aid', consents), await listen(legalAid, 'legal-aid.another', consents), await listen(intake, 'intake', plans)];
    for (const heard of [persons, again]) {
      await until(() => heard.includes('p null') && heard.includes('q 1'));
    }
    await until(() => entries.includes('f 2') && entries.includes('e null'));
    expect(entries).not.toContain('e 2');
    expect(failures(legalAid, intake).join()).not.toContain('AUTHORIZATION');
  });

  it('whoever hears a stranger’s null marks the key, with no more rights than a reader has', async () => {
    const producer = createClient({ ...kafka.as('admin'), clientId: 'stranger', report: () => undefined }).producer();
    await producer.connect();
    const send = (value: string | null) => producer.send({ topic: consents, messages: [{ key: 'stranger', value }] });
    await send('1');
    await send(null);
    const legalAid = start('legal-aid');
    const heard = await listen(legalAid, 'legal-aid.strangers', consents);
    await until(() => heard.includes('stranger null'));
    await send('2');
    await send(null);
    await producer.disconnect();
    await until(() => heard.filter((one) => one === 'stranger null').length === 2);
    expect(heard).not.toContain('stranger 2');
    expect(failures(legalAid).join()).not.toContain('AUTHORIZATION');
  });

  it('a service may not say what it does not say; that is told by its code, and what it may say goes on', async () => {
    const legalAid = start('legal-aid');
    await expect(legalAid.broker.publish([record(theirs, 'k', 'forged')])).rejects.toThrow('Not authorized');
    await expect(legalAid.broker.publish([record(consents, 'k', 'forged')])).rejects.toThrow('Not authorized');
    expect(failures(legalAid)).toEqual(['kafka-publish-failed TOPIC_AUTHORIZATION_FAILED', 'kafka-publish-failed TOPIC_AUTHORIZATION_FAILED']);
    await legalAid.broker.publish([record(ours, 'k', '2')]);
  });

  it.each<[string, string, string[], RegExp]>([
    ['hear what it does not hear', 'legal-aid', [theirs], /^kafka-member-failed TOPIC_AUTHORIZATION_FAILED/],
    ['hear what it says', 'legal-aid', [ours], /^kafka-member-failed TOPIC_AUTHORIZATION_FAILED/],
    ['join another’s group', 'intake', [consents], /^kafka-client .*group.*authorization failed/i],
    ['join a group whose name only begins like its own', 'legal-aid-2', [consents], /^kafka-client .*group.*authorization failed/i],
  ])('a service may not %s', async (_, group, topics, told) => {
    const legalAid = start('legal-aid');
    const heard = await listen(legalAid, group, ...topics);
    await until(() => legalAid.reports.some((one) => told.test(one)));
    await until(() => failures(legalAid).length > 0);
    expect(heard).toEqual([]);
  });

  it('a service may neither make topics nor grant rights', async () => {
    const own = createClient({ ...kafka.as('legal-aid'), clientId: 'legal-aid', report: () => undefined }).admin();
    await own.connect();
    await expect(grantAccess(own, { service: 'legal-aid', reads: [theirs], writes: [] })).rejects.toMatchObject({ type: 'CLUSTER_AUTHORIZATION_FAILED' });
    await expect(own.createTopics({ topics: [{ topic: 'opora.mine.v1' }] })).rejects.toThrow();
    await own.disconnect();
    expect(await admin.listTopics()).not.toContain('opora.mine.v1');
  });

  it('granting twice changes nothing; what is needed no more is taken back, also from who is at work', async () => {
    const changed = (reads: string[], writes: string[]) => grant({ service: 'changing', reads, writes });
    expect(await changed([consents], [ours])).toEqual({ added: 6, removed: 0 });
    expect(await changed([consents], [ours])).toEqual({ added: 0, removed: 0 });
    const changing = start('changing');
    const heard = await listen(changing, 'changing', consents);
    await until(() => heard.length > 0);
    await changing.broker.publish([record(ours, 'k', '3')]);
    expect(await changed([plans], [])).toEqual({ added: 1, removed: 2 });
    await until(() => changing.reports.includes('kafka-member-failed TOPIC_AUTHORIZATION_FAILED'));
    await expect(changing.broker.publish([record(ours, 'k', '4')])).rejects.toThrow('Not authorized');
    // Others keep theirs.
    await start('legal-aid').broker.publish([record(ours, 'k', '5')]);
  });

  it('a wrong password is told, and tried less and less often', async () => {
    const stranger = start('legal-aid', { sasl: { mechanism: 'plain', username: 'legal-aid', password: 'wrong' } });
    await expect(stranger.broker.publish([record(ours, 'k', '6')])).rejects.toThrow();
    const since = performance.now();
    await listen(stranger, 'legal-aid', consents);
    await until(() => failures(stranger).length === 4);
    expect(performance.now() - since).toBeGreaterThan(2_500);
    expect(failures(stranger)).toEqual(['kafka-publish-failed KafkaJSSASLAuthenticationError', ...Array.from({ length: 3 }, () => 'kafka-member-failed KafkaJSSASLAuthenticationError')]);
  });

  it('a server that nobody vouches for is told, and gets no password', async () => {
    const wary = start('legal-aid', { ssl: true });
    await expect(wary.broker.publish([record(ours, 'k', '7')])).rejects.toThrow();
    expect(failures(wary)).toEqual(['kafka-publish-failed DEPTH_ZERO_SELF_SIGNED_CERT']);
    expect(wary.reports.join()).toMatch(/self-signed certificate/);
  });
}
