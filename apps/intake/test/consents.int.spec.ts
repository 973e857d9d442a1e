import { hashOf, moduleAnnounced } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';

let harness: Harness;
let worker: Caller;
let supervisor: Caller;
let elsewhere: Caller;

beforeAll(async () => {
  harness = await startHarness([], { agency: 'centre' });
  await harness.boot(Intake, { agencyTitles: { en: 'Support Centre', ru: 'Центр помощи' }, environment: { INTAKE_CONSENT_IN_WRITING: 'D2,D3' } });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  supervisor = await harness.as('intake', { sub: 'head-1', agency: 'centre', roles: ['supervisor'] });
  elsewhere = await harness.as('intake', { sub: 'worker-9', agency: 'elsewhere', roles: ['intake-worker', 'supervisor'] });
});

afterAll(() => harness?.close());

const clients = '/v1/intake/clients';
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const registered = async (): Promise<string> => (await worker.post(clients, { anonymous: true })).body.id;
const asClient = (id: string) => harness.as('intake', { sub: `client-${id}`, roles: ['client'], opora_client: id });
const record = (id: string, more: object = {}, by = worker) =>
  by.post(`${clients}/${id}/consents`, { purpose: 'coordination', recipients: ['centre', 'bureau'], dataClasses: ['D1'], legalBasis: 'consent', ...more });
const paper = { medium: 'paper', sha256, formVersion: '2026-03', language: 'ru' };
const publicTask = { legalBasis: 'public-task', norm: 'ru/442-fz/6' };

describe('what shows that consent was given', () => {
  it('is the signed form, its version and language, whoever took it, and who spoke for the person', async () => {
    const id = await registered();
    const representative = { id: 'mother-1', capacity: 'parent', authority: sha256 };
    const { status, body } = await record(id, { document: paper, representative, dataClasses: ['D1', 'D2'] });
    expect([status, body]).toEqual([201, expect.objectContaining({ status: 'given', givenAt: harness.clock.now(), evidence: { document: paper, representative, takenBy: 'worker-1', byClient: false } })]);
    const asked = await record(id, { status: 'requested' });
    expect(asked.body).not.toHaveProperty('evidence');
    const self = await asClient(id);
    expect((await self.post(`${clients}/${id}/consents/${asked.body.consentId}/give`, {})).body.evidence).toEqual({ document: { medium: 'electronic' }, takenBy: `client-${id}`, byClient: true });
  });

  it('never leaves intake', async () => {
    const id = await registered();
    await record(id, { document: paper });
    const rows = await harness.database.query(`select value::text as value from intake.outbox where key = $1 union all select body::text from intake.snapshot where key = $1`, [id]);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(sha256);
    expect(JSON.stringify(rows)).not.toContain('2026-03"');
  });

  it.each<[object, number, string]>([
    [{ dataClasses: ['D1', 'D2'] }, 422, '/document'], [{ document: { medium: 'paper' } }, 422, '/document/sha256'], [{ document: { ...paper, sha256: 'x' } }, 422, '/document/sha256'],
    [{ document: { ...paper, name: 'Anna' } }, 422, '/document/name'], [{ status: 'requested', document: paper }, 422, '/status'], [{ legalBasis: 'public-task' }, 422, '/norm'],
    [{ legalBasis: 'vital-interests' }, 422, '/until'], [{ legalBasis: 'contract', purpose: 'referral' }, 422, '/purpose'],
  ])('refuses %j', async (more, status, pointer) => {
    expect(await record(await registered(), more)).toMatchObject({ status, body: { errors: [{ pointer }] } });
  });
});

describe('sharing on a public task', () => {
  it('cannot be withdrawn; an objection stops it, and a supervisor decides', async () => {
    const id = await registered();
    const { body: { consentId } } = await record(id, publicTask);
    const path = `${clients}/${id}/consents/${consentId}`;
    const self = await asClient(id);
    const neighbour = await harness.as('intake', { agency: 'bureau', roles: ['legal-aid:practitioner'] });
    const seen = async () => (await neighbour.post(`${clients}:display`, { ids: [id] })).body.items.length;
    expect(await seen()).toBe(1);
    for (const by of [self, worker]) expect(await by.post(`${path}/withdraw`, {})).toMatchObject({ status: 409, body: { code: 'not-by-consent' } });
    expect(await self.post(`${path}/object`, {})).toMatchObject({ status: 200, body: { status: 'objected-to' } });
    expect(await seen()).toBe(0);
    for (const by of [self, worker]) expect(await by.post(`${path}/overrule`, { reason: 'danger-to-others' })).toMatchObject({ status: 403 });
    expect(await elsewhere.post(`${path}/overrule`, { reason: 'danger-to-others' })).toMatchObject({ status: 404 });
    expect(await supervisor.post(`${path}/overrule`, { reason: 'danger-to-others' })).toMatchObject({ status: 200, body: { status: 'given' } });
    expect(await seen()).toBe(1);
    expect(await self.post(`${path}/end`, { reason: 'other' })).toMatchObject({ status: 403 });
    expect(await worker.post(`${path}/end`, { reason: 'no-longer-needed' })).toMatchObject({ status: 200, body: { status: 'ended', endedAt: harness.clock.now() } });
    expect(await seen()).toBe(0);
  });
});

describe('a consent', () => {
  it('is also a FHIR Consent', async () => {
    const id = await registered();
    const { body } = await record(id, { document: paper });
    const path = `${clients}/${id}/consents/${body.consentId}`;
    const fhir = await worker.get(path, { accept: 'application/fhir+json' });
    expect(fhir.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    expect(fhir).toMatchObject({ status: 200, body: { resourceType: 'Consent', id: body.consentId, status: 'active', provision: { type: 'permit' } } });
    expect([fhir.headers.get('vary'), fhir.headers.get('etag')]).toEqual(['Accept', (await worker.get(path)).headers.get('etag')]);
    expect((await worker.get(path)).body).toEqual(body);
    expect(await elsewhere.get(path, { accept: 'application/fhir+json' })).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('has a receipt that can be checked later, as data and on paper', async () => {
    const id = await registered();
    const { body: { consentId } } = await record(id, { document: paper });
    const path = `${clients}/${id}/consents/${consentId}`;
    const self = await asClient(id);
    const receipt = await eventually(() => self.get(`${path}/receipt?zone=Europe/Moscow`, { 'accept-language': 'ru' }), ({ body }) => body.words[0].includes('Центр помощи'));
    expect(receipt.body).toMatchObject({ consentId, status: 'given', language: 'ru', title: 'На что вы дали согласие', documentHash: sha256, terms: { legalBasis: 'consent', agency: 'centre', evidence: { document: paper } } });
    expect(receipt.body.words[0]).toBe('Кто может это видеть: Центр помощи, bureau.');
    expect(hashOf(receipt.body.terms)).toBe(receipt.body.termsHash);
    await self.post(`${path}/withdraw`, {});
    const later = (await worker.get(`${path}/receipt`)).body;
    expect(later).toMatchObject({ status: 'withdrawn', language: 'en', termsHash: receipt.body.termsHash, words: expect.arrayContaining([expect.stringMatching(/^You took this back/)]) });
    const page = await self.get(`${path}/receipt`, { accept: 'text/html', 'accept-language': 'ru' });
    expect([page.status, page.headers.get('content-type'), page.headers.get('content-language')]).toEqual([200, 'text/html; charset=utf-8', 'ru']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    for (const part of ['<html lang="ru">', 'Почему нам можно: вы сказали', receipt.body.termsHash, sha256]) expect(page.body).toContain(part);
    expect(await self.get(`${path}/receipt?zone=Nowhere/Never`)).toMatchObject({ status: 422, body: { code: 'zone-unknown' } });
    for (const by of [elsewhere, await asClient(newId())]) expect(await by.get(`${path}/receipt`)).toMatchObject({ status: 404 });
  });

  it('is told to the person alone, in words; names of agencies are text', async () => {
    const id = await registered();
    const wrong = await record(id);
    await worker.post(`${clients}/${id}/consents/${wrong.body.consentId}/enter-in-error`, { reason: 'typing-error' });
    const until = new Date(Date.parse(harness.clock.now()) + 3_600_000).toISOString();
    const { body: { consentId } } = await record(id, { until, recipients: ['evil'] });
    await harness.say(moduleAnnounced, {
      module: 'evil', revision: 1, version: '1.0.0', titles: { en: 'x', ru: 'x' }, baseUrl: 'http://127.0.0.1:9', lifecycle: 'active', offers: [], says: [], hears: [], serves: [],
      agencies: [{ agency: 'evil', titles: { en: '<script>', ru: '<script>' } }],
    }, { source: 'evil', key: 'evil' });
    const self = await asClient(id);
    const { body } = await eventually(() => self.get('/v1/intake/me/consents'), (answer) => answer.body.items[0].words[0].includes('<script>'));
    expect(body.items).toEqual([{
      consentId, status: 'given', holds: true, title: 'What you said yes to', words: expect.any(Array), from: harness.clock.now(), until, receipt: `${clients}/${id}/consents/${consentId}/receipt`,
    }]);
    expect((await self.get(body.items[0].receipt, { accept: 'text/html' })).body).not.toContain('<script>');
    harness.clock.advance({ hours: 1 });
    expect((await self.get('/v1/intake/me/consents')).body.items).toMatchObject([{ status: 'expired', holds: false }]);
    for (const by of [worker, supervisor]) expect(await by.get('/v1/intake/me/consents')).toMatchObject({ status: 403 });
    expect(await (await asClient(newId())).get('/v1/intake/me/consents')).toMatchObject({ status: 404 });
  });
});
