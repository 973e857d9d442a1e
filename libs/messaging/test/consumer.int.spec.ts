import { consentsChanged, moduleAnnounced, planEntryRecorded, referralRequested, topics, watermarkReached, type ConsentState, type Contract, type DataOf, type PlanEntry } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { eventually } from '@opora/testing';
import pg from 'pg';
import { Consumer, Heads, newId, toRecord, type BrokerRecord, type ConsumerOptions, type Delivery, type Event, type Handler } from '../src/index.js';
import { startExampleService, type ExampleService } from './example-service.js';

describe('The consumer', () => {
  let service: ExampleService;
  let heads: Heads;
  let position = 0;
  /** What the handler of referrals does beside writing its effect; per test. */
  let trouble: (event: Event) => Promise<void> | void = () => undefined;
  const reports: string[] = [];
  const handled: string[] = [];

  beforeAll(async () => {
    service = await startExampleService();
    heads = new Heads(service.database);
  });
  afterAll(() => service?.close());
  beforeEach(async () => {
    trouble = () => undefined;
    reports.length = handled.length = 0;
    await service.test.query('truncate example.effect, example.inbox, example.dead_letter, example.head');
  });

  const handlers = new Map<string, Handler>([
    [referralRequested.type, async (event) => {
      await service.database.query('insert into effect (what) values ($1)', [(event.data as DataOf<typeof referralRequested>).offer]);
      await trouble(event);
    }],
    ...[consentsChanged, moduleAnnounced, planEntryRecorded].map(({ type }): [string, Handler] => [type, (event) => heads.apply(event)]),
  ]);
  const consumer = (more: { budgetMs?: number; together?: ConsumerOptions['together'] } = {}) =>
    new Consumer({ module: 'example', database: service.database, handlers, retries: [1, 1], handled: (type, outcome) => handled.push(`${type} ${outcome}`), report: (what, _, code) => reports.push(`${what} ${code}`), ...more });

  const delivery = (record: BrokerRecord): Delivery => ({ ...record, position: String(position += 1).padStart(16, '0') });
  const said = <C extends Contract>(contract: C, key: string, data: DataOf<C> | null, more: Partial<Event> = {}): BrokerRecord =>
    toRecord({ id: newId(), source: 'counselling', type: contract.type, topic: contract.topic.name, key, subject: key, time: service.clock.now(), sequence: 1, data, ...more }, contract);
  /** A request for an offer; the offer's code is what the handler writes down. */
  const asked = (offer: string, clientId = newId(), more: Partial<Event> = {}) => delivery(said(referralRequested, clientId, {
    referralId: newId(), clientId, module: 'example', offer, agency: 'centre', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z',
  }, more));
  const effects = async () => (await service.database.query<{ what: string }>('select what from effect order by n')).map(({ what }) => what);
  const letters = async () => (await service.database.query<{ at: string }>(`select status || ' ' || code as at from dead_letter order by id`)).map(({ at }) => at);

  describe('many values at once', () => {
    const consents = (clientId: string, version = 1, more: Partial<ConsentState> = {}) =>
      delivery(said(consentsChanged, clientId, { clientId, version, recordedAt: service.clock.now(), consents: [], aliases: [], ...more }, { source: 'intake' }));
    const kept = async () => (await heads.all(topics.consents.name)).map(({ clientId, version }) => `${clientId} ${version}`).sort();

    it('are taken in one transaction, and each is told of', async () => {
      const [one, two] = [newId(), newId()];
      expect(await consumer().deliverTogether([consents(one), consents(two), consents(one, 3), consents(one, 2)])).toBe(true);
      expect(await kept()).toEqual([`${one} 3`, `${two} 1`].sort());
      expect(handled).toEqual(Array.from({ length: 4 }, () => `${consentsChanged.type} done`));
    });

    it('are not taken at all when one of them cannot be', async () => {
      const bad = { ...consents(newId()), value: Buffer.from('{}') };
      expect(await consumer().deliverTogether([consents(newId()), bad, consents(newId())])).toBe(false);
      const failing = new Map([[consentsChanged.type, async (events: readonly Event[]) => {
        await heads.applyTogether(events);
        throw new TypeError('x');
      }]]);
      expect(await consumer({ together: failing }).deliverTogether([consents(newId()), consents(newId())])).toBe(false);
      expect([await kept(), handled, await letters()]).toEqual([[], [], []]);
    });

    it('are not facts: those have an inbox, and wait for each other', async () => {
      expect(await consumer().deliverTogether([asked('advice'), asked('advice')])).toBe(false);
      expect(await effects()).toEqual([]);
    });
  });

  describe('inbox', () => {
    it('lets a fact that is delivered again, also at another position, take effect once', async () => {
      const fact = asked('advice');
      for (const again of [fact, fact, delivery(fact)]) expect(await consumer().deliver(again)).toBe('done');
      expect(await effects()).toEqual(['advice']);
    });

    it('tells what became of each fact that is for us, by its type', async () => {
      const [clientId, done] = [newId(), referralRequested.type];
      await consumer().deliver(asked('advice', clientId));
      trouble = () => { throw new TypeError('x'); };
      for (let i = 0; i < 2; i += 1) await consumer().deliver(asked('advice', clientId));
      trouble = () => { throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' }); };
      expect(await consumer().deliver(asked('advice'))).toEqual({ pauseMs: 1000 });
      await consumer().deliver(delivery({ ...asked('advice'), headers: {} }));
      await consumer().deliver(delivery({ ...asked('advice'), headers: { ce_type: 'opora.unheard-of' } }));
      await consumer().deliver(delivery({ ...asked('advice'), headers: { ce_type: watermarkReached.type } }));
      expect(handled).toEqual([`${done} done`, `${done} dead`, `${done} parked`, `${done} paused`, 'other dead', 'other dead']);
    });

    it('lets it take effect once when two members have it in hand at the same moment', async () => {
      const fact = asked('advice');
      expect(await Promise.all(Array.from({ length: 6 }, () => consumer().deliver(fact)))).toEqual(Array.from({ length: 6 }, () => 'done'));
      expect(await effects()).toEqual(['advice']);
    });

    it('keeps facts of two sources apart that have the same id', async () => {
      const id = newId();
      for (const source of ['counselling', 'intake']) await consumer().deliver(asked(source, newId(), { id, source }));
      expect(await effects()).toEqual(['counselling', 'intake']);
    });

    it('remembers nothing of a fact whose handler failed', async () => {
      const fact = asked('advice');
      trouble = () => { throw new DomainError('conflict', 'too-early', 'Not yet'); };
      await consumer().deliver(fact);
      expect(await effects()).toEqual([]);
      expect(await service.database.query('select * from inbox')).toEqual([]);
    });

    it('tells what follows which fact was the cause', async () => {
      const [fact, later] = [asked('advice'), newId()];
      trouble = async () => { await service.store.change(later, service.store.act('example'), () => [{ type: 'example.course-opened', data: { clientId: fact.key } }]); };
      await consumer().deliver(fact);
      const [told] = await service.database.query<{ cause: string }>(`select headers->>'ce_causationid' as cause from outbox where headers->>'ce_subject' = $1`, [later]);
      expect(told).toEqual({ cause: fact.headers['ce_id'] });
    });
  });

  describe('poison', () => {
    const without = (record: Delivery, header: string): Delivery => ({ ...record, headers: Object.fromEntries(Object.entries(record.headers).filter(([name]) => name !== header)) });
    const saying = (record: Delivery, value: string): Delivery => ({ ...record, value: Buffer.from(value) });

    it.each<[string, (fact: Delivery) => Delivery, string]>([
      ['what is not JSON', (fact) => saying(fact, '{"referralId": Anna'), 'data-not-json'],
      ['bytes that are no text', (fact) => ({ ...fact, value: Buffer.from([0xff, 0x00, 0xfe]) }), 'data-not-json'],
      ['an empty value', (fact) => saying(fact, ''), 'data-not-json'],
      ['a wrong shape', (fact) => saying(fact, '{"name":"Anna"}'), 'contract-violated'],
      ['the shape of nothing', (fact) => saying(fact, 'null'), 'contract-violated'],
      ['a missing id', (fact) => without(fact, 'ce_id'), 'envelope-incomplete'],
      ['a missing source', (fact) => without(fact, 'ce_source'), 'envelope-incomplete'],
      ['a missing type', (fact) => without(fact, 'ce_type'), 'envelope-incomplete'],
      ['a missing time', (fact) => without(fact, 'ce_time'), 'envelope-incomplete'],
      ['no header at all', (fact) => ({ ...fact, headers: {} }), 'envelope-incomplete'],
    ])('puts %s away and goes on with others', async (_, spoil, code) => {
      const poison = spoil(asked('poison'));
      expect(await consumer().deliver(poison)).toBe('done');
      expect(await consumer().deliver(asked('advice'))).toBe('done');
      expect(await effects()).toEqual(['advice']);
      expect(await letters()).toEqual([`dead ${code}`]);
      const [kept] = await service.database.query<{ value: Buffer; headers: object }>('select value, headers from dead_letter');
      expect(kept).toEqual({ value: poison.value, headers: poison.headers });
      expect(reports).toEqual([`dead ${code}`]);
    });

    it('ignores what nobody here listens to, whatever it looks like', async () => {
      expect(await consumer().deliver({ ...asked('foreign'), headers: { ce_type: watermarkReached.type }, value: Buffer.from('?') })).toBe('done');
      expect(await letters()).toEqual([]);
    });

    it('keeps what no contract names, for a later version of ours; it holds up nobody, and is left where it is by a redrive', async () => {
      const anna = newId();
      await consumer().deliver({ ...asked('strange', anna), headers: { ce_type: 'opora.unheard-of', ce_id: newId(), ce_source: 'other' } });
      trouble = () => { throw new TypeError('no'); };
      const first = asked('first', anna);
      await consumer().deliver(first);
      trouble = () => undefined;
      await consumer().deliver(asked('second', anna));
      expect(await letters()).toEqual(['dead type-unknown', 'dead error:TypeError', 'parked behind-dead-letter']);
      expect(await consumer().redrive(first.topic, anna)).toBe(2);
      expect(await effects()).toEqual(['first', 'second']);
      expect((await letters()).filter((letter) => letter.startsWith('dead'))).toEqual(['dead type-unknown']);
    });

    it('parks the later facts of the person behind it, and nobody else’s', async () => {
      const [anna, boris] = [newId(), newId()];
      trouble = ({ key, data }) => { if (key === anna && (data as { offer: string }).offer === 'first') (undefined as unknown as { x: { y: number } }).x.y = 1; };
      for (const fact of [asked('first', anna), asked('hers', boris), asked('second', anna), asked('third', anna)]) expect(await consumer().deliver(fact)).toBe('done');
      expect(await effects()).toEqual(['hers']);
      expect(await letters()).toEqual(['dead error:TypeError', 'parked behind-dead-letter', 'parked behind-dead-letter']);
    });

    it('keeps one letter of a fact that is delivered again', async () => {
      trouble = () => { throw new TypeError('no'); };
      const anna = newId();
      const [first, second] = [asked('first', anna), asked('second', anna)];
      for (const fact of [first, second, first, second]) await consumer().deliver(fact);
      expect(await letters()).toEqual(['dead error:TypeError', 'parked behind-dead-letter']);
    });

    it('tries the waiting facts again in their order; then the person’s facts flow', async () => {
      const anna = newId();
      trouble = () => { throw new TypeError('no'); };
      for (const offer of ['first', 'second', 'third']) await consumer().deliver(asked(offer, anna));
      const boris = asked('boris');
      await consumer().deliver(boris);
      trouble = () => undefined;
      expect(await consumer().redrive(topics.referrals.name, anna)).toBe(3);
      await consumer().deliver(asked('fourth', anna));
      expect(await effects()).toEqual(['first', 'second', 'third', 'fourth']);
      expect(await letters()).toEqual(['redriven error:TypeError', 'redriven behind-dead-letter', 'redriven behind-dead-letter', 'dead error:TypeError']);
      expect(await consumer().redrive(topics.referrals.name, anna)).toBe(0);
    });

    it('stops trying again at the first that still fails: those behind it go on waiting', async () => {
      const anna = newId();
      trouble = () => { throw new TypeError('no'); };
      for (const offer of ['first', 'second', 'third']) await consumer().deliver(asked(offer, anna));
      trouble = ({ data }) => { if ((data as { offer: string }).offer === 'second') throw new TypeError('still no'); };
      expect(await consumer().redrive(topics.referrals.name, anna)).toBe(1);
      expect(await effects()).toEqual(['first']);
      expect(await letters()).toEqual(['redriven error:TypeError', 'dead error:TypeError', 'parked behind-dead-letter']);
      await consumer().deliver(asked('fourth', anna));
      expect(await effects()).toEqual(['first']);
    });

    it('tells the cause also when it is tried again', async () => {
      const [fact, later] = [asked('advice'), newId()];
      trouble = () => { throw new TypeError('no'); };
      await consumer().deliver(fact);
      trouble = async () => { await service.store.change(later, service.store.act('example'), () => [{ type: 'example.course-opened', data: { clientId: fact.key } }]); };
      await consumer().redrive(topics.referrals.name, fact.key);
      const [told] = await service.database.query<{ cause: string }>(`select headers->>'ce_causationid' as cause from outbox where headers->>'ce_subject' = $1`, [later]);
      expect(told).toEqual({ cause: fact.headers['ce_id'] });
    });

    it('keeps one letter of a fact without id that is delivered again, also when it was discarded', async () => {
      const [one, other] = [asked('poison'), asked('poison')].map((fact) => without(fact, 'ce_id'));
      for (const fact of [one!, other!, one!]) await consumer().deliver(fact);
      expect(await letters()).toEqual(['dead envelope-incomplete', 'dead envelope-incomplete']);
      const { deadLetters } = consumer();
      for (const letter of await deadLetters.page({}, { limit: 10 })) await deadLetters.discard(letter, 'unreadable', 'admin-1');
      await consumer().deliver(one!);
      expect(await letters()).toEqual(['discarded envelope-incomplete', 'discarded envelope-incomplete']);
    });

    it('tells where a refusal points, never what stands there', async () => {
      const fact = asked('advice');
      await consumer().deliver(saying(fact, JSON.stringify({ ...JSON.parse(fact.value!.toString()) as object, urgency: 'Zyx9Canary', needs: [5] })));
      const [letter] = await consumer().deadLetters.page({}, { limit: 10 });
      expect(letter).toMatchObject({ type: referralRequested.type, eventId: fact.headers['ce_id'], code: 'contract-violated' });
      expect(letter!.errors).toEqual(expect.arrayContaining([{ pointer: '/urgency', code: expect.any(String) as string }]));
      expect(JSON.stringify(letter)).not.toMatch(/Zyx9Canary|must/);
    });

    it('lets nothing of what is discarded take effect; what is behind it waits until it is redriven', async () => {
      const [anna, { deadLetters }] = [newId(), consumer()];
      trouble = () => { throw new TypeError('no'); };
      const facts = ['first', 'second', 'third'].map((offer) => asked(offer, anna));
      for (const fact of facts) await consumer().deliver(fact);
      trouble = () => undefined;
      await deadLetters.discard((await deadLetters.page({}, { limit: 1 }))[0]!, 'sent-by-mistake', 'admin-1');
      for (const fact of [facts[0]!, asked('fourth', anna)]) await consumer().deliver(fact);
      expect(await effects()).toEqual([]);
      expect(await letters()).toEqual(['discarded error:TypeError', ...Array.from({ length: 3 }, () => 'parked behind-dead-letter')]);
      expect(await consumer().redrive(topics.referrals.name, anna)).toBe(3);
      await consumer().deliver(facts[0]!);
      expect(await effects()).toEqual(['second', 'third', 'fourth']);
      expect(await service.database.query(`select discarded_for, discarded_by from dead_letter where status = 'discarded'`)).toEqual([{ discarded_for: 'sent-by-mistake', discarded_by: 'admin-1' }]);
    });

    it('neither loses nor strands what arrives while the waiting facts are tried again', async () => {
      const [anna, one] = [newId(), consumer()];
      trouble = () => { throw new TypeError('no'); };
      await one.deliver(asked('first', anna));
      const trying = Promise.withResolvers<void>();
      trouble = async ({ data }) => {
        if ((data as { offer: string }).offer !== 'first') return;
        trying.resolve();
        // Until the newcomer stands behind the letter that is being tried.
        await eventually(() => service.test.query(`select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`), ({ length }) => length > 0);
      };
      const redriving = one.redrive(topics.referrals.name, anna);
      await trying.promise;
      await one.deliver(asked('second', anna));
      await one.deliver(asked('third', anna));
      expect([1, 2, 3]).toContain(await redriving);
      expect(await effects()).toEqual(['first', 'second', 'third']);
      expect(await one.deadLetters.page({}, { limit: 10 })).toEqual([]);
    });

    it('lets two administrators try again at the same time: each fact takes effect once, in order', async () => {
      const anna = newId();
      trouble = () => { throw new TypeError('no'); };
      for (const offer of ['first', 'second', 'third']) await consumer().deliver(asked(offer, anna));
      trouble = () => undefined;
      const [one, other] = await Promise.all([consumer().redrive(topics.referrals.name, anna), consumer().redrive(topics.referrals.name, anna)]);
      expect(one + other).toBe(3);
      expect(await effects()).toEqual(['first', 'second', 'third']);
    });

    it('never parks versioned values: the next one is whole by itself', async () => {
      const anna = newId();
      const state = (version: number): ConsentState => ({ clientId: anna, version, recordedAt: service.clock.now(), consents: [], aliases: [] });
      await consumer().deliver({ ...delivery(said(consentsChanged, anna, state(1))), value: Buffer.from('{}') });
      expect(await consumer().deliver(delivery(said(consentsChanged, anna, state(2))))).toBe('done');
      expect(await letters()).toEqual(['dead contract-violated']);
      expect(await heads.get(topics.consents.name, anna)).toMatchObject({ version: 2 });
    });
  });

  describe('trouble of the moment', () => {
    it('tries again in place when the connection is cut, and takes effect once', async () => {
      let cuts = 0;
      trouble = async () => { if ((cuts += 1) === 1) await service.database.query('select pg_terminate_backend(pg_backend_pid())'); };
      expect(await consumer().deliver(asked('advice'))).toBe('done');
      expect(cuts).toBe(2);
      expect(await effects()).toEqual(['advice']);
      expect(reports).toEqual([]);
    });

    it('pauses the key while a lock is taken, longer each time, and goes on when it is free', async () => {
      const id = await service.opened();
      const holder = new pg.Client({ connectionString: service.runtimeUrl });
      await holder.connect();
      await holder.query('begin');
      await holder.query('select from course where id = $1 for update', [id]);
      trouble = async () => {
        await service.database.query(`set local lock_timeout = '20ms'`);
        await service.store.change(id, service.store.act('example'), () => [{ type: 'example.session-held', data: { number: 1 } }]);
      };
      const [one, fact] = [consumer(), asked('advice')];
      expect(await one.deliver(fact)).toEqual({ pauseMs: 1000 });
      expect(await one.deliver(fact)).toEqual({ pauseMs: 2000 });
      expect(reports).toEqual(['paused error:QueryFailedError', 'paused error:QueryFailedError']);
      expect(await letters()).toEqual([]);
      await holder.query('rollback');
      await holder.end();
      expect(await one.deliver(fact)).toBe('done');
      expect(await effects()).toEqual(['advice']);
      expect(await service.store.load(id)).toMatchObject({ version: 2 });
    });

    it('puts a fact away when its budget is spent; later ones park', async () => {
      trouble = () => { throw Object.assign(new Error('deadlock'), { code: '40P01' }); };
      const [hasty, anna] = [consumer({ budgetMs: -1 }), newId()];
      expect(await hasty.deliver(asked('first', anna))).toBe('done');
      trouble = () => undefined;
      expect(await hasty.deliver(asked('second', anna))).toBe('done');
      expect(await letters()).toEqual(['dead budget-spent', 'parked behind-dead-letter']);
    });

    it('tries again what somebody else created at the same moment', async () => {
      let tries = 0;
      trouble = () => { if ((tries += 1) === 1) throw new DomainError('conflict', 'changed-at-once', 'Somebody else was first'); };
      expect(await consumer().deliver(asked('advice'))).toBe('done');
      expect(await letters()).toEqual([]);
      expect(await effects()).toEqual(['advice']);
    });
  });

  describe('heads', () => {
    const entry = (clientId: string, entryId: string, version: number): PlanEntry => ({
      module: 'example', entryId, version, aggregate: { id: entryId, version }, recordedAt: service.clock.now(), clientId, agency: 'centre', kind: 'service', phase: 'active',
      title: { system: 's', code: 'c', en: 'e', ru: 'r' }, dataClass: 'D1', because: [], needs: [], actions: [],
    });

    it('keep the newest value, however late and however often others come', async () => {
      const [clientId, entryId] = [newId(), newId()];
      const key = `example/${entryId}`;
      for (const version of [2, 2, 1, 3, 3, 2]) await consumer().deliver(delivery(said(planEntryRecorded, key, entry(clientId, entryId, version))));
      expect(await heads.get(topics.planEntries.name, key)).toMatchObject({ version: 3 });
      expect(await heads.ofClients(topics.planEntries.name, [clientId])).toHaveLength(1);
    });

    it('keep an erased person erased, also against later versions and a second null', async () => {
      const [clientId, entryId] = [newId(), newId()];
      const key = `example/${entryId}`;
      for (const value of [entry(clientId, entryId, 1), null, entry(clientId, entryId, 2), null, entry(clientId, entryId, 3)]) {
        expect(await consumer().deliver(delivery(said(planEntryRecorded, key, value)))).toBe('done');
      }
      expect(await heads.get(topics.planEntries.name, key)).toBeUndefined();
      expect(await heads.all(topics.planEntries.name)).toEqual([]);
      expect(await heads.ofClients(topics.planEntries.name, [clientId])).toEqual([]);
      expect(JSON.stringify(await service.database.query('select * from head'))).not.toContain(clientId);
    });

    it('forget with a person’s consents the entries, the dead letters and the remembered requests that name the person', async () => {
      const [anna, boris] = [newId(), newId()];
      trouble = () => { throw new TypeError('no'); };
      for (const clientId of [anna, boris]) {
        const entryId = newId();
        await consumer().deliver(delivery(said(planEntryRecorded, `example/${entryId}`, entry(clientId, entryId, 1))));
        await consumer().deliver({ ...delivery(said(planEntryRecorded, `example/${newId()}`, null)), value: Buffer.from(JSON.stringify({ clientId, phase: 'odd' })) });
        await consumer().deliver(asked('advice', clientId));
        await service.database.query(`insert into idempotency (scope, request_hash, location) values ($1, 'x', $2)`, [newId(), `/v1/intake/clients/${clientId}`]);
      }
      await consumer().deliver(delivery(said(consentsChanged, anna, null)));
      const left = JSON.stringify(await Promise.all(['head', 'idempotency', "(select key || convert_from(value, 'UTF8') as x from dead_letter)"].map((table) => service.database.query(`select * from ${table} t where t::text like '%' || $1 || '%' and t::text not like '(opora.consents.v1,%'`, [anna]))));
      expect(left).toBe('[[],[],[]]');
      expect(await heads.ofClients(topics.planEntries.name, [boris])).toHaveLength(1);
      expect(await letters()).toHaveLength(2);
    });

    it('forget a module that left, and take it again when it comes back', async () => {
      const manifest = { module: 'example', revision: 1, version: '0.1.0', titles: { en: 'e', ru: 'r' }, baseUrl: 'http://localhost:1', lifecycle: 'active' as const, offers: [], says: [], hears: [], serves: [] };
      await consumer().deliver(delivery(said(moduleAnnounced, 'example', { ...manifest, revision: 4 })));
      await consumer().deliver(delivery(said(moduleAnnounced, 'example', null)));
      expect(await heads.get(topics.modules.name, 'example')).toBeUndefined();
      await consumer().deliver(delivery(said(moduleAnnounced, 'example', { ...manifest, revision: 5 })));
      expect(await heads.get(topics.modules.name, 'example')).toMatchObject({ revision: 5 });
    });
  });
});
