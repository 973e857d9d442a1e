import { hashOf } from '@opora/contracts';
import { startHarness, type Caller, type Harness } from '@opora/testing';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { LegalAid } from '../src/legal-aid.module.js';
import { documents, years } from './law-documents.js';

let harness: Harness;
let lawyer: Caller;
let admin: Caller;
let sign: (payload: string) => Promise<string>;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  sign = (payload) => new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
  const lawKeys = JSON.stringify({ 'Signing Office': { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] } });
  harness = await startHarness([LegalAid], { agency: 'bureau', environment: { LEGAL_AID_LAW_KEYS: lawKeys } });
  lawyer = await harness.as('legal-aid', { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] });
  admin = await harness.as('legal-aid', { sub: 'boss', agency: 'bureau', roles: ['admin'] });
});

afterAll(() => harness?.close());

const compute = (body: object) => lawyer.post('/v1/legal-aid/deadlines:compute', { rule: 'ru-gpk/321-2', eventDay: '2026-02-10', zone: 'Europe/Moscow', region: 'RU-MOW', ...body });

it('computes a term with its derivation, from what ships with it', async () => {
  expect(await compute({})).toMatchObject({ status: 200, body: { day: '2026-03-10', endsAt: '2026-03-10T21:00:00.000Z', article: 'ГПК РФ, ст. 321 ч. 2', provisional: false } });
  expect(await compute({ region: undefined })).toMatchObject({ status: 200, body: { day: '2026-03-10', provisional: true, doubts: ['region-not-said'] } });
  const at = await compute({ eventDay: undefined, eventAt: '2026-03-09T15:30:00Z', zone: 'Asia/Vladivostok' });
  expect(at.body).toMatchObject({ day: '2026-04-10', eventDay: '2026-03-10' });
  expect(at.body.steps.map(({ step }: { step: string }) => step)).toEqual(['event', 'local-day', 'begins', 'counted', 'expires']);
  expect(await compute({ rule: 'de-zpo/517', region: 'DE-BY', eventDay: '2026-05-04', zone: 'Europe/Berlin' })).toMatchObject({ body: { day: '2026-06-05', remarks: [{ article: '§ 517 ZPO' }] } });
});

it.each<[string, string, object]>([
  ['rule-unknown', '/rule', { rule: 'ru-gpk/1' }], ['calendar-unknown', '/calendar', { calendar: 'xx' }], ['zone-unknown', '/zone', { zone: 'Europe/Nowhere' }],
  ['event-day-or-instant', '/eventDay', { eventAt: '2026-02-10T10:00:00Z' }], ['region-unknown', '/region', { rule: 'de-zpo/517', region: 'DE-ZZ' }],
  ['rule-not-in-force', '/eventDay', { eventDay: '2019-01-10' }], ['calendar-year-missing', '/eventDay', { eventDay: '2020-01-10' }],
  ['stay-not-settled', '/stays', { stays: [{ from: '2026-02-15', until: '2026-02-20' }] }],
])('refuses with %s at %s', async (code, pointer, body) => {
  expect(await compute(body)).toMatchObject({ status: 422, body: { code, errors: [{ pointer }] } });
});

it('lists the rules in force on a day and the days of a year', async () => {
  const rules = async (day: string) => ((await lawyer.get(`/v1/legal-aid/rules?day=${day}`)).body.items as { rule: string }[]).map(({ rule }) => rule);
  expect(await rules('2026-03-02')).toEqual(expect.arrayContaining(['ru-gpk/321-2', 'ru-gpk/376.1-1-2', 'de-zpo/517']));
  expect(await rules('2024-08-31')).not.toContain('ru-gpk/376.1-1-2');
  expect(await rules('2018-01-01')).toEqual([]);
  const year = await lawyer.get('/v1/legal-aid/calendars/ru/2025?region=RU-MOW');
  expect(year.body).toMatchObject({ provisional: false, documents: [{ name: 'ru' }, { year: 2025, version: 1 }] });
  expect(year.body.days).toContainEqual(expect.objectContaining({ day: '2025-11-01', working: true, why: 'working-weekend' }));
  expect((await lawyer.get('/v1/legal-aid/calendars/ru/2031?region=RU-MOW')).body.provisional).toBe(true);
  expect((await lawyer.get('/v1/legal-aid/calendars/de/2026?region=DE-SN')).body.days).toContainEqual(expect.objectContaining({ day: '2026-11-18', why: 'regional' }));
});

describe('Law that is taken in', () => {
  const next = (year: number, version: number, more: object = {}) => ({ ...years.find((one) => one.year === 2027)!, year, version, days: [], ...more });

  it('counts at once, needs no deployment, and is kept with its hash and who took it in', async () => {
    expect(await compute({ eventDay: '2028-12-20' })).toMatchObject({ body: { provisional: true } });
    const document = next(2029, 1, { days: [{ day: '2029-01-22', as: 'holiday', title: { en: 'A day', ru: 'День' }, article: 'Указ' }] });
    const taken = await admin.post('/v1/legal-aid/law-documents', { document, sha256: hashOf(document) });
    expect(taken).toMatchObject({ status: 201, body: { kind: 'calendar-year', year: 2029, vouched: 'hash', takenInBy: 'boss', document: { days: [{ day: '2029-01-22' }] } } });
    expect((await admin.get(taken.headers.get('location')!)).body).toEqual(taken.body);
    // 20 January 2029 is a Saturday, and Monday is off now.
    expect(await compute({ eventDay: '2028-12-20' })).toMatchObject({ body: { day: '2029-01-23', provisional: false } });
  });

  it('a whole further procedure needs no code', async () => {
    const pack = { ...documents.find(({ kind, name }) => kind === 'pack' && name === 'de-zpo')!, name: 'xx-test', version: 7 };
    expect(await admin.post('/v1/legal-aid/law-documents', { document: pack, sha256: hashOf(pack) })).toMatchObject({ status: 201 });
    expect(await compute({ rule: 'xx-test/339-1', eventDay: '2026-03-03', zone: 'Europe/Berlin', region: 'DE-BE' })).toMatchObject({ body: { day: '2026-03-17', documents: [{ name: 'xx-test', version: 7 }, { name: 'de' }] } });
  });

  it('is taken in once under a version, by administrators, and only with what vouches for it', async () => {
    const document = next(2030, 1);
    const send = (more: object, who = admin) => who.post('/v1/legal-aid/law-documents', { document, sha256: hashOf(document), ...more });
    expect(await send({}, lawyer)).toMatchObject({ status: 403 });
    expect(await send({ sha256: undefined })).toMatchObject({ status: 422, body: { code: 'hash-needed' } });
    expect(await send({ sha256: '0'.repeat(64) })).toMatchObject({ status: 422, body: { code: 'hash-differs' } });
    expect(await send({})).toMatchObject({ status: 201 });
    expect(await send({})).toMatchObject({ status: 201 });
    const other = next(2030, 1, { source: { publisher: 'Another', title: 'Another' } });
    expect(await send({ document: other, sha256: hashOf(other) })).toMatchObject({ status: 409, body: { code: 'version-taken' } });
  });

  it('needs the signature of a publisher whose keys are known', async () => {
    const document = next(2031, 1, { source: { publisher: 'Signing Office', title: 'Signed' } });
    const send = (more: object) => admin.post('/v1/legal-aid/law-documents', { document, ...more });
    expect(await send({ sha256: hashOf(document) })).toMatchObject({ status: 422, body: { code: 'signature-needed' } });
    expect(await send({ signature: await sign(hashOf(next(2031, 2))) })).toMatchObject({ status: 422, body: { code: 'signature-invalid' } });
    expect(await send({ signature: 'e30.e30.e30' })).toMatchObject({ status: 422, body: { code: 'signature-invalid' } });
    expect(await send({ signature: await sign(hashOf(document)) })).toMatchObject({ status: 201, body: { vouched: 'signed' } });
  });

  it.each<[string, object, string]>([
    ['no kind', { kind: 'song' }, '/document/kind'],
    ['a field that is none', next(2032, 1, { song: 1 }), '/document'],
    ['a day of another year', next(2032, 1, { days: [{ day: '2031-01-22', as: 'holiday', title: { en: 'A', ru: 'А' }, article: 'x' }] }), '/document/days/0/day'],
    ['a day that is none', next(2032, 1, { days: [{ day: '2032-02-30', as: 'holiday', title: { en: 'A', ru: 'А' }, article: 'x' }] }), '/document/days/0/day'],
  ])('is refused with a pointer: %s', async (_, document, pointer) => {
    expect(await admin.post('/v1/legal-aid/law-documents', { document, sha256: hashOf(document) })).toMatchObject({ status: 422, body: { code: 'law-document-unfit', errors: [{ pointer }] } });
  });

  it('of two that come at the same instant and do not fit each other, only one is taken in', async () => {
    const title = { en: 'A day', ru: 'День' };
    const law = { ...documents.find((one) => one.kind === 'calendar' && one.name === 'ru')!, name: 'pair' };
    const days = Array.from({ length: 31 }, (_, i) => ({ day: `2033-07-${String(i + 1).padStart(2, '0')}`, as: 'holiday', title, article: 'x' }));
    const send = (document: object) => admin.post('/v1/legal-aid/law-documents', { document, sha256: hashOf(document) });
    const both = await Promise.all([send({ ...next(2033, 1), name: 'pair', days }), send(law)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(both.find(({ status }) => status === 422)!.body).toMatchObject({ code: 'law-document-unfit' });
  });

  it('stands once, when two instances start at the same moment', async () => {
    const before = await harness.database.query('select count(*) from legal_aid.law_document');
    await harness.boot(LegalAid);
    expect(await harness.database.query('select count(*) from legal_aid.law_document')).toEqual(before);
    expect(harness.log.join('\n')).not.toContain('shipped law differs');
  });
});
