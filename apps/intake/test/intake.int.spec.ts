import { consentsChanged, planEntryRecorded } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';

let harness: Harness;
let worker: Caller;
let lawyer: Caller;
let elsewhere: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  lawyer = await harness.as('intake', { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] });
  elsewhere = await harness.as('intake', { sub: 'worker-9', agency: 'elsewhere', roles: ['intake-worker'] });
});

afterAll(() => harness?.close());

const clients = '/v1/intake/clients';
const requests = '/v1/intake/help-requests';
const known = <T>(value: T) => ({ status: 'known', value });
let count = 0;
/** A name that no other test uses. */
const family = () => `Test${[...String(++count)].map((digit) => 'abcdefghkl'[Number(digit)]).join('o')}ova`;
const named = (familyName = family(), more: object = {}) => ({ names: known([{ use: 'official', given: 'Anna', family: familyName }]), ...more });

const registered = async (body: object = named(), by = worker): Promise<string> => {
  const answer = await by.post(clients, body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.id;
};

const consented = (clientId: string, more: object = {}) =>
  worker.post(`${clients}/${clientId}/consents`, { purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', ...more });

const published = async (type: string, key: string) => {
  const rows = await harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1 and key = $2 order by seq`, [type, key]);
  return rows.map(({ value }) => JSON.parse(value.toString()));
};

const audited = (action: string, clientId: string) =>
  harness.database.query('select by, agency, purpose from intake.display_audit where action = $1 and $2 = any(client_ids)', [action, clientId]);

describe('registering', () => {
  it('keeps who it is and says only that somebody came', async () => {
    const body = named(family(), {
      birthDate: { status: 'approximate', value: '1961' }, address: { status: 'refused' }, language: 'ru', areaCode: 'RU-MOW', groups: [{ code: 'elderly', from: '2025-01-01' }],
      contacts: [{ kind: 'phone', value: '+7 901 000-00-01', safeToContact: false, note: 'partner answers' }], identifiers: [{ system: 'urn:opora:id:snils', value: '112-233-445 95' }],
    });
    const answer = await worker.post(clients, body);
    expect(answer).toMatchObject({ status: 201, body: { ...body, status: 'registered', agency: 'centre', anonymous: false, aliases: [] } });
    expect(answer.headers.get('etag')).toBe('"1"');
    expect((await worker.get(answer.headers.get('location')!)).body).toEqual(answer.body);
    const [said] = await eventually(() => published('intake.client-registered', answer.body.id), ({ length }) => length === 1);
    expect(said).toEqual({ clientId: answer.body.id, at: harness.clock.now(), anonymous: false, groups: ['elderly'], areaCode: 'RU-MOW' });
  });

  it('takes an anonymous person with nothing else, twice', async () => {
    expect(await worker.post(clients, { anonymous: true })).toMatchObject({ status: 201, body: { anonymous: true, names: { status: 'not-asked' }, birthDate: { status: 'not-asked' } } });
    expect(await worker.post(clients, { anonymous: true })).toMatchObject({ status: 201 });
  });

  it.each<[string, object, string, string]>([
    ['nothing', {}, '/names', 'name-needed'],
    ['a field nobody declared', named('Nobody', { nickname: 'x' }), '/nickname', 'unknown-field'],
    ['a field nobody declared inside', { names: known([{ use: 'official', given: 'A', title: 'Dr' }]) }, '/names/value/0/title', 'unknown-field'],
    ['an unknown kind of certainty', { names: { status: 'perhaps' } }, '/names/status', 'not-one-of'],
    ['a wrong type', named('Nobody', { contacts: [{ kind: 'phone', value: 79, safeToContact: true }] }), '/contacts/0/value', 'wrong-type'],
    ['a contact that does not say whether it is safe', named('Nobody', { contacts: [{ kind: 'phone', value: '79' }] }), '/contacts/0/safeToContact', 'missing'],
    ['30 February', named('Nobody', { birthDate: known('1990-02-30') }), '/birthDate/value', 'impossible-date'],
    ['a birth tomorrow', named('Nobody', { birthDate: known('2099-01-01') }), '/birthDate/value', 'in-the-future'],
    ['a group from a day that does not exist', named('Nobody', { groups: [{ code: 'elderly', from: '2026-02-30' }] }), '/groups/0/from', 'not-a-day'],
    ['a group of nobody’s list', named('Nobody', { groups: [{ code: 'ivanov' }] }), '/groups/0/code', 'not-one-of'],
    ['a text for an area', named('Nobody', { areaCode: 'Ivanov' }), '/areaCode', 'bad-format'],
    ['a value although refused', { names: { status: 'refused', value: [{ use: 'official', given: 'Anna' }] } }, '/names/value', 'value-contradicts-status'],
  ])('refuses %s, and says where without repeating it', async (_, body, pointer, code) => {
    const answer = await worker.post(clients, body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
    expect(answer.body.errors.map((e: { pointer: string; code: string }) => [e.pointer, e.code])).toContainEqual([pointer, code]);
    expect(JSON.stringify(answer.body)).not.toMatch(/Nobody|Ivanov|1990/);
  });

  it('is repeated with one Idempotency-Key once', async () => {
    const [body, key] = [named(), { 'idempotency-key': newId() }];
    const [first, again] = [await worker.post(clients, body, key), await worker.post(clients, body, key)];
    expect(again).toMatchObject({ status: 201, body: first.body });
  });
});

describe('likely duplicates', () => {
  it.each<[string, (name: string) => [object, object]]>([
    ['the same name and birth date', (name) => [named(name, { birthDate: known('1990-05-12') }), named(name, { birthDate: known('1990-05-12') })]],
    ['given and family name swapped, day and month too', (name) => [
      named(name, { birthDate: known('1990-05-12') }), { names: known([{ use: 'official', given: name, family: 'ANNA' }]), birthDate: known('1990-12-05') }]],
    ['Cyrillic and Latin letters', (name) => [{ names: known([{ use: 'official', given: 'Алёна', family: name }]) }, { names: known([{ use: 'usual', given: 'Alena', family: name }]) }]],
    ['another name, the same phone number', () => [
      named(family(), { contacts: [{ kind: 'phone', value: '8 (902) 000-00-02', safeToContact: true }] }), named(family(), { contacts: [{ kind: 'phone', value: '+79020000002', safeToContact: false }] })]],
    ['another name, the same identifier', () => [
      named(family(), { identifiers: [{ system: 'urn:opora:id:snils', value: '001-002-003 04' }] }), named(family(), { identifiers: [{ system: 'urn:opora:id:snils', value: '00100200304' }] })]],
  ])('%s: asked before anything is created, and gone on with', async (_, pair) => {
    const [first, second] = pair(family());
    const id = await registered(first);
    const [{ count: before }] = await harness.database.query('select count(*) from intake.client') as [{ count: string }];
    const refused = await worker.post(clients, second);
    expect(refused).toMatchObject({ status: 409, body: { code: 'possible-duplicate', errors: [{ pointer: '/notDuplicateOf', code: 'possible-duplicate', detail: id }] } });
    expect(await harness.database.query('select count(*) from intake.client')).toEqual([{ count: before }]);
    await registered({ ...second, notDuplicateOf: [id] });
  });

  it('another birth year is another person', async () => {
    const name = family();
    await registered(named(name, { birthDate: known('1990-05-12') }));
    await registered(named(name, { birthDate: known('1991-05-12') }));
  });

  it('of two at once, one gets in', async () => {
    const body = named(family(), { birthDate: known('1985-01-01') });
    const answers = await Promise.all([1, 2, 3, 4].map(() => worker.post(clients, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('another agency’s clients are not named: for the caller they do not exist', async () => {
    const body = named();
    await registered(body);
    await registered(body, elsewhere);
  });

  it('a correction asks too, but not about those already found to be others', async () => {
    const name = family();
    const first = await registered(named(name));
    const second = await registered({ ...named(name), notDuplicateOf: [first] });
    const correct = (body: object, etag: string) => worker.put(`${clients}/${second}`, body, { 'if-match': etag });
    expect(await correct(named(name, { language: 'ru' }), '"1"')).toMatchObject({ status: 200, body: { language: 'ru' } });
    const third = await registered(named());
    const stolen = (await worker.get(`${clients}/${third}`)).body.names;
    expect(await correct({ names: stolen }, '"2"')).toMatchObject({ status: 409, body: { errors: [{ detail: third }] } });
  });
});

describe('correcting and taking back', () => {
  it('needs the version that was read', async () => {
    const [body, id] = [named(), await registered()];
    expect(await worker.put(`${clients}/${id}`, body)).toMatchObject({ status: 428, body: { code: 'precondition-required' } });
    expect(await worker.put(`${clients}/${id}`, body, { 'if-match': '"1"' })).toMatchObject({ status: 200, body: { names: body.names } });
    expect(await worker.put(`${clients}/${id}`, named(), { 'if-match': '"1"' })).toMatchObject({ status: 412, body: { code: 'stale-version' } });
    const [said] = await eventually(() => published('intake.client-corrected', id), ({ length }) => length === 1);
    expect(said).toMatchObject({ fields: ['names'] });
  });

  it('a record entered in error takes its consents with it and is nobody’s duplicate', async () => {
    const body = named();
    const id = await registered(body);
    await consented(id);
    expect(await worker.post(`${clients}/${id}/enter-in-error`, { reason: 'typing-error' })).toMatchObject({ status: 200, body: { status: 'entered-in-error' } });
    const states = await eventually(() => published(consentsChanged.type, id), ({ length }) => length === 3);
    expect(states[2]).toMatchObject({ version: 3, consents: [{ status: 'entered-in-error' }] });
    expect(await consented(id)).toMatchObject({ status: 404 });
    expect((await worker.post(`${clients}:display`, { ids: [id] })).body.items).toEqual([]);
    await registered(body);
  });

  it('a client of whom somebody may be waiting for help is not taken back', async () => {
    const id = await registered();
    const { body } = await worker.post(requests, { source: 'self', clientId: id });
    expect(await worker.post(`${clients}/${id}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 409, body: { code: 'client-in-use' } });
    await worker.post(`${requests}/${body.id}/enter-in-error`, { reason: 'wrong-person' });
    expect(await worker.post(`${clients}/${id}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 200 });
  });
});

describe('who sees whom', () => {
  it('another agency, another client and a lawyer see nothing of the record; what is missing looks the same', async () => {
    const id = await registered();
    const missing = (await elsewhere.get(`${clients}/${newId()}`)).body;
    const other = await harness.as('intake', { roles: ['client'], opora_client: newId() });
    for (const caller of [elsewhere, other]) expect(await caller.get(`${clients}/${id}`)).toMatchObject({ status: 404, body: missing });
    expect(await lawyer.get(`${clients}/${id}`)).toMatchObject({ status: 403 });
    const self = await harness.as('intake', { roles: ['client'], opora_client: id });
    expect(await self.get(`${clients}/${id}`)).toMatchObject({ status: 200, body: { id } });
    await worker.get(`${clients}/${id}`);
    expect(await audited('read', id)).toEqual([{ by: 'worker-1', agency: 'centre', purpose: null }]);
  });

  it('lists ids of the own caseload, without a name', async () => {
    const [id, another, nobodys] = [await registered(), await registered(), await registered()];
    const member = await harness.as('intake', { sub: newId(), agency: 'centre', roles: ['intake-worker'] });
    for (const one of [id, another]) await member.post(`${clients}/${one}/join-care-team`);
    const { body } = await member.get(`${clients}?limit=1`);
    expect(body).toEqual({ items: [{ id: another, status: 'registered' }], next: expect.any(String) });
    expect((await member.get(`${clients}?limit=1&cursor=${body.next}`)).body).toEqual({ items: [{ id, status: 'registered' }] });
    for (const by of [worker, elsewhere]) for (const one of [id, another, nobodys]) expect(JSON.stringify((await by.get(`${clients}?limit=200`)).body)).not.toContain(one);
  });

  it('displays people in the caller’s care only, and puts on record who looked', async () => {
    const name = family();
    const id = await registered(named(name, {
      birthDate: known('1990-03-02'),
      contacts: [{ kind: 'phone', value: '+7 903 000-00-03', safeToContact: false }, { kind: 'messenger', value: '@anna', safeToContact: true, note: 'evenings' }],
    }));
    const shown = { id, shortName: 'Anna T.', age: 36, contact: { kind: 'messenger', value: '@anna' } };
    const display = (by: Caller) => by.post(`${clients}:display`, { ids: [id, newId()], purpose: 'appointment' });
    expect(await display(worker)).toMatchObject({ status: 200, body: { items: [shown] } });
    expect((await display(lawyer)).body).toEqual({ items: [] });
    await consented(id, { purpose: 'referral' });
    expect((await display(lawyer)).body).toEqual({ items: [] });
    const { body: consent } = await consented(id);
    expect((await display(lawyer)).body).toEqual({ items: [shown] });
    await worker.post(`${clients}/${id}/consents/${consent.consentId}/withdraw`, {});
    expect((await display(lawyer)).body).toEqual({ items: [] });
    expect((await display(await harness.as('intake', { roles: ['client'], opora_client: id }))).body.items).toEqual([shown]);
    expect((await display(await harness.as('intake', { roles: ['client'], opora_client: newId() }))).body.items).toEqual([]);
    expect(await audited('display', id)).toMatchObject([{ by: 'worker-1', purpose: 'appointment' }, { by: 'lawyer-1', agency: 'bureau' }, { by: 'worker-1' }]);
  });

  it('shows no age, name or contact that nobody knows, and takes 200 ids at most', async () => {
    const id = await registered({ anonymous: true });
    expect((await worker.post(`${clients}:display`, { ids: [id] })).body).toEqual({ items: [{ id, shortName: null, age: null, contact: null }] });
    expect(await worker.post(`${clients}:display`, { ids: Array.from({ length: 201 }, newId) })).toMatchObject({ status: 422 });
  });

  it('finds people of the own agency, of whoever’s caseload, by what is known, page by page', async () => {
    const name = family();
    const phone = [{ kind: 'phone', value: '+7 904 000-00-04', safeToContact: true }];
    const id = await registered(named(name, { birthDate: known('1971-03-04'), contacts: phone, identifiers: [{ system: 'urn:opora:id:passport', value: '45 04 346810' }] }));
    const second = await registered(named(name, { birthDate: { status: 'approximate', value: '1980' } }));
    const search = (body: object, by = worker) => by.post(`${clients}:search-outside-caseload`, body);
    const found = { id, shortName: 'Anna T.', birthYear: 1971 };
    for (const body of [
      { name: `${name} an`, birthDate: '1971-03-04' }, { name: name.slice(0, -2), phone: '8904 000 00 04' }, { phone: '89040000004' },
      { identifier: { system: 'urn:opora:id:passport', value: '4504 346810' } }, { birthDate: '1971-03-04' },
    ]) expect(await search(body)).toMatchObject({ status: 200, body: { items: [found] } });
    const first = await search({ name, limit: 1 });
    expect(first.body).toMatchObject({ items: [{ id: second, birthYear: 1980 }], next: expect.any(String) });
    expect((await search({ name, limit: 1, cursor: first.body.next })).body).toEqual({ items: [found] });
    expect((await search({ name }, elsewhere)).body).toEqual({ items: [] });
    const ownCaseload = async () => (await worker.post(`${clients}:search`, { name })).body.items;
    expect(await ownCaseload()).toEqual([]);
    await worker.post(`${clients}/${id}/join-care-team`);
    expect(await ownCaseload()).toEqual([found]);
    expect(await search({})).toMatchObject({ status: 422, body: { code: 'nothing-to-find' } });
    expect(await search({ phone: '1' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/phone' }] } });
    expect((await audited('search', second)).length).toBe(1);
    expect(await lawyer.post(`${clients}:search-outside-caseload`, { name })).toMatchObject({ status: 403 });
  });
});

describe('consents', () => {
  it('are published as one whole state, in order, with every change', async () => {
    const id = await registered();
    const base = `${clients}/${id}/consents`;
    const { body: asked } = await consented(id, { status: 'requested', purpose: 'referral' });
    expect(asked).toMatchObject({ clientId: id, status: 'requested', purpose: 'referral', recipients: ['bureau'] });
    expect(await worker.post(`${base}/${asked.consentId}/withdraw`, {})).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    expect(await worker.post(`${base}/${asked.consentId}/give`, { onBehalfOf: 'daughter' })).toMatchObject({ status: 200, body: { status: 'given' } });
    const given = await consented(id);
    expect(given).toMatchObject({ status: 201, body: { status: 'given', from: harness.clock.now() } });
    expect((await worker.get(given.headers.get('location')!)).body).toEqual(given.body);
    const self = await harness.as('intake', { sub: 'anna', roles: ['client'], opora_client: id });
    expect(await self.post(`${base}/${asked.consentId}/withdraw`, {})).toMatchObject({ status: 200, body: { status: 'withdrawn' } });
    const states = await eventually(() => published(consentsChanged.type, id), ({ length }) => length === 5);
    expect(states.map(({ version, consents }) => [version, ...consents.map(({ status }: { status: string }) => status)])).toEqual([
      [1], [2, 'requested'], [3, 'given'], [4, 'given', 'given'], [5, 'withdrawn', 'given']]);
    expect(new Set(states.map(({ key }) => key))).toEqual(new Set([expect.stringMatching(/^[A-Za-z0-9_-]{43}$/)]));
    expect(states[0]).toMatchObject({ clientId: id, aliases: [], recordedAt: harness.clock.now() });
    const recorded = await harness.database.query(`select type, recorded_by, on_behalf_of from intake.fact where data->>'consentId' = $1 order by sequence`, [asked.consentId]);
    expect(recorded).toMatchObject([{ recorded_by: 'worker-1', on_behalf_of: id }, { on_behalf_of: 'daughter' }, { recorded_by: 'anna', on_behalf_of: null }]);
    const { body: { items, next } } = await self.get(`${base}?limit=1`);
    expect(items).toEqual([given.body]);
    expect((await self.get(`${base}?limit=1&cursor=${next}`)).body).toMatchObject({ items: [{ consentId: asked.consentId }] });
    expect(await self.get(`${base}?status=given`)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/status' }] } });
  });

  it('are over at their end', async () => {
    const id = await registered();
    const until = new Date(Date.parse(harness.clock.now()) + 3_600_000).toISOString();
    const { body } = await consented(id, { until });
    const display = () => lawyer.post(`${clients}:display`, { ids: [id] });
    expect((await display()).body.items).toHaveLength(1);
    harness.clock.advance({ hours: 1 });
    expect((await display()).body.items).toEqual([]);
    expect((await worker.get(`${clients}/${id}/consents/${body.consentId}`)).body.status).toBe('expired');
  });

  it('are the client’s own or the agency’s, and nobody else’s', async () => {
    const id = await registered();
    const body = { purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' };
    const [self, other] = await Promise.all([id, newId()].map((client) => harness.as('intake', { roles: ['client'], opora_client: client, agency: 'unheard-of' })));
    expect(await other!.post(`${clients}/${id}/consents`, body)).toMatchObject({ status: 404 });
    expect(await elsewhere.post(`${clients}/${id}/consents`, body)).toMatchObject({ status: 404 });
    expect(await self!.post(`${clients}/${id}/consents`, { ...body, legalBasis: 'public-task' })).toMatchObject({ status: 403, body: { code: 'not-yours-to-say' } });
    expect(await self!.post(`${clients}/${id}/consents`, body)).toMatchObject({ status: 201 });
  });

  it.each([
    [{ recipients: [] }, '/recipients'], [{ recipients: ['Not An Agency'] }, '/recipients/0'], [{ dataClasses: ['D9'] }, '/dataClasses/0'], [{ purpose: 'curiosity' }, '/purpose'],
    [{ until: '2020-01-01T00:00:00Z' }, '/until'], [{ until: '2026-02-30T00:00:00Z' }, '/until'],
  ])('refuses %j', async (more, pointer) => {
    const answer = await consented(await registered(), more);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });
});

describe('help requests', () => {
  const ask = async (body: object = {}): Promise<string> => (await worker.post(requests, { source: 'outreach', ...body })).body.id;
  const act = (id: string, verb: string, body: object = {}, by = worker) => by.post(`${requests}/${id}/${verb}`, body);

  it('an emergency ends in urgent help: no client, consent or plan; it enters the plan once it is known whose it is', async () => {
    const id = await ask({ source: 'organisation', reference: '2026/118', needCodes: ['food'], text: 'in the street since Monday' });
    expect(await act(id, 'triage', { urgency: 'emergency' })).toMatchObject({ status: 200, body: { status: 'triaged', respondBy: expect.any(String), reference: '2026/118' } });
    harness.clock.advance({ minutes: 30 });
    const helped = await act(id, 'urgent-help', { help: 'hot-meal', text: 'soup and a blanket' });
    expect(helped).toMatchObject({ status: 200, body: { status: 'resolved', outcome: 'urgent-help-given', firstContact: { inTime: true }, urgentHelp: { help: 'hot-meal', text: 'soup and a blanket' }, overdue: false } });
    expect(helped.headers.get('opora-plan-entry')).toBeNull();
    const clientId = await registered({ anonymous: true });
    const linked = await act(id, 'link-client', { clientId });
    expect(linked.headers.get('opora-plan-entry')).toBe(`intake/${id}@1`);
    const [entry] = await eventually(() => published(planEntryRecorded.type, `intake/${id}`), ({ length }) => length === 1);
    expect(entry).toMatchObject({ clientId, kind: 'service', phase: 'ended', dataClass: 'D1', title: { code: 'urgent-help' } });
    expect(await act(id, 'enter-in-error', { reason: 'wrong-person' })).toMatchObject({ status: 200 });
    const entries = await eventually(() => published(planEntryRecorded.type, `intake/${id}`), ({ length }) => length === 2);
    expect(entries[1]).toMatchObject({ version: 2, phase: 'ended', reason: { code: 'entered-in-error' } });
  });

  it('the response clock: overdue is said once, and a contact that happened in time counts as in time', async () => {
    const [late, kept] = [await ask(), await ask()];
    for (const id of [late, kept]) await act(id, 'triage', { urgency: 'emergency' });
    const before = harness.clock.now();
    expect((await worker.get(`${requests}?overdue=false&status=triaged`)).body.items.map((item: { id: string }) => item.id)).toEqual(expect.arrayContaining([late, kept]));
    harness.clock.advance({ hours: 3 });
    await eventually(async () => (await worker.get(`${requests}?overdue=true`)).body.items.map((item: { id: string }) => item.id) as string[], (ids) => ids.includes(late) && ids.includes(kept));
    expect(await act(late, 'contact')).toMatchObject({ status: 200, body: { status: 'in-contact', firstContact: { inTime: false }, overdue: false } });
    expect(await act(kept, 'contact', { occurredAt: before })).toMatchObject({ status: 200, body: { firstContact: { inTime: true } } });
    expect(await eventually(() => published('intake.response-overdue', late), ({ length }) => length > 0)).toHaveLength(1);
    expect((await worker.get(`${requests}?overdue=true`)).body.items).toEqual([]);
    expect(await act(late, 'resolve', { outcome: 'advised' })).toMatchObject({ status: 200, body: { status: 'resolved' } });
  });

  it('refuses what does not fit', async () => {
    const [id, clientId] = [await ask(), await registered()];
    expect(await act(id, 'urgent-help', { help: 'hot-meal' })).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    expect(await act(id, 'triage', { urgency: 'soon' })).toMatchObject({ status: 422 });
    expect(await act(id, 'triage', { urgency: 'routine', occurredAt: '2099-01-01T00:00:00Z' })).toMatchObject({ status: 422, body: { code: 'in-the-future' } });
    const before = harness.clock.now();
    harness.clock.advance({ minutes: 1 });
    expect(await act(id, 'triage', { urgency: 'routine', clientId: newId() })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/clientId', code: 'client-unknown' }] } });
    expect(await act(id, 'triage', { urgency: 'routine', clientId })).toMatchObject({ status: 200, body: { clientId } });
    expect(await act(id, 'urgent-help', { help: 'hot-meal' })).toMatchObject({ status: 409, body: { code: 'not-an-emergency' } });
    expect(await act(id, 'contact', { occurredAt: before })).toMatchObject({ status: 422, body: { code: 'before-triage', errors: [{ pointer: '/occurredAt' }] } });
    expect(await act(id, 'link-client', { clientId: await registered() })).toMatchObject({ status: 409, body: { code: 'already-linked' } });
    expect(await act(id, 'resolve', { outcome: 'helped' })).toMatchObject({ status: 409, body: { code: 'no-contact-yet' } });
    expect(await act(id, 'triage', { urgency: 'routine' }, elsewhere)).toMatchObject({ status: 404 });
    expect(await elsewhere.get(`${requests}/${id}`)).toMatchObject({ status: 404 });
  });

  it('a client asks for the own person, and does not read what others wrote', async () => {
    const clientId = await registered();
    const self = await harness.as('intake', { sub: 'anna', roles: ['client'], opora_client: clientId });
    const own = await self.post(requests, { source: 'self', text: 'please call me' });
    expect(own).toMatchObject({ status: 201, body: { clientId, agency: 'centre', text: 'please call me' } });
    expect(await self.post(requests, { source: 'self', clientId: newId() })).toMatchObject({ status: 403 });
    const id = await ask({ source: 'relative', clientId, text: 'my sister must not know that I called' });
    expect((await self.get(`${requests}/${id}`)).body).not.toHaveProperty('text');
    expect((await self.get(`${requests}/${own.body.id}`)).body).toHaveProperty('text');
    expect((await worker.get(`${requests}/${id}`)).body).toHaveProperty('text');
  });
});

it('what a person told stays in the tables of intake: no event, queue, log line or problem holds it', async () => {
  const canary = 'Zqxcanary';
  const phone = '+7 909 777-66-55';
  const body = named(`${canary}ova`, {
    birthDate: known('1977-07-07'), address: known({ text: `${canary} street 7` }), identifiers: [{ system: 'urn:opora:id:snils', value: `${canary}-1` }],
    contacts: [{ kind: 'phone', value: phone, safeToContact: true, note: `${canary} note` }],
  });
  const id = await registered(body);
  const answers = [
    await worker.post(clients, body),
    await worker.post(clients, { ...body, anonymous: true }),
    await worker.post(clients, { ...body, birthDate: known(canary) }),
    await worker.post(clients, { ...body, language: canary, areaCode: canary }),
    await worker.put(`${clients}/${id}`, body, { 'if-match': '"7"' }),
    await worker.post(`${clients}:search`, { name: canary, birthDate: canary, identifier: { system: canary } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([409, 422, 422, 422, 412, 422]);
  await worker.put(`${clients}/${id}`, { ...body, language: 'ru' }, { 'if-match': '"1"' });
  await worker.post(`${clients}:search`, { name: canary, phone });
  await worker.post(`${clients}:display`, { ids: [id] });
  const { body: request } = await worker.post(requests, { source: 'relative', clientId: id, text: `${canary} text`, reference: canary });
  await worker.post(`${requests}/${request.id}/triage`, { urgency: 'emergency' });
  await worker.post(`${requests}/${request.id}/urgent-help`, { help: 'clothing', text: `${canary} coat` });
  await consented(id);
  await eventually(() => published('intake.help-request-resolved', id), ({ length }) => length === 1);

  const traces = new RegExp(`${canary}|777.?66.?55|1977.07.07`, 'i');
  const dump = async (sql: string) => JSON.stringify((await harness.database.query<{ row: string }>(sql)).map(({ row }) => row));
  expect(await dump(`select headers::text || ' ' || topic || ' ' || key || ' ' || convert_from(coalesce(value, ''), 'UTF8') as row from event_log.record`)).not.toMatch(traces);
  for (const table of ['outbox', 'inbox', 'dead_letter', 'idempotency', 'snapshot', 'head', 'display_audit']) expect(await dump(`select t::text as row from intake.${table} t`)).not.toMatch(traces);
  expect(await dump('select f.type || f.data::text as row from intake.fact f')).not.toMatch(traces);
  expect(harness.log.length).toBeGreaterThan(0);
  expect(harness.log.join('\n')).not.toMatch(traces);
  expect(JSON.stringify(answers.map((answer) => answer.body))).not.toMatch(traces);
  const metrics = await fetch(`${harness.url('intake')}/metrics`);
  expect(await metrics.text()).not.toMatch(traces);
  for (const table of ['client', 'client_match_key', 'help_request', 'fact']) expect(await dump(`select t::text as row from intake.${table} t`)).toMatch(traces);
});
