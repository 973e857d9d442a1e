import { consentsChanged } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';

let harness: Harness;
let worker: Caller;
let supervisor: Caller;
let other: Caller;
let neighbour: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  [worker, supervisor, other, neighbour] = await Promise.all([
    { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] }, { sub: 'head-1', agency: 'centre', roles: ['supervisor'] },
    { sub: 'head-2', agency: 'centre', roles: ['supervisor'] }, { sub: 'head-3', agency: 'bureau', roles: ['supervisor', 'intake-worker'] },
  ].map((who) => harness.as('intake', who))) as [Caller, Caller, Caller, Caller];
});

afterAll(() => harness?.close());

const v1 = '/v1/intake';
const asClient = (clientId: string) => harness.as('intake', { sub: `client-${clientId}`, roles: ['client'], opora_client: clientId });
const registered = async (body: object = { anonymous: true }, by = worker): Promise<string> => (await by.post(`${v1}/clients`, body)).body.id;
const named = (family: string, more: object = {}) => ({ names: { status: 'known', value: [{ use: 'official', given: 'Anna', family }] }, ...more });
const propose = (mergedId: string, survivingId: string, by = worker) => by.post(`${v1}/record-merges`, { mergedId, survivingId, reason: 'documents-seen' });
const merge = async (mergedId: string, survivingId: string): Promise<string> => {
  const { body: { id } } = await propose(mergedId, survivingId);
  expect(await supervisor.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject({ status: 200, body: { status: 'confirmed', mergedId, survivingId } });
  return id;
};
const undo = async (id: string): Promise<void> => {
  expect(await worker.post(`${v1}/record-merges/${id}/propose-undo`, { reason: 'two-people' })).toMatchObject({ status: 200, body: { status: 'undo-proposed' } });
  expect(await supervisor.post(`${v1}/record-merges/${id}/confirm-undo`, {})).toMatchObject({ status: 200, body: { status: 'undone' } });
};
const client = async (id: string) => (await worker.get(`${v1}/clients/${id}`)).body;
const refused = (status: number, code: string) => ({ status, body: { code } });
const states = async (clientId: string) =>
  (await harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1 and key = $2 order by seq`, [consentsChanged.type, clientId])).map(({ value }) => JSON.parse(value.toString()));
const pair = async () => [await registered(), await registered()] as const;

describe('who merges', () => {
  it('is never one person alone', async () => {
    const [a, b] = await pair();
    const { body: { id } } = await propose(a, b, supervisor);
    expect(await supervisor.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject(refused(403, 'second-person-needed'));
    expect(await supervisor.post(`${v1}/record-merges/${id}/decline`, { reason: 'other' })).toMatchObject(refused(403, 'second-person-needed'));
    expect(await worker.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject(refused(403, 'role-missing'));
    expect(await client(a)).not.toHaveProperty('mergedInto');
    expect(await other.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject({ status: 200 });
    expect(await other.post(`${v1}/record-merges/${id}/propose-undo`, { reason: 'two-people' })).toMatchObject({ status: 200 });
    expect(await other.post(`${v1}/record-merges/${id}/confirm-undo`, {})).toMatchObject(refused(403, 'second-person-needed'));
    expect(await client(a)).toMatchObject({ mergedInto: b });
    expect(await supervisor.post(`${v1}/record-merges/${id}/decline-undo`, { reason: 'same-person' })).toMatchObject({ status: 200, body: { status: 'confirmed' } });
  });

  it('may read both records: of another agency there is no such client, and no such merge', async () => {
    const [a, b] = await pair();
    const theirs = await registered({ anonymous: true }, neighbour);
    const unknown = { status: 422, body: { errors: [{ pointer: '/mergedId', code: 'client-unknown' }] } };
    expect(await propose(theirs, b)).toMatchObject(unknown);
    expect(await propose(newId(), b)).toMatchObject(unknown);
    expect(await propose(a, theirs, neighbour)).toMatchObject(unknown);
    const { body: { id } } = await propose(a, b);
    expect(await neighbour.get(`${v1}/record-merges/${id}`)).toMatchObject(refused(404, 'not-found'));
    expect(await neighbour.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject(refused(404, 'not-found'));
    expect((await neighbour.get(`${v1}/record-merges`)).body.items).toEqual([]);
    expect((await supervisor.get(`${v1}/record-merges?status=proposed&mergedId=${a}`)).body.items).toMatchObject([{ id, survivingId: b, proposedBy: 'worker-1' }]);
    expect(await (await asClient(a)).get(`${v1}/record-merges/${id}`)).toMatchObject(refused(403, 'role-missing'));
  });
});

describe('what cannot be merged', () => {
  it('is refused by name', async () => {
    const [a, b] = await pair();
    const c = await registered();
    expect(await propose(a, a)).toMatchObject(refused(422, 'same-record'));
    await propose(b, a);
    expect(await propose(a, b)).toMatchObject(refused(409, 'merge-already-proposed'));
    await merge(a, c);
    for (const [merged, surviving] of [[a, await registered()], [await registered(), a]] as const) expect(await propose(merged, surviving)).toMatchObject(refused(409, 'record-merged'));
    const [{ id }] = (await supervisor.get(`${v1}/record-merges?status=proposed&survivingId=${a}`)).body.items;
    expect(await supervisor.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject(refused(409, 'record-merged'));
    const wrong = await registered();
    const { body: { id: late } } = await propose(wrong, c);
    await worker.post(`${v1}/clients/${wrong}/enter-in-error`, { reason: 'typing-error' });
    expect(await supervisor.post(`${v1}/record-merges/${late}/confirm`, {})).toMatchObject(refused(409, 'record-gone'));
    expect(await propose(wrong, c)).toMatchObject({ status: 422, body: { errors: [{ code: 'client-unknown' }] } });
    expect(await supervisor.post(`${v1}/record-merges/${late}/decline`, { reason: 'other' })).toMatchObject({ status: 200 });
    expect(await worker.post(`${v1}/record-merges/${late}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 200 });
  });

  it('nor may a record in a merge be put away or corrected under the merged id', async () => {
    const [a, b] = await pair();
    const id = await merge(a, b);
    for (const one of [a, b]) expect(await worker.post(`${v1}/clients/${one}/enter-in-error`, { reason: 'other' })).toMatchObject(refused(409, 'record-merged'));
    const { headers } = await worker.get(`${v1}/clients/${a}`);
    expect(await worker.put(`${v1}/clients/${a}`, { anonymous: true, language: 'ru' }, { 'if-match': headers.get('etag')! })).toMatchObject(refused(409, 'record-merged'));
    expect(await worker.post(`${v1}/record-merges/${id}/enter-in-error`, { reason: 'other' })).toMatchObject(refused(409, 'merge-in-force'));
    await undo(id);
    expect(await worker.put(`${v1}/clients/${a}`, { anonymous: true, language: 'ru' }, { 'if-match': headers.get('etag')! })).toMatchObject({ status: 200 });
  });

  it('of two proposals that cross one stands, and of three merges that close a circle two are made', async () => {
    const [a, b] = await pair();
    const c = await registered();
    expect((await Promise.all([propose(a, b), propose(b, a)])).map(({ status }) => status).sort()).toEqual([201, 409]);
    const [{ id, survivingId }] = (await supervisor.get(`${v1}/record-merges?status=proposed&limit=1`)).body.items;
    const others = await Promise.all([propose(survivingId, c), propose(c, survivingId === a ? b : a)]);
    const answers = await Promise.all([id, ...others.map(({ body }) => body.id)].map((one) => supervisor.post(`${v1}/record-merges/${one}/confirm`, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409]);
    const people = await Promise.all([a, b, c].map(client));
    expect(people.filter(({ mergedInto }) => mergedInto === undefined)).toHaveLength(1);
  });
});

describe('a merged person', () => {
  it('is found once, by what either record says, and every id leads to the survivor', async () => {
    const [a, b] = [await registered(named('Mergeva', { birthDate: { status: 'known', value: '1961-02-03' } })), await registered(named('Slitova'))];
    const before = await Promise.all([a, b].map((id) => worker.get(`${v1}/clients/${id}`)));
    const id = await merge(a, b);
    expect(await client(a)).toEqual({ ...before[0]!.body, mergedInto: b });
    expect(await client(b)).toEqual({ ...before[1]!.body, aliases: [a] });
    const search = async (body: object) => (await worker.post(`${v1}/clients:search-outside-caseload`, body)).body.items.map((one: any) => one.id);
    for (const body of [{ name: 'Mergeva' }, { name: 'Slitova' }, { name: 'Anna Mergeva', birthDate: '1961-02-03' }, { birthDate: '1961-02-03' }]) expect(await search(body)).toEqual([b]);
    await worker.post(`${v1}/clients/${a}/join-care-team`);
    const listed = (await worker.get(`${v1}/clients?limit=200`)).body.items.map((one: any) => one.id);
    expect([listed.includes(a), listed.includes(b)]).toEqual([false, true]);
    const { body: { items } } = await worker.post(`${v1}/clients:display`, { ids: [a, b] });
    expect(items.sort((x: any) => (x.id === a ? -1 : 1))).toMatchObject([{ id: a, shortName: 'Anna S.', mergedInto: b }, { id: b, shortName: 'Anna S.' }]);
    await undo(id);
    const after = await Promise.all([a, b].map((one) => worker.get(`${v1}/clients/${one}`)));
    expect(after.map(({ body, headers }) => [body, headers.get('etag')])).toEqual(before.map(({ body, headers }) => [body, headers.get('etag')]));
    expect(await search({ name: 'Mergeva' })).toEqual([a]);
  });

  it('is not flagged as possibly the same again, and somebody alike is flagged once', async () => {
    const a = await registered(named('Dvoinaya'));
    const b = await registered({ ...named('Dvoinaya'), notDuplicateOf: [a] });
    await merge(a, b);
    const { headers } = await worker.get(`${v1}/clients/${b}`);
    expect(await worker.put(`${v1}/clients/${b}`, named('Dvoinaya', { language: 'ru' }), { 'if-match': headers.get('etag')! })).toMatchObject({ status: 200 });
    const alike = await worker.post(`${v1}/clients`, named('Dvoinaya'));
    expect(alike).toMatchObject({ status: 409, body: { code: 'possible-duplicate' } });
    expect(alike.body.errors.map(({ detail }: any) => detail)).toEqual([b]);
    expect(await worker.post(`${v1}/clients`, { ...named('Dvoinaya'), notDuplicateOf: [b] })).toMatchObject({ status: 201 });
  });

  it('has needs, screenings, requests, consents and looks of both records under either id, each under its own', async () => {
    const [a, b] = await pair();
    const recorded = async (clientId: string) => {
      const need = await worker.post(`${v1}/needs`, { clientId, needCode: 'housing', severity: 'high', reason: 'Said so' });
      const request = await worker.post(`${v1}/help-requests`, { clientId, source: 'self', text: 'Help' });
      const consent = await worker.post(`${v1}/clients/${clientId}/consents`, { purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' });
      return { needs: need.body.id, 'help-requests': request.body.id, consents: consent.body.consentId };
    };
    const [ofA, ofB] = [await recorded(a), await recorded(b)];
    const lists = (id: string) => ({ needs: `${v1}/needs?clientId=${id}`, 'help-requests': `${v1}/help-requests?clientId=${id}`, consents: `${v1}/clients/${id}/consents` });
    const ids = async (by: Caller, id: string) => Object.fromEntries(await Promise.all(Object.entries(lists(id)).map(async ([name, path]) =>
      [name, (await by.get(path)).body.items.map((one: any) => [one.id ?? one.consentId, one.clientId]).sort()])));
    const expected = (...all: [Record<string, string>, string][]) => Object.fromEntries(['needs', 'help-requests', 'consents'].map((name) => [name, all.map(([of, id]) => [of[name], id]).sort()]));
    const merged = await merge(a, b);
    for (const id of [a, b]) expect(await ids(worker, id)).toEqual(expected([ofA, a], [ofB, b]));
    // Her token names the merged record: she sees all of it, and says what she says under the id of her token.
    const herself = await asClient(a);
    await eventually(() => herself.get(`${v1}/clients/${b}`), ({ status }) => status === 200);
    expect((await herself.get(`${v1}/needs`)).body.items).toHaveLength(2);
    expect((await herself.get(`${v1}/needs/${ofB.needs}`)).status).toBe(200);
    const own = await herself.post(`${v1}/help-requests`, { source: 'self', text: 'Mine' });
    expect(own.body).toMatchObject({ clientId: a });
    await undo(merged);
    expect(await ids(worker, b)).toEqual(expected([ofB, b]));
    expect(await ids(worker, a)).toEqual({ ...expected([ofA, a]), 'help-requests': [[ofA['help-requests'], a], [own.body.id, a]].sort() });
    await eventually(() => herself.get(`${v1}/clients/${b}`), ({ status }) => status === 404);
  });

  it('is no adverse party to themselves under any of the ids', async () => {
    const [a, b] = [await registered(named('Tyazhba')), await registered(named('Iskova'))];
    const match = async (except: string) => {
      const { body: { answer } } = await worker.post(`${v1}/clients:match`, { purpose: 'conflict-check', names: ['Anna Tyazhba'], nonce: newId(), except });
      return JSON.parse(Buffer.from(answer.split('.')[1], 'base64url').toString()).result as string;
    };
    expect(await match(b)).toBe('possible');
    const id = await merge(a, b);
    expect([await match(a), await match(b)]).toEqual(['none', 'none']);
    await undo(id);
    expect(await match(b)).toBe('possible');
  });
});

describe('consents of a merged person', () => {
  const consent = { purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' };
  const shown = async (...ids: string[]) => (await neighbour.post(`${v1}/clients:display`, { ids })).body.items.map((one: any) => one.id).sort();

  it('the narrower wins: a no on either record holds until the yes is said where the no was', async () => {
    const [a, b] = await pair();
    await worker.post(`${v1}/clients/${b}/consents`, consent);
    const { body: { consentId } } = await worker.post(`${v1}/clients/${a}/consents`, consent);
    const id = await merge(a, b);
    expect(await shown(a, b)).toEqual([a, b].sort());
    // Withdrawn under the survivor's id; it stays with the record that held it.
    expect(await worker.post(`${v1}/clients/${b}/consents/${consentId}/withdraw`, {})).toMatchObject({ status: 200, body: { clientId: a, status: 'withdrawn' } });
    expect(await shown(a, b)).toEqual([]);
    expect(await worker.post(`${v1}/clients/${b}/consents`, consent)).toMatchObject({ status: 409, body: { code: 'refused-elsewhere', errors: [{ detail: a }] } });
    await undo(id);
    expect(await shown(a, b)).toEqual([b]);
    const again = await merge(a, b);
    expect(await shown(a, b)).toEqual([]);
    expect(await worker.post(`${v1}/clients/${a}/consents`, consent)).toMatchObject({ status: 201 });
    expect(await shown(a, b)).toEqual([a, b].sort());
    await undo(again);
  });

  it('everybody hears the survivor’s aliases, down a chain, and from each record what the person says', async () => {
    const [a, b] = await pair();
    const c = await registered();
    await worker.post(`${v1}/clients/${a}/consents`, consent);
    const said = (state: any) => state.consents.map(({ status }: any) => status);
    const first = await merge(a, b);
    const second = await merge(b, c);
    const last = async (id: string) => (await eventually(() => states(id), ({ length }) => length > 0)).at(-1);
    await eventually(() => last(c), ({ aliases }) => aliases.length === 2);
    expect([(await last(a)).aliases, (await last(b)).aliases, (await last(c)).aliases]).toEqual([[], [a], [a, b].sort()]);
    for (const id of [a, b, c]) expect(said(await last(id))).toEqual(['given']);
    expect(await client(a)).toMatchObject({ mergedInto: c });
    await undo(first);
    await eventually(() => last(c), ({ aliases }) => aliases.length === 1);
    expect([(await last(b)).aliases, (await last(c)).aliases]).toEqual([[], [b]]);
    expect([said(await last(a)), said(await last(b)), said(await last(c))]).toEqual([['given'], [], []]);
    expect(await client(a)).toMatchObject({ aliases: [] });
    await undo(second);
    await eventually(() => last(c), ({ aliases }) => aliases.length === 0);
    const { version: _, recordedAt: __, ...was } = (await states(a)).find(({ consents }: any) => consents.length > 0);
    expect(await last(a)).toMatchObject(was);
  });

  it('the middle of a chain, parted, keeps what was merged into it', async () => {
    const [a, b] = await pair();
    const c = await registered();
    await merge(a, b);
    const second = await merge(b, c);
    await undo(second);
    expect([await client(a), await client(b), await client(c)].map(({ aliases, mergedInto }) => [aliases, mergedInto])).toEqual([[[], b], [[a], undefined], [[], undefined]]);
  });
});

describe('who is protected under one id', () => {
  it('is protected under every id while the records are one person’s, and again only there when they part', async () => {
    const [a, b] = [await registered(named('Zashchitova')), await registered(named('Ukrytova'))];
    expect(await supervisor.post(`${v1}/clients/${a}/bar`, { subject: 'worker-9', relation: 'former-partner' })).toMatchObject({ status: 200 });
    const barred = await harness.as('intake', { sub: 'worker-9', agency: 'centre', roles: ['intake-worker'] });
    const finds = async (by: Caller, name: string) => (await by.post(`${v1}/clients:search-outside-caseload`, { name })).body.items.length;
    expect([(await barred.get(`${v1}/clients/${b}`)).status, await finds(barred, 'Ukrytova')]).toEqual([200, 1]);
    const id = await merge(a, b);
    for (const one of [a, b]) expect(await barred.get(`${v1}/clients/${one}`)).toMatchObject(refused(404, 'not-found'));
    expect([await finds(barred, 'Ukrytova'), await finds(barred, 'Zashchitova'), await finds(worker, 'Zashchitova')]).toEqual([0, 0, 1]);
    expect(await barred.get(`${v1}/record-merges/${id}`)).toMatchObject(refused(404, 'not-found'));
    expect((await barred.get(`${v1}/record-merges?limit=200`)).body.items.some((one: any) => one.id === id)).toBe(false);
    expect((await supervisor.get(`${v1}/clients/${b}/circumstances`)).body.bars).toMatchObject([{ subject: 'worker-9' }]);
    await undo(id);
    expect([(await barred.get(`${v1}/clients/${b}`)).status, (await barred.get(`${v1}/clients/${a}`)).status]).toEqual([200, 404]);
  });

  it('is never merged with whom they are protected from', async () => {
    const [a, b] = await pair();
    await supervisor.post(`${v1}/clients/${a}/bar`, { client: b, relation: 'former-partner' });
    for (const [merged, surviving] of [[a, b], [b, a]] as const) {
      const { body: { id } } = await propose(merged, surviving);
      expect(await supervisor.post(`${v1}/record-merges/${id}/confirm`, {})).toMatchObject(refused(409, 'records-barred'));
      await supervisor.post(`${v1}/record-merges/${id}/decline`, { reason: 'two-people' });
    }
  });
});
