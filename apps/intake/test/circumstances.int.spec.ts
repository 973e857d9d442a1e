import { consentsChanged, planEntryRecorded, type PlanEntry } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';

let harness: Harness;
let worker: Caller;
let colleague: Caller;
let counsellor: Caller;
let head: Caller;
let lawyer: Caller;
let stranger: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  [worker, colleague, counsellor, head, lawyer, stranger] = await Promise.all([
    { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] }, { sub: 'worker-2', agency: 'centre', roles: ['intake-worker'] },
    { sub: 'counsellor-1', agency: 'centre', roles: ['counsellor'] }, { sub: 'head-1', agency: 'centre', roles: ['supervisor'] },
    { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] }, { sub: 'stranger-1', agency: 'elsewhere', roles: ['intake-worker', 'counsellor', 'supervisor'] },
  ].map((who) => harness.as('intake', who))) as [Caller, Caller, Caller, Caller, Caller, Caller];
});

afterAll(() => harness?.close());

const clients = '/v1/intake/clients';
const openings = '/v1/intake/openings';
/** What somebody comes for. */
const emergency = { 'opora-purpose': 'emergency' };
const notFound = { status: 404, body: { code: 'not-found' } };
let count = 0;
const named = (more: object = {}) => ({ names: { status: 'known', value: [{ use: 'official', given: 'Vera', family: `Kept${[...String(++count)].map((digit) => 'abcdefghkl'[Number(digit)]).join('o')}ina` }] }, ...more });
const registered = async (body: object = named()): Promise<string> => (await worker.post(clients, body)).body.id;
const post = (by: Caller, id: string, verb: string, body: object = {}) => by.post(`${clients}/${id}/${verb}`, body);
const said = async (type: string, key: string) => (await harness.database.query<{ value: Buffer }>(
  `select value from event_log.record where headers->>'ce_type' = $1 and key = $2 order by seq`, [type, key])).map(({ value }) => JSON.parse(value.toString()));
const stateOf = async (clientId: string, good: (state: any) => boolean) =>
  (await eventually(() => said(consentsChanged.type, clientId), (states) => states.length > 0 && good(states.at(-1)))).at(-1);

describe('the care team', () => {
  const entry = async (clientId: string, module: string, version: number, phase: PlanEntry['phase'], entryId: string, ...responsible: string[]) => {
    const title = { system: 'urn:opora:test', code: 'help', en: 'Help', ru: 'Помощь' };
    await harness.say(planEntryRecorded, {
      module, entryId, clientId, agency: 'bureau', version, aggregate: { id: entryId, version }, recordedAt: harness.clock.now(), kind: 'service', phase, title, dataClass: 'D1',
      because: [], needs: [], actions: responsible.map((sub) => ({ id: newId(), title, status: 'planned' as const, responsible: sub })),
    }, { source: module, key: `${module}/${entryId}` });
  };

  it('is whoever a plan entry names, of whatever module, and whoever was assigned', async () => {
    const id = await registered();
    expect(await post(worker, id, 'join-care-team')).toMatchObject({ status: 200, body: { careTeam: [{ member: 'worker-1', because: ['assigned'] }] } });
    const [help, more] = [newId(), newId()];
    await entry(id, 'probe-help', 1, 'active', help, 'lawyer-1', 'worker-1');
    await entry(id, 'other-help', 1, 'requested', more, 'nurse-1');
    await stateOf(id, ({ team }) => team?.length === 3);
    expect((await worker.get(`${clients}/${id}/circumstances`)).body.careTeam).toContainEqual({ member: 'worker-1', because: ['assigned', 'plan'] });
    await entry(id, 'probe-help', 2, 'ended', help, 'lawyer-1', 'worker-1');
    expect(await stateOf(id, ({ team }) => team.length === 2)).toMatchObject({ team: ['worker-1', 'nurse-1'] });
    expect(await post(head, id, 'leave-care-team', { member: 'nurse-1' })).toMatchObject({ status: 409, body: { code: 'named-in-plan' } });
    expect((await said('intake.care-team-left', id)).map(({ member, because }) => [member, because])).toEqual([['lawyer-1', 'plan'], ['worker-1', 'plan']]);
  });

  it('says itself who joins, and is nobody’s business elsewhere', async () => {
    const id = await registered();
    await post(worker, id, 'join-care-team');
    expect(await post(colleague, id, 'join-care-team')).toMatchObject({ status: 403, body: { code: 'not-in-care-team' } });
    expect(await post(worker, id, 'join-care-team', { member: 'counsellor-1' })).toMatchObject({ status: 200 });
    expect(await post(stranger, id, 'join-care-team')).toMatchObject(notFound);
    const self = await harness.as('intake', { sub: 'self', roles: ['client'], opora_client: id });
    expect(await self.get(`${clients}/${id}/circumstances`)).toMatchObject({ status: 403 });
  });
});

describe('break-glass', () => {
  const reason = (more: object = {}) => ({ reason: 'danger-to-life', text: `Found unconscious ${newId()}`, minutes: 30, ...more });

  /** What those who run the service see: a number, and nothing of anybody. */
  const overdue = async (): Promise<number> => {
    const lines = (await (await fetch(`${harness.url('intake')}/metrics`)).text()).split('\n').filter((line) => line.startsWith('opora_opening_reviews_overdue'));
    expect(lines).toEqual([expect.stringMatching(/^opora_opening_reviews_overdue\{service="intake"\} \d+$/)]);
    return Number(lines[0]!.split(' ')[1]);
  };

  it('opens a record of another agency to one worker, for reading, until it is over', async () => {
    const id = await registered(named({ address: { status: 'known', value: { text: 'Quiet Lane 1', class: 'safe' } }, contacts: [{ kind: 'phone', value: '+7 905 111-00-01', safeToContact: true, codeWord: 'lighthouse' }] }));
    const { body: need } = await worker.post('/v1/intake/needs', { clientId: id, needCode: 'food', severity: 'high', reason: 'Hungry' });
    for (const purpose of [{}, emergency]) expect(await stranger.get(`${clients}/${id}`, purpose)).toMatchObject(notFound);
    const opened = await post(stranger, id, 'openings', reason());
    expect(opened).toMatchObject({ status: 201, body: { clientId: id, subject: 'stranger-1', agency: 'elsewhere', overdue: false } });
    const read = await stranger.get(`${clients}/${id}`, emergency);
    expect(read).toMatchObject({ status: 200, body: { address: { status: 'known', withheld: true } } });
    expect(JSON.stringify(read.body)).not.toMatch(/Quiet|lighthouse/);
    expect(await stranger.get(`${clients}/${id}`)).toMatchObject(notFound);
    expect(await stranger.get(`/v1/intake/needs/${need.id}`, emergency)).toMatchObject({ status: 200 });
    expect((await stranger.post(`${clients}:display`, { ids: [id] }, emergency)).body.items).toHaveLength(1);
    for (const path of [`${clients}/${id}/looks`, `${clients}/${id}/circumstances`, openings]) expect((await stranger.get(path, emergency)).status).toBe(403);
    for (const [verb, body] of [['join-care-team', {}], ['bar', { subject: 'x', relation: 'other' }], ['enter-in-error', { reason: 'other' }]] as const) {
      expect((await stranger.post(`${clients}/${id}/${verb}`, body, emergency)).status).toBe(403);
      expect((await post(stranger, id, verb, body)).status).toBe(404);
    }
    const another = await harness.as('intake', { sub: 'stranger-2', agency: 'elsewhere', roles: ['intake-worker'] });
    expect(await another.get(`${clients}/${id}`, emergency)).toMatchObject(notFound);
    expect(await stateOf(id, ({ openings: open }) => open !== undefined)).toMatchObject({ openings: [{ subject: 'stranger-1', agency: 'elsewhere' }] });
    harness.clock.advance({ minutes: 30 });
    expect(await stranger.get(`${clients}/${id}`, emergency)).toMatchObject(notFound);
    expect((await stranger.post(`${clients}:display`, { ids: [id] }, emergency)).body.items).toEqual([]);
  });

  it.each([[61, 422], [0, 422], [60, 201]])('for %s minutes: %s', async (minutes, status) => {
    expect(await post(lawyer, await registered(), 'openings', reason({ minutes }))).toMatchObject({ status });
  });

  it('is told to supervisors of the keeping agency at once, without the words, and to the person', async () => {
    const id = await registered();
    const { body: { id: openingId } } = await post(lawyer, id, 'openings', reason());
    const [fact] = await eventually(() => said('intake.record-opened', id), ({ length }) => length > 0);
    expect(fact).toMatchObject({ openingId, subject: 'lawyer-1', agency: 'bureau', reason: 'danger-to-life' });
    expect(JSON.stringify(fact)).not.toMatch('unconscious');
    const listed = (by: Caller, query = '?review=open&limit=200') => by.get(`${openings}${query}`).then(({ body }) => body.items.filter((one: { clientId: string }) => one.clientId === id));
    expect(await listed(head)).toMatchObject([{ id: openingId, overdue: false, text: expect.stringContaining('unconscious') }]);
    expect(await listed(stranger)).toEqual([]);
    expect(await worker.get(openings)).toMatchObject({ status: 403 });
    const self = await harness.as('intake', { sub: 'self', roles: ['client'], opora_client: id });
    expect((await self.get(`${clients}/${id}/looks`)).body.items).toMatchObject([{ by: 'lawyer-1', what: 'opened', purpose: 'danger-to-life' }]);
    harness.clock.advance({ hours: 71, minutes: 59 });
    expect([await listed(head, '?review=overdue&limit=200'), await listed(head)]).toMatchObject([[], [{ overdue: false }]]);
    harness.clock.advance({ minutes: 2 });
    for (const query of ['?review=open&limit=200', '?review=overdue&limit=200']) expect(await listed(head, query)).toMatchObject([{ id: openingId, overdue: true }]);
    const late = (await head.get(`${openings}?review=overdue&limit=200`)).body.items.length;
    expect(await overdue()).toBe(late);
    const made = await head.post(`${openings}/${openingId}/review`, { finding: 'justified', text: 'A life was saved' });
    expect(made).toMatchObject({ status: 200, body: { overdue: false, review: { by: 'head-1', finding: 'justified', text: 'A life was saved' } } });
    expect((await head.get(made.headers.get('content-location')!)).body).toEqual(made.body);
    expect((await lawyer.get(`${openings}/${openingId}`)).body.review).toEqual({ by: 'head-1', at: harness.clock.now(), finding: 'justified' });
    expect([await listed(head), await listed(head, '?review=overdue&limit=200'), (await listed(head, '?review=done&limit=200')).length]).toEqual([[], [], 1]);
    expect(await overdue()).toBe(late - 1);
    for (const by of [worker, stranger]) expect(await by.get(`${openings}/${openingId}`)).toMatchObject(notFound);
  });

  it('lists the oldest first, page by page', async () => {
    const ids = [await registered(), await registered()];
    for (const id of ids) await post(lawyer, id, 'openings', reason());
    const { body } = await head.get(`${openings}?review=open&limit=200`);
    expect(body.items.map((one: { id: string }) => one.id)).toEqual(body.items.map((one: { id: string }) => one.id).sort());
    const first = (await head.get(`${openings}?review=open&limit=1`)).body;
    expect(first.items).toEqual(body.items.slice(0, 1));
    expect((await head.get(`${openings}?review=open&limit=1&cursor=${first.next}`)).body.items).toEqual(body.items.slice(1, 2));
  });

  it('is not reviewed by whom it was opened to, ends by them or a supervisor, and begins again with a new reason only', async () => {
    const id = await registered();
    const { body: own } = await post(head, id, 'openings', reason());
    expect(await head.post(`${openings}/${own.id}/review`, { finding: 'justified', text: 'Mine' })).toMatchObject({ status: 403, body: { code: 'own-opening' } });
    const asked = reason();
    const { body: first } = await post(lawyer, id, 'openings', asked);
    expect(await post(lawyer, id, 'openings', reason())).toMatchObject({ status: 409, body: { code: 'already-opened' } });
    expect(await worker.post(`${openings}/${first.id}/end`, {})).toMatchObject(notFound);
    expect(await lawyer.post(`${openings}/${first.id}/end`, {})).toMatchObject({ status: 200, body: { closedAt: harness.clock.now() } });
    expect(await post(lawyer, id, 'openings', asked)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/text', code: 'reason-repeated' }] } });
    const { body: second } = await post(lawyer, id, 'openings', reason());
    expect(await head.post(`${openings}/${second.id}/end`, {})).toMatchObject({ status: 200 });
    expect(await post(lawyer, newId(), 'openings', reason())).toMatchObject(notFound);
  });
});

describe('a safe contact', () => {
  const hours = { zone: 'Europe/Moscow', times: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '09:00', to: '10:00' }] };
  const terms = { answeredBy: 'self', maySay: 'callback-only' };
  const contacts = (value: string) => [{ kind: 'phone', value, safeToContact: true, hours, ...terms, codeWord: 'lighthouse' }];
  const address = { status: 'known', value: { text: 'Quiet Lane 1', class: 'safe' } };

  it('is displayed in its hours, with what may be said; never the code word', async () => {
    const id = await registered(named({ contacts: contacts('+7 905 111-00-02') }));
    const shown = () => worker.post(`${clients}:display`, { ids: [id] }).then(({ body }) => body.items[0].contact);
    const [hour, minute] = harness.clock.now().slice(11, 16).split(':').map(Number) as [number, number];
    // To the next 06:00, which is 09:00 in Moscow.
    harness.clock.advance({ minutes: (24 + 6) * 60 - hour * 60 - minute });
    expect(await shown()).toEqual({ kind: 'phone', value: '+7 905 111-00-02', ...terms });
    harness.clock.advance({ hours: 1 });
    expect(await shown()).toBeNull();
  });

  it('keeps a safe address and a code word from whoever does not care for the person, and through their corrections', async () => {
    const body = named({ address, contacts: contacts('+7 905 111-00-03') });
    const id = await registered(body);
    const read = (by: Caller) => by.get(`${clients}/${id}`).then((answer) => answer.body);
    const self = await harness.as('intake', { sub: 'self', roles: ['client'], opora_client: id });
    expect((await read(worker)).address).toEqual({ status: 'known', withheld: true });
    expect((await read(worker)).contacts[0].codeWord).toBe('lighthouse');
    expect(JSON.stringify([await read(counsellor), await read(self)])).not.toMatch(/Quiet|lighthouse/);
    expect(await read(head)).toMatchObject({ address, contacts: [expect.not.objectContaining({ codeWord: 'lighthouse' })] });

    const { id: _, status: __, agency: ___, aliases: ____, ...seen } = await read(counsellor);
    const put = (sent: object, version: number) => counsellor.put(`${clients}/${id}`, sent, { 'if-match': `"${version}"` });
    expect(await put({ ...seen, language: 'ru' }, 1)).toMatchObject({ status: 200, body: { address: { withheld: true } } });
    expect(await put({ ...seen, address: { status: 'refused' } }, 2)).toMatchObject({ status: 403, body: { code: 'address-withheld' } });
    await post(worker, id, 'join-care-team');
    await post(worker, id, 'join-care-team', { member: 'counsellor-1' });
    for (const by of [worker, counsellor]) expect(await read(by)).toMatchObject({ address, language: 'ru', contacts: [{ codeWord: 'lighthouse' }] });
    for (const answer of [await worker.post(`${clients}:display`, { ids: [id] }), await worker.post(`${clients}:search`, { phone: '+7 905 111-00-03' })]) {
      expect(answer.body.items).toHaveLength(1);
      expect(JSON.stringify(answer.body)).not.toMatch(/Quiet|lighthouse/);
    }
  });

  it('goes into no event, snapshot or fact that others hear', async () => {
    await eventually(() => harness.database.query('select from intake.outbox where published_at is null'), ({ length }) => length === 0);
    const dump = async (sql: string) => JSON.stringify(await harness.database.query(sql));
    expect(await dump(`select headers::text, key, convert_from(coalesce(value, ''), 'UTF8') from event_log.record`)).not.toMatch(/Quiet|lighthouse|unconscious/);
    expect(await dump('select body::text from intake.snapshot')).not.toMatch(/Quiet|lighthouse|unconscious/);
    expect(await dump('select data::text from intake.fact')).not.toMatch(/Quiet|lighthouse|unconscious/);
    expect(harness.log.join('\n')).not.toMatch(/Quiet|lighthouse|unconscious/);
  });
});

describe('a hidden record', () => {
  it('is found by the care team and supervisors alone', async () => {
    const body = named({ contacts: [{ kind: 'phone', value: '+7 905 111-00-04', safeToContact: true }] });
    const id = await registered(body);
    await post(worker, id, 'join-care-team');
    expect(await post(colleague, id, 'hide', { reason: 'threat' })).toMatchObject({ status: 403 });
    expect(await post(worker, id, 'hide', { reason: 'threat' })).toMatchObject({ status: 200, body: { hidden: true, hiddenBecause: 'threat' } });
    await worker.post('/v1/intake/needs', { clientId: id, needCode: 'food', severity: 'high', reason: 'Hungry' });
    await worker.post('/v1/intake/help-requests', { source: 'self', clientId: id });
    const finds = async (by: Caller) => [
      (await by.post(`${clients}:search-outside-caseload`, { phone: '+7 905 111-00-04' })).body.items?.length,
      (await by.get(`/v1/intake/needs?clientId=${id}`)).body.items.length,
      (await by.get(`/v1/intake/help-requests?clientId=${id}`)).body.items.length,
      (await by.post(`${clients}:display`, { ids: [id] })).body.items.length,
      (await by.get(`${clients}/${id}`)).status,
    ];
    for (const by of [worker, head]) expect(await finds(by)).toEqual([1, 1, 1, 1, 200]);
    expect(await finds(colleague)).toEqual([0, 0, 0, 0, 404]);
    expect(await finds(counsellor)).toEqual([undefined, 0, 0, 0, 404]);
    const self = await harness.as('intake', { sub: 'self', roles: ['client'], opora_client: id });
    expect((await self.get('/v1/intake/needs')).body.items).toHaveLength(1);

    expect(await worker.post(clients, body)).toMatchObject({ status: 409 });
    expect(await colleague.post(clients, body)).toMatchObject({ status: 201 });
    expect((await stateOf(id, ({ hidden }) => hidden !== undefined)).hidden).toBe(true);
    expect(await post(head, id, 'unhide', { reason: 'threat-over' })).toMatchObject({ status: 200, body: { hidden: false } });
    expect(await finds(colleague)).toEqual([1 + 1, 1, 1, 1, 200]);
  });

  it('is opened by break-glass, and counts in a conflict check, which names nobody', async () => {
    const body = named();
    const id = await registered(body);
    await post(head, id, 'hide', { reason: 'witness' });
    expect(await post(colleague, id, 'openings', { reason: 'other', text: 'An ambulance asks', minutes: 5 })).toMatchObject({ status: 201 });
    expect(await colleague.get(`${clients}/${id}`)).toMatchObject(notFound);
    expect(await colleague.get(`${clients}/${id}`, emergency)).toMatchObject({ status: 200 });
    const { given, family } = body.names.value[0]!;
    const { body: { answer } } = await lawyer.post(`${clients}:match`, { purpose: 'conflict-check', names: [`${given} ${family}`], nonce: newId() });
    expect(JSON.parse(Buffer.from(answer.split('.')[1], 'base64url').toString()).result).toBe('possible');
  });
});
