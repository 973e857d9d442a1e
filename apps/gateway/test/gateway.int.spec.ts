import { newId } from '@opora/messaging';
import type { RunningService, ServiceSettings } from '@opora/service';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Gateway } from '../src/gateway.module.js';
import { json, startModule, type LittleModule } from './little-module.js';
import { speaker, tokenOf } from './said.js';

const settings: Partial<ServiceSettings> = {};

let harness: Harness;
let running: RunningService;
let say: ReturnType<typeof speaker>;
/** Of the agency that asks; what the bureau records reaches it by consent. */
let counsellor: Caller;
const modules: LittleModule[] = [];

beforeAll(async () => {
  harness = await startHarness([]);
  running = await harness.boot(Gateway, settings);
  say = speaker(harness);
  counsellor = await harness.as('gateway', { roles: ['counsellor'], agency: 'centre' });
  await say.module('planning');
  await say.module('legal-help');
  for (const module of ['planning', 'legal-help']) await say.heard(module, '2027-01-01T00:00:00.000Z');
});

afterAll(async () => {
  await harness?.close();
  await Promise.all(modules.map((module) => module.close()));
});

const path = (clientId: string, query = '') => `/v1/clients/${clientId}/plan${query}`;
const read = (clientId: string, query = '', who = counsellor) => who.get(path(clientId, query));
const readUntil = (clientId: string, good: (body: any, status: number) => boolean, query = '', who = counsellor) =>
  eventually(() => read(clientId, query, who), ({ body, status }) => good(body, status));

/** A person with a plan of the centre and the help of the bureau, shared with the centre. */
const person = async () => {
  const clientId = newId();
  await say.consent(clientId, 1, [{}, { purpose: 'referral', recipients: ['bureau'] }]);
  const plan = await say.entry(clientId, 'planning', { agency: 'centre', kind: 'plan', reviewOn: '2026-06-01' });
  const service = await say.entry(clientId, 'legal-help', { actions: [{ id: newId(), title: plan.title, due: '2026-03-20', status: 'planned' }] });
  await readUntil(clientId, (body) => body.sections?.length === 1 && body.plan);
  return { clientId, plan, service };
};

describe('a plan', () => {
  it('is assembled from what modules said, in the reader’s language', async () => {
    const { clientId, plan, service } = await person();
    const { body, headers } = await counsellor.get(path(clientId), { 'accept-language': 'ru-RU, en;q=0.5' });
    expect(body).toMatchObject({
      clientId, plan: { entryId: plan.entryId, phase: 'active', reviewOn: '2026-06-01' }, needs: [], goals: [], stale: false,
      sections: [{ module: 'legal-help', title: 'Модуль legal-help', state: 'active', stale: false, entries: [{ entryId: service.entryId, title: 'Помощь' }] }],
      next: [{ module: 'legal-help', due: '2026-03-20' }],
    });
    expect(body).not.toHaveProperty('asOf');
    expect([headers.get('content-language'), headers.get('vary'), headers.get('cache-control')]).toEqual(['ru', 'Accept-Language, Authorization', 'private, no-cache']);
    expect((await read(clientId)).body.sections[0].title).toBe('The legal-help');
  });

  it('has an ETag that holds until something visible changes', async () => {
    const { clientId, service } = await person();
    const first = await read(clientId);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    harness.clock.advance({ seconds: 5 });
    const same = await counsellor.get(path(clientId), { 'if-none-match': `"other", ${etag}` });
    expect([same.status, same.body, same.headers.get('etag'), same.headers.get('cache-control')]).toEqual([304, '', etag, 'private, no-cache']);
    expect((await counsellor.get(path(clientId), { 'accept-language': 'ru', 'if-none-match': etag })).status).toBe(200);
    await say.entry(clientId, 'legal-help', { ...service, version: 2, phase: 'suspended', recordedAt: harness.clock.now() });
    const changed = await eventually(() => counsellor.get(path(clientId), { 'if-none-match': etag }), ({ status }) => status === 200);
    expect(changed.body.sections[0]).toMatchObject({ state: 'suspended', entries: [{ version: 2 }] });
  });

  it('can be asked of an earlier moment', async () => {
    const before = harness.clock.now();
    harness.clock.advance({ minutes: 1 });
    const { clientId, service } = await person();
    const phases = ['suspended', 'active', 'ended'] as const;
    const moments = [harness.clock.now()];
    for (const [i, phase] of phases.entries()) {
      moments.push(harness.clock.advance({ minutes: 1 }));
      await say.entry(clientId, 'legal-help', { ...service, version: 2 + i, phase, recordedAt: harness.clock.now() });
    }
    await readUntil(clientId, ({ sections }) => sections[0].state === 'ended');
    const states = await Promise.all(moments.map(async (at) => (await read(clientId, `?asOf=${at}`)).body));
    expect(states.map((body) => [body.asOf, body.sections[0].state, body.sections[0].entries[0].version])).toEqual(moments.map((at, i) => [at, ['active', ...phases][i], i + 1]));
    const between = moments[2]!.replace('.000Z', '.001Z');
    expect((await read(clientId, `?asOf=${between}`)).body.sections[0].state).toBe('active');
    expect((await read(clientId, `?asOf=${before}`)).status).toBe(404);
  });

  it('takes late and repeated versions as they come', async () => {
    const { clientId, service } = await person();
    for (const version of [3, 2, 3, 1]) await say.entry(clientId, 'legal-help', { ...service, version, phase: version === 3 ? 'ended' : 'active' });
    const marker = await say.entry(clientId, 'legal-help');
    await readUntil(clientId, (body) => body.sections[0].entries.length === 2);
    const { body } = await read(clientId);
    expect(body.sections[0].entries.find((e: any) => e.entryId === service.entryId)).toMatchObject({ version: 3, phase: 'ended' });
    expect(marker.version).toBe(1);
  });

  it('says of an agency that is not asked nothing, as of nobody', async () => {
    const { clientId } = await person();
    const stranger = await harness.as('gateway', { roles: ['legal-help:practitioner'], agency: 'elsewhere' });
    const [hidden, missing] = [await read(clientId, '', stranger), await read(newId(), '', stranger)];
    expect(hidden).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(hidden.body).toEqual(missing.body);
    expect((await read('not-an-id')).status).toBe(400);
  });

  it('lets nobody in without a case: no token, auditors, administrators, modules', async () => {
    const { clientId } = await person();
    for (const role of ['auditor', 'admin', 'module']) expect((await read(clientId, '', await harness.as('gateway', { roles: [role], agency: 'centre' }))).status).toBe(403);
    expect((await fetch(harness.url('gateway') + path(clientId))).status).toBe(401);
    const practitioner = await harness.as('gateway', { roles: ['any-module:practitioner'], agency: 'bureau' });
    expect((await read(clientId, '', practitioner)).body.sections).toHaveLength(1);
  });

  it('is the person’s own: complete without consent, and no one else’s', async () => {
    const { clientId } = await person();
    const other = await person();
    await say.entry(clientId, 'legal-help', { agency: 'shelter', dataClass: 'D3' });
    const client = await harness.as('gateway', { sub: clientId, roles: ['client'], opora_client: clientId });
    await readUntil(clientId, (body) => body.sections[0].entries.length === 2, '', client);
    await say.consent(clientId, 2, []);
    expect((await read(clientId, '', client)).body.sections[0].entries).toHaveLength(2);
    expect(await read(other.clientId, '', client)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const newcomer = newId();
    expect((await read(newcomer, '', await harness.as('gateway', { sub: newcomer, roles: ['client'], opora_client: newcomer }))).body).toMatchObject({ plan: null, sections: [] });
  });
});

describe('consent', () => {
  it('whose time is over takes the section away, though nobody said a word', async () => {
    const { clientId } = await person();
    const until = new Date(Date.parse(harness.clock.now()) + 60_000).toISOString();
    await say.consent(clientId, 2, [{ until }, { purpose: 'referral', recipients: ['bureau'] }]);
    await eventually(() => harness.database.query('select 1 from gateway.head where key = $1 and version = 2', [clientId]), ({ length }) => length === 1);
    expect((await read(clientId)).body.sections).toHaveLength(1);
    harness.clock.advance({ minutes: 1 });
    expect((await read(clientId)).body.sections).toEqual([]);
  });

  it('withdrawn takes the section away at once, and gives no sign that it was there', async () => {
    const { clientId } = await person();
    await say.consent(clientId, 2, [{ status: 'withdrawn' }, { purpose: 'referral', recipients: ['bureau'] }]);
    const { body } = await readUntil(clientId, ({ sections }) => sections.length === 0);
    expect(JSON.stringify(body)).not.toContain('legal-help');
    expect((await read(clientId, `?asOf=${harness.clock.now()}`)).body.sections).toEqual([]);
    expect((await read(clientId, '', await harness.as('gateway', { roles: ['legal-help:practitioner'], agency: 'bureau' }))).body).toMatchObject({ plan: null, sections: [{ state: 'active' }] });
  });

  it('for referral withdrawn takes away the request that nobody has answered', async () => {
    const { clientId, plan } = await person();
    await say.entry(clientId, 'planning', { ...plan, version: 2, asks: [{ module: 'legal-help', offer: 'help', referralId: newId(), respondBy: '2026-03-05T09:00:00.000Z' }, { module: 'job-club', offer: 'x', referralId: newId(), respondBy: '2026-03-06T09:00:00.000Z' }] });
    await readUntil(clientId, ({ sections }) => sections.length === 2);
    expect((await read(clientId)).body.next.map((n: any) => n.due)).toEqual(['2026-03-05T09:00:00.000Z', '2026-03-06T09:00:00.000Z', '2026-03-20']);
    await say.consent(clientId, 2, [{ status: 'withdrawn' }, { purpose: 'referral', recipients: ['bureau'], status: 'withdrawn' }]);
    const { body } = await readUntil(clientId, ({ sections }) => sections.length === 1);
    expect(body.sections).toMatchObject([{ module: 'job-club', title: 'job-club', agency: null, state: 'requested' }]);
  });

  it('for referral withdrawn takes away what the agency does, though the rest of the plan stays shared', async () => {
    const { clientId } = await person();
    expect((await read(clientId)).body.sections).toMatchObject([{ state: 'active' }]);
    await say.consent(clientId, 2, [{}, { purpose: 'referral', recipients: ['bureau'], status: 'withdrawn' }]);
    const { body } = await readUntil(clientId, ({ sections }) => sections.length === 0);
    expect(body.plan).not.toBeNull();
    expect((await read(clientId, '', await harness.as('gateway', { roles: ['legal-help:practitioner'], agency: 'bureau' }))).body.sections).toHaveLength(1);
  });

  it('does not open privileged data: D3 stays with the module’s own people in its own agency', async () => {
    const { clientId } = await person();
    const secret = await say.entry(clientId, 'legal-help', { dataClass: 'D3' });
    const lawyer = await harness.as('gateway', { roles: ['legal-help:practitioner'], agency: 'bureau' });
    await readUntil(clientId, (body) => body.sections[0].entries.length === 2, '', lawyer);
    const others: [string, string][] = [['counsellor', 'centre'], ['supervisor', 'bureau'], ['legal-help:practitioner', 'centre'], ['planning:practitioner', 'bureau']];
    for (const [role, agency] of others) {
      expect(JSON.stringify((await read(clientId, '', await harness.as('gateway', { roles: [role], agency }))).body)).not.toContain(secret.entryId);
    }
  });
});

describe('a merged person', () => {
  it('has the entries of both records under either id, and no longer when the merge is taken back', async () => {
    const { clientId } = await person();
    const merged = await person();
    await say.consent(clientId, 2, [{}, { purpose: 'referral', recipients: ['bureau'] }], [merged.clientId]);
    const { body } = await readUntil(clientId, ({ sections }) => sections[0].entries.length === 2);
    expect((await read(merged.clientId)).body).toEqual(body);
    const client = await harness.as('gateway', { sub: 'c', roles: ['client'], opora_client: merged.clientId });
    expect((await read(clientId, '', client)).body.sections[0].entries).toHaveLength(2);
    await say.consent(clientId, 3, [{}, { purpose: 'referral', recipients: ['bureau'] }], []);
    await readUntil(clientId, ({ sections }) => sections[0].entries.length === 1);
    expect((await read(merged.clientId)).body.clientId).toBe(merged.clientId);
  });

  it('in whatever order a chain and its undoing are heard, is who the newest states say', async () => {
    const [a, b, c] = [await person(), await person(), await person()].map(({ clientId }) => clientId) as [string, string, string];
    const terms = [{}, { purpose: 'referral' as const, recipients: ['bureau'] }];
    // a into b, b into c, a parted from b; what is said under the last record is heard late.
    for (const [id, version, aliases] of [[b, 2, [a]], [b, 3, []], [c, 2, [a, b]]] as const) await say.consent(id, version, terms, [...aliases]);
    for (const id of [a, b, c]) await readUntil(id, ({ clientId, sections }) => clientId === c && sections[0].entries.length === 3);
    await say.consent(c, 3, terms, [b]);
    await readUntil(a, ({ clientId, sections }) => clientId === a && sections[0].entries.length === 1);
    for (const id of [b, c]) await readUntil(id, ({ clientId, sections }) => clientId === c && sections[0].entries.length === 2);
    // The same, and b parted from c instead.
    const [x, y, z] = [await person(), await person(), await person()].map(({ clientId }) => clientId) as [string, string, string];
    for (const [id, version, aliases] of [[y, 2, [x]], [z, 2, [x, y]], [z, 3, []]] as const) await say.consent(id, version, terms, [...aliases]);
    await readUntil(z, ({ sections }) => sections[0].entries.length === 1);
    await readUntil(x, ({ clientId, sections }) => clientId === y && sections[0].entries.length === 2);
  });
});

describe('erasure', () => {
  it('of an entry takes all its versions, and a later value stays out', async () => {
    const { clientId, service } = await person();
    await say.entry(clientId, 'legal-help', { ...service, version: 2 });
    await say.eraseEntry(service);
    await readUntil(clientId, ({ sections }) => sections.length === 0);
    // A broker remembers erasures too; here it forgot.
    await harness.database.query('delete from event_log.erased');
    await say.entry(clientId, 'legal-help', { ...service, version: 3 });
    await say.entry(clientId, 'planning', { agency: 'centre', kind: 'goal' });
    await readUntil(clientId, ({ goals }) => goals.length === 1);
    expect((await read(clientId)).body.sections).toEqual([]);
    expect(await harness.database.query('select 1 from gateway.plan_entry where key = $1', [`legal-help/${service.entryId}`])).toEqual([]);
  });

  it('of a person takes everything, also what merged records brought, and a later value stays out', async () => {
    const { clientId } = await person();
    const merged = await person();
    await say.consent(clientId, 2, [{}, { purpose: 'referral', recipients: ['bureau'] }], [merged.clientId]);
    await readUntil(clientId, ({ sections }) => sections[0].entries.length === 2);
    await say.erasePerson(clientId);
    await readUntil(clientId, (_, status) => status === 404);
    for (const id of [clientId, merged.clientId]) await say.entry(id, 'planning', { agency: 'centre', kind: 'goal' });
    await person();
    expect(await harness.database.query('select 1 from gateway.plan_entry where client_id = any($1)', [[clientId, merged.clientId]])).toEqual([]);
    expect((await read(merged.clientId)).status).toBe(404);
  });
});

describe('reading one’s own writes', () => {
  const token = (module: string) => `${module}/${newId()}@1`;

  it('waits until the entry is there', async () => {
    const { clientId, service } = await person();
    const next = { ...service, version: 2, phase: 'ended' as const };
    const waiting = counsellor.get(path(clientId, `?after=${tokenOf(next)}`), { prefer: 'wait=5' });
    await say.entry(clientId, 'legal-help', next);
    const reply = await waiting;
    expect([reply.headers.get('preference-applied'), reply.headers.get('opora-plan-behind')]).toEqual(['wait', null]);
    expect(reply.body.sections[0].state).toBe('ended');
  });

  it('answers with what it has, and says that it is behind', async () => {
    const { clientId, service } = await person();
    const later = tokenOf({ ...service, version: 9 });
    const behind = await counsellor.get(path(clientId, `?after=${later}`), { prefer: 'wait=0' });
    expect([behind.status, behind.headers.get('opora-plan-behind'), behind.headers.get('preference-applied')]).toEqual([200, later, null]);
    const other = await person();
    expect((await read(clientId, `?after=${tokenOf(other.service)}`)).headers.get('opora-plan-behind')).not.toBeNull();
    const there = await read(clientId, `?after=${tokenOf(service)}`);
    expect([there.headers.get('opora-plan-behind'), there.headers.get('preference-applied')]).toEqual([null, null]);
  });

  it.each(['?after=x', `?after=${token('m/x')}`, '?asOf=yesterday', '?asOf=2099-01-01T00:00:00Z', '?include=all', '?unknown=1'])('refuses %s', async (query) => {
    expect(await read(newId(), query)).toMatchObject({ status: 422, body: { errors: [expect.objectContaining({ pointer: expect.stringMatching(/^\/\w+$/) })] } });
  });
});

describe('a module that is down, silent or wrong', () => {
  const start = async (...args: Parameters<typeof startModule>) => {
    const module = await startModule(...args);
    modules.push(module);
    return module;
  };

  it('never breaks the plan: its section is stale, its texts are left out', async () => {
    const { clientId } = await person();
    const good = await start((seen, response) => json(response, 200, { texts: (JSON.parse(seen.body) as { entries: object[] }).entries.map((e) => ({ ...e, text: 'Осталось подать иск' })) }));
    const wrong = await start((_seen, response) => json(response, 200, { texts: [{ text: 'no ids' }] }));
    const slow = await start(() => undefined);
    await say.module('good', { baseUrl: good.baseUrl, serves: ['plan-texts'] });
    await say.module('wrong', { baseUrl: wrong.baseUrl, serves: ['plan-texts'] });
    await say.module('slow', { baseUrl: slow.baseUrl, serves: ['plan-texts'] });
    await say.module('down', { baseUrl: 'http://127.0.0.1:1', serves: ['plan-texts'] });
    await say.heard('good', '2027-01-01T00:00:00.000Z');
    for (const module of ['good', 'wrong', 'slow', 'down']) await say.entry(clientId, module);
    await readUntil(clientId, ({ sections }) => sections.length === 5 && sections.some((s: any) => s.module === 'good' && !s.stale));

    const startedAt = performance.now();
    const { body, headers } = await read(clientId, '?include=text');
    expect(performance.now() - startedAt).toBeLessThan(4000);
    const texts = Object.fromEntries(body.sections.map((s: any) => [s.module, [s.stale, s.entries[0].text]]));
    expect(texts).toEqual({ good: [false, 'Осталось подать иск'], wrong: [true, undefined], slow: [true, undefined], down: [true, undefined], 'legal-help': [false, undefined] });
    expect(body.stale).toBe(true);
    expect(good.seen).toMatchObject([{ method: 'POST', url: '/v1/good/plan-texts', headers: { authorization: expect.stringMatching(/^Bearer /) } }]);
    expect(headers.get('etag')).not.toBe((await read(clientId)).headers.get('etag'));
    expect(harness.log.join('\n')).not.toContain('иск');
  });

  it('is asked who the person is, by whatever name it goes', async () => {
    const { clientId } = await person();
    expect((await read(clientId, '?expand=person')).body.person).toBeNull();
    const names = await start((seen, response) => json(response, 200, { items: (JSON.parse(seen.body) as { ids: string[] }).ids.map((id) => ({ id, shortName: 'Анна П.', age: 34, contact: { kind: 'phone', value: '+7 900 000-00-00' } })) }));
    await say.module('names', { baseUrl: names.baseUrl, serves: ['clients:display'] });
    await readUntil(clientId, (body) => body.person !== null, '?expand=person');
    expect((await read(clientId, '?expand=person')).body.person).toEqual({ shortName: 'Анна П.', age: 34, contact: { kind: 'phone', value: '+7 900 000-00-00' } });
    expect(names.seen[0]).toMatchObject({ url: '/v1/names/clients:display', body: JSON.stringify({ ids: [clientId] }) });
    expect((await read(clientId)).body).not.toHaveProperty('person');
    await names.close();
    expect((await read(clientId, '?expand=person')).body.person).toBeNull();
  });

  it('that left keeps its section as ended history', async () => {
    const { clientId } = await person();
    await say.module('club');
    await say.entry(clientId, 'club', { actions: [{ id: newId(), title: { system: 's', code: 'meet', en: 'Meet', ru: 'Встреча' }, due: '2026-04-01', status: 'planned' }] });
    await readUntil(clientId, ({ sections }) => sections.length === 2);
    const before = harness.clock.now();
    harness.clock.advance({ minutes: 1 });
    await say.leave('club');
    const { body } = await readUntil(clientId, ({ sections }) => sections.some((s: any) => s.module === 'club' && s.state === 'ended'));
    expect(body.sections.find((s: any) => s.module === 'club')).toMatchObject({ title: 'The club', reason: { code: 'module-left' }, stale: false });
    expect(body.next).toHaveLength(1);
    expect((await read(clientId, `?asOf=${before}`)).body.sections).toMatchObject([{ state: 'active' }, { state: 'active' }]);
  });

  it('cannot speak for another', async () => {
    const { clientId, service } = await person();
    const { planEntryRecorded } = await import('@opora/contracts');
    await harness.say(planEntryRecorded, { ...service, version: 2, phase: 'ended' }, { source: 'intruder', key: `legal-help/${service.entryId}` });
    await eventually(() => harness.database.query(`select code from gateway.dead_letter where source = 'intruder'`), (rows) => rows.length === 1 && rows[0]!['code'] === 'foreign-key');
    expect((await read(clientId)).body.sections[0].state).toBe('active');
  });
});

it('rebuilds every answer from the topics, byte for byte', async () => {
  const { clientId, plan, service } = await person();
  const erased = await say.entry(clientId, 'planning', { agency: 'centre', kind: 'goal' });
  const instants = [harness.clock.now()];
  const step = async (change: () => Promise<unknown>) => {
    harness.clock.advance({ minutes: 1 });
    await change();
    instants.push(harness.clock.now());
  };
  await step(() => say.entry(clientId, 'planning', { ...plan, version: 2, recordedAt: harness.clock.now(), asks: [{ module: 'passing', offer: 'help', referralId: service.entryId, respondBy: '2026-03-09T00:00:00.000Z' }] }));
  await step(() => say.entry(clientId, 'legal-help', { ...service, version: 2, recordedAt: harness.clock.now(), phase: 'suspended' }));
  await step(() => say.module('passing'));
  await step(() => say.entry(clientId, 'passing', { entryId: service.entryId, recordedAt: harness.clock.now() }));
  await step(() => say.eraseEntry(erased));
  await step(() => say.leave('passing'));
  await step(() => say.entry(clientId, 'legal-help', { ...service, version: 3, recordedAt: harness.clock.now(), phase: 'ended' }));
  await readUntil(clientId, ({ sections, goals, stale }) => !stale && goals.length === 0 && sections.every((s: any) => s.state === 'ended'));

  const client = await harness.mint({ sub: clientId, roles: ['client'], opora_client: clientId });
  const staff = await harness.mint({ roles: ['counsellor'], agency: 'centre' });
  const answers = async (): Promise<string[]> => {
    const all: string[] = [];
    for (const query of ['', ...instants.map((at) => `?asOf=${at}`)]) {
      for (const [token, language] of [[client, 'ru'], [staff, 'en']] as const) {
        const response = await fetch(harness.url('gateway') + path(clientId, query), { headers: { authorization: `Bearer ${token}`, 'accept-language': language } });
        all.push(`${query} ${response.status} ${response.headers.get('etag')} ${await response.text()}`);
      }
    }
    return all;
  };
  const before = await answers();
  const moments = await Promise.all(instants.map((at) => read(clientId, `?asOf=${at}`)));
  expect(new Set(moments.map(({ body: { asOf: _, ...body } }) => JSON.stringify(body))).size).toBe(6);

  await running.close();
  await harness.database.query('truncate gateway.projection, gateway.plan_entry, gateway.erased, gateway.alias, gateway.module, gateway.head, gateway.inbox, gateway.dead_letter');
  running = await harness.boot(Gateway, settings);
  counsellor = await harness.as('gateway', { roles: ['counsellor'], agency: 'centre' });
  // The log is read in its order over all topics: what is said last comes last.
  const last = await say.entry(newId(), 'planning', { agency: 'centre' });
  await readUntil(last.clientId, (body, status) => status === 200 && !body.stale);
  expect(await answers()).toEqual(before);
});
