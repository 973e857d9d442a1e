import { planEntryRecorded, referralRequested } from '@opora/contracts';
import { newId, type PostgresLog } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { door } from '../src/door/door.module.js';

let harness: Harness;
let studio: Caller;

beforeAll(async () => {
  harness = await startHarness([]);
  await harness.boot(door(harness.broker as PostgresLog, ['intake']));
  studio = await harness.as('broker', { sub: 'studio', agency: 'studio', roles: ['module'] });
});

afterAll(() => harness?.close());

const request = (clientId: string) => ({
  referralId: newId(), clientId, module: 'studio', offer: 'class', agency: 'studio', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [],
  urgency: 'routine' as const, respondBy: '2026-03-09T09:00:00.000Z',
});

const entry = (entryId: string, module = 'studio') => ({
  module, entryId, version: 1, aggregate: { id: entryId, version: 1 }, recordedAt: '2026-03-02T09:00:00.000Z', clientId: newId(), agency: 'studio', kind: 'service', phase: 'active',
  title: { system: 's', code: 'c', en: 'Class', ru: 'Занятие' }, dataClass: 'D1', because: [], needs: [], actions: [],
});

it('gives a module what it has not committed yet, again and again, and nothing after the commit', async () => {
  const clientId = newId();
  await harness.say(referralRequested, request(clientId), { source: 'counselling', key: clientId });
  const path = '/v1/broker/records?topics=opora.referrals.v1&waitMs=1000';
  const first = await studio.get(path);
  expect(first).toMatchObject({ status: 200, body: { items: [{ key: clientId, headers: { ce_type: 'opora.referral.requested', ce_source: 'counselling' }, data: { clientId } }] } });
  expect((await studio.get(path)).body).toEqual(first.body);
  const { topic, position } = first.body.items[0];
  expect((await studio.post('/v1/broker/cursors', { topic, position })).status).toBe(204);
  expect((await studio.get('/v1/broker/records?topics=opora.referrals.v1')).body.items).toEqual([]);
});

it('appends in the module’s own name', async () => {
  const id = newId();
  expect(await studio.post('/v1/broker/records', { records: [{ type: planEntryRecorded.type, key: `studio/${id}`, data: entry(id) }] })).toMatchObject({ status: 200, body: { appended: 1 } });
  const rows = await eventually(() => harness.database.query(`select headers from event_log.record where key = $1`, [`studio/${id}`]), (r) => r.length === 1);
  expect(rows[0]).toMatchObject({ headers: { ce_source: 'studio', ce_agency: 'studio' } });
});

const id = newId();
const offer = { code: 'class', agency: 'studio', titles: { en: 'Class', ru: 'Занятие' }, needs: [], availability: 'open', cost: { amount: 0, currency: 'RUB' }, waitingDays: 1, requiredDocuments: [], languages: [], accessibility: [] };
const manifest = (more: object) => ({
  module: 'studio', revision: 1, version: '1.0.0', titles: { en: 'Studio', ru: 'Студия' }, baseUrl: 'http://127.0.0.1:9', lifecycle: 'active', offers: [offer], says: [], hears: [], serves: [], ...more,
});

it.each([
  ['another module’s entry', { type: planEntryRecorded.type, key: `other/${id}`, data: entry(id, 'other') }, 403, 'not-yours-to-say'],
  ['another module’s entry under its own key', { type: planEntryRecorded.type, key: `studio/${id}`, data: entry(id, 'other') }, 403, 'not-yours-to-say'],
  ['a consent', { type: 'opora.consents.changed', key: id, data: {} }, 403, 'not-yours-to-say'],
  ['a service’s own fact', { type: 'legal-aid.matter-closed', key: id, data: {} }, 403, 'not-yours-to-say'],
  ['a null on a topic of facts', { type: 'opora.referral.accepted', key: id, data: null }, 403, 'not-yours-to-say'],
  ['another agency’s entry', { type: planEntryRecorded.type, key: `studio/${id}`, data: { ...entry(id), agency: 'centre' } }, 403, 'not-yours-to-say'],
  ['a plan of its own', { type: planEntryRecorded.type, key: `studio/${id}`, data: { ...entry(id), kind: 'plan' } }, 403, 'not-yours-to-say'],
  ['a need of its own', { type: planEntryRecorded.type, key: `studio/${id}`, data: { ...entry(id), kind: 'need' } }, 403, 'not-yours-to-say'],
  ['what has not happened yet', { type: planEntryRecorded.type, key: `studio/${id}`, data: { ...entry(id), recordedAt: '2026-03-02T09:00:00.001Z' } }, 403, 'not-yours-to-say'],
  ['a watermark of tomorrow', { type: 'opora.watermark.reached', key: 'studio', data: { module: 'studio', at: '2026-03-03T09:00:00.000Z' } }, 403, 'not-yours-to-say'],
  ['another agency’s offers', { type: 'opora.module.announced', key: 'studio', data: manifest({ offers: [{ ...offer, agency: 'bureau' }] }) }, 403, 'not-yours-to-say'],
  ['that it answers for names', { type: 'opora.module.announced', key: 'studio', data: manifest({ serves: ['clients:display'] }) }, 403, 'not-yours-to-say'],
  ['that it tells people of their consents', { type: 'opora.module.announced', key: 'studio', data: manifest({ me: ['consents'] }) }, 403, 'not-yours-to-say'],
  ['what another agency is called', { type: 'opora.module.announced', key: 'studio', data: manifest({ agencies: [{ agency: 'bureau', titles: { en: 'x', ru: 'x' } }] }) }, 403, 'not-yours-to-say'],
  ['that a person is to be erased', { type: 'opora.erasure.requested', key: id, data: { erasureId: id, clientId: id, aliases: [] } }, 403, 'not-yours-to-say'],
  ['another agency’s answer', { type: 'opora.referral.accepted', key: id, data: { referralId: id, clientId: id, module: 'studio', offer: 'class', agency: 'bureau', askedBy: 'centre' } }, 403, 'not-yours-to-say'],
  ['what breaks its contract', { type: planEntryRecorded.type, key: `studio/${id}`, data: { ...entry(id), note: 'free text' } }, 422, 'contract-violated'],
])('refuses %s, and writes nothing', async (_, record, status, code) => {
  const good = newId();
  const answer = await studio.post('/v1/broker/records', { records: [{ type: planEntryRecorded.type, key: `studio/${good}`, data: entry(good) }, record] });
  expect(answer).toMatchObject({ status, body: { code } });
  expect(await harness.database.query('select 1 from event_log.record where key = $1', [`studio/${good}`])).toEqual([]);
});

it.each(['intake', 'clients', 'broker'])('is closed to a module that calls itself %s', async (name) => {
  const pretender = await harness.as('broker', { sub: name, agency: 'studio', roles: ['module'] });
  const answer = await pretender.post('/v1/broker/records', { records: [{ type: 'opora.module.announced', key: name, data: { ...manifest({}), module: name } }] });
  expect(answer).toMatchObject({ status: 403, body: { errors: [{ code: 'name-taken' }] } });
});

it('is closed to people and to unknown topics', async () => {
  const counsellor = await harness.as('broker', { roles: ['counsellor'] });
  expect((await counsellor.get('/v1/broker/records?topics=opora.referrals.v1')).status).toBe(403);
  expect((await studio.get('/v1/broker/records?topics=opora.intake.v1')).status).toBe(404);
});
