import { topics } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { caller, eventually, type Caller } from '@opora/testing';
import { randomBytes } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import kafkajs, { type Producer } from 'kafkajs';
import type pg from 'pg';
import type { Region } from '../src/region/region.js';
import { services } from '../src/services.js';
import { inspect, kafkaOf, readTopic, withAdmin } from './observing.js';
import { allTopicsHeard, consentState, goodFacts, hears, poisonFor, request, send, topicsHeardBy } from './poison.js';
import { staff } from './staff.js';

interface Letter { id: string; topic: string; key: string; code: string; status: string }

const names = services.map(({ name }) => name);
const schemaOf = (service: string) => service.replaceAll('-', '_');
/** Milliseconds. More only where others than this region keep the machine busy: a region alone is far below four processes a core. */
const second = (): number => {
  const perCore = loadavg()[0]! / availableParallelism();
  return perCore < 4 ? 1_000 : 1_000 * perCore;
};
/** As it is kept: PostgreSQL knows no NUL. */
const kept = (key: string) => key.replaceAll('\0', '\uFFFD');

/** Facts that nobody can take hold up nobody else, are seen by operations, and can be tried again or given up. */
export const poisonIsContained = (place: () => Region): void => {
  let producer: Producer;
  let database: pg.Pool;
  let operators: Record<string, Caller>;

  beforeAll(async () => {
    const region = place();
    producer = kafkaOf(region).producer({ allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    database = await inspect(region);
    const token = await region.mint(staff.admin);
    // Through the gateway, which does not forward to itself.
    operators = Object.fromEntries(names.map((name) => [name, caller(name === 'gateway' ? region.deployment(name).url : region.gateway, token)]));
  }, 30_000);

  afterAll(async () => {
    await producer?.disconnect();
    await database?.end();
  });

  const letters = async (service: string, topic: string, key?: string): Promise<Letter[]> =>
    (await operators[service]!.get(`/v1/${service}/admin/dead-letters?limit=200&topic=${topic}${key ? `&key=${encodeURIComponent(kept(key))}` : ''}`)).body.items;
  const letter = async (service: string, topic: string, key: string): Promise<Letter> =>
    (await eventually(() => letters(service, topic, key), ({ length }) => length > 0, 15_000))[0]!;

  /** Says somebody's facts and answers how long they took to take effect everywhere, milliseconds. */
  const arrival = async (topic: string, who: string, source: string): Promise<number> => {
    const facts = goodFacts(topic, who, source);
    const began = performance.now();
    await send(producer, facts.map(({ record }) => record));
    const effects = facts.flatMap(({ shown }) => Object.entries(shown));
    expect(effects.map(([service]) => service).sort()).toEqual(names.filter((name) => topicsHeardBy(name).includes(topic)).sort());
    await Promise.all(effects.map(([service, [table, column, value]]) =>
      eventually(() => database.query(`select 1 from ${schemaOf(service)}.${table} where ${column} = $1`, [value]), ({ rowCount }) => rowCount! > 0, 20_000)));
    return performance.now() - began;
  };

  it.each(allTopicsHeard())('on %s: the others’ facts arrive within a second, and the poison is seen where it was heard', async (topic) => {
    const source = `trial-${newId().slice(-8)}`;
    const undisturbed = await arrival(topic, newId(), `${source}-a`);
    const poison = poisonFor(topic);
    await send(producer, poison.map(({ record }) => record));
    const disturbed = await arrival(topic, newId(), `${source}-b`);
    console.log(`${topic}: ${Math.round(undisturbed)} ms without poison, ${Math.round(disturbed)} ms behind it`);
    expect(disturbed - undisturbed).toBeLessThan(second());
    for (const service of names.filter((name) => topicsHeardBy(name).includes(topic))) {
      for (const { record, code } of poison.filter(({ record: { headers } }) => hears(service, headers?.['ce_type']))) {
        expect(await letter(service, topic, record.key)).toMatchObject({ code, status: 'dead' });
      }
    }
  }, 60_000);

  it('keeps what no contract names, for a later version of ours, and holds up nothing of that person for it', async () => {
    const who = newId();
    const { record } = goodFacts(topics.referrals.name, who, 'trial-c')[0]!;
    await send(producer, [{ ...record, headers: { ...record.headers, ce_id: newId(), ce_type: 'opora.referral.reconsidered' } }]);
    await arrival(topics.referrals.name, who, 'trial-c');
    const { id, code, status } = await letter('legal-aid', topics.referrals.name, who);
    expect([code, status]).toEqual(['type-unknown', 'dead']);
    expect(await operators['legal-aid']!.post(`/v1/legal-aid/admin/dead-letters/${id}/redrive`, {})).toMatchObject({ status: 200, body: { redriven: 0, waiting: [{ code }] } });
  });

  it('puts 5 MB away like any other poison', async () => {
    const topic = topics.referrals.name;
    await withAdmin(place(), async (admin) => {
      const { resources: [found] } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }] });
      const own = found!.configEntries.filter(({ isDefault, readOnly }) => !isDefault && !readOnly).map(({ configName, configValue }) => ({ name: configName, value: configValue }));
      await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [...own.filter(({ name }) => name !== 'max.message.bytes'), { name: 'max.message.bytes', value: String(6 * 1024 * 1024) }] }] });
    });
    const undisturbed = await arrival(topic, newId(), 'trial-d');
    const { record } = goodFacts(topic, newId(), 'trial-d')[0]!;
    const key = `large/${newId()}`;
    await eventually(() => send(producer, [{ ...record, key, value: JSON.stringify({ a: 'b'.repeat(5 * 1024 * 1024) }) }]).then(() => true, () => false), Boolean);
    const disturbed = await arrival(topic, newId(), 'trial-d');
    console.log(`5 MB: ${Math.round(undisturbed)} ms without, ${Math.round(disturbed)} ms behind it`);
    expect(disturbed - undisturbed).toBeLessThan(second());
    const { id, code } = await letter('legal-aid', topic, key);
    expect(code).toBe('contract-violated');
    expect((await operators['legal-aid']!.post(`/v1/legal-aid/admin/dead-letters/${id}/discard`, { reason: 'sent-by-mistake' })).status).toBe(204);
    expect(await letters('legal-aid', topic, key)).toEqual([]);
  }, 60_000);

  it('keeps one person’s facts in order while a handler cannot take the first of them, and redrives them in that order', async () => {
    const [unlucky, other] = [newId(), newId()];
    // A bug that strikes one person: whatever is done for them fails in the database.
    await database.query(`create function public.trial_bug() returns trigger language plpgsql as $$ begin raise exception 'bug'; end $$`);
    await database.query(`create trigger trial_bug before insert on legal_aid.referral for each row when (new.client_id = '${unlucky}') execute function public.trial_bug()`);
    // What legal aid says of a person waits for the person's key.
    await send(producer, [consentState(unlucky, 'trial-e', { key: randomBytes(32).toString('base64url') })]);
    const asked = [1, 2, 3, 4].map(() => request(unlucky, 'trial-e'));
    await send(producer, asked.slice(0, 3));
    const undisturbed = await arrival(topics.referrals.name, other, 'trial-f');
    expect(undisturbed).toBeLessThan(second());
    const waiting = await eventually(() => letters('legal-aid', topics.referrals.name, unlucky), (all) => all.length === 3);
    expect(waiting.map(({ status }) => status)).toEqual(['dead', 'parked', 'parked']);
    const redrive = () => operators['legal-aid']!.post(`/v1/legal-aid/admin/dead-letters/${waiting[0]!.id}/redrive`, {});
    expect(await redrive()).toMatchObject({ status: 200, body: { redriven: 0, waiting: [{ status: 'dead' }, { status: 'parked' }, { status: 'parked' }] } });

    await database.query('drop trigger trial_bug on legal_aid.referral');
    await database.query('drop function public.trial_bug()');
    expect(await redrive()).toMatchObject({ status: 200, body: { redriven: 3, waiting: [] } });
    await send(producer, [asked[3]!]);
    const said = await eventually(async () => (await readTopic(place(), 'opora.legal-aid.v1')).filter(({ key }) => String(key) === unlucky), (all) => all.length === 4, 20_000);
    expect(said.map(({ headers }) => String(headers!['ce_subject']))).toEqual(asked.map(({ referralId }) => referralId));
  }, 60_000);
};
