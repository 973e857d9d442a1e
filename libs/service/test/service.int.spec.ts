import { Controller, Get, Injectable } from '@nestjs/common';
import { moduleAnnounced, referralRequested, type DataOf, type Offer } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { createServer } from 'node:net';
import pg from 'pg';
import { On, type ServiceDefinition } from '../src/index.js';
import { VisitsController, VisitsService } from './visits.js';

const bare: ServiceDefinition = { name: 'bare', version: '0.1.0', titles: { en: 'Bare', ru: 'Пусто' }, controllers: [], migrations: [] };

let harness: Harness;
let worker: Caller;

beforeAll(async () => {
  harness = await startHarness([VisitsService, bare]);
  worker = await harness.as('visits', { roles: ['visits:practitioner'] });
});
afterAll(() => harness?.close());

const visits = '/v1/visits/visits';
const visit = (more: object = {}) => ({ clientId: newId(), note: 'at noon', minutes: 30, ...more });
const planned = async (more: object = {}) => (await worker.post(visits, visit(more))).body.id as string;
const versionOf = async (id: string) => (await harness.database.query<{ version: number }>('select version from visits.visit where id = $1', [id]))[0]?.version;

describe('A problem answer', () => {
  const canary = 'Zyx9Canary';

  it.each<[string, unknown, string, string, string?]>([
    ['an unknown field', visit({ surname: canary }), '/surname', 'unknown-field'],
    ['a missing field', { clientId: newId(), note: canary }, '/minutes', 'missing'],
    ['a text for a number', visit({ minutes: canary }), '/minutes', 'wrong-type'],
    ['digits for a number', visit({ minutes: '30' }), '/minutes', 'wrong-type'],
    ['yes for a number', visit({ minutes: true }), '/minutes', 'wrong-type'],
    ['a list for a number', visit({ minutes: [30] }), '/minutes', 'wrong-type'],
    ['nothing for a number', visit({ minutes: null }), '/minutes', 'missing'],
    ['a fraction', visit({ minutes: 30.5 }), '/minutes', 'wrong-type'],
    ['too large a number', visit({ minutes: 601 }), '/minutes', 'out-of-range'],
    ['a number for a text', visit({ note: 5 }), '/note', 'wrong-type'],
    ['an object for a text', visit({ note: { canary } }), '/note', 'wrong-type'],
    ['an empty text', visit({ note: '' }), '/note', 'too-short'],
    ['too long a text', visit({ note: canary.repeat(50) }), '/note', 'too-long'],
    ['a text that no database keeps', visit({ note: `${canary}\u0000` }), '/note', 'not-text'],
    ['half a character', visit({ note: `${canary}\ud800` }), '/note', 'not-text'],
    ['a text that no database keeps, deep within', visit({ form: { a: [{ b: `${canary}\u0000` }] } }), '/form/a/0/b', 'not-text'],
    ['a name that no database keeps, deep within', visit({ form: { a: { '\u0000': 1 } } }), '/form/a', 'not-text'],
    ['no id', visit({ clientId: canary }), '/clientId', 'not-a-uuid'],
    ['an impossible day', visit({ day: '2026-02-30' }), '/day', 'not-a-day'],
    ['a day that is none', visit({ day: canary }), '/day', 'not-a-day'],
    ['a day with a time', visit({ day: '2026-02-03T00:00:00Z' }), '/day', 'not-a-day'],
    ['a thirteenth month', visit({ startsAt: '2026-13-01T00:00:00Z' }), '/startsAt', 'not-an-instant'],
    ['a twenty-fifth hour', visit({ startsAt: '2026-02-01T25:00:00Z' }), '/startsAt', 'not-an-instant'],
    ['a time without zone', visit({ startsAt: '2026-02-01T12:00:00' }), '/startsAt', 'not-an-instant'],
    ['a text for yes or no', visit({ urgent: 'true' }), '/urgent', 'wrong-type'],
    ['one for a list', visit({ languages: canary }), '/languages', 'wrong-type'],
    ['too long a list', visit({ languages: ['a', 'b', 'c', 'd'] }), '/languages', 'too-many'],
    ['a list with something else in it', visit({ languages: ['a', 5] }), '/languages/1', 'wrong-type'],
    ['a part that is none', visit({ guest: canary }), '/guest', 'wrong-type'],
    ['a list for a part', visit({ guest: [] }), '/guest', 'wrong-type'],
    ['a part with a wrong field', visit({ guest: { name: 5 } }), '/guest/name', 'wrong-type'],
    ['a part with an unknown field', visit({ guest: { name: 'a', [canary.toLowerCase()]: 1 } }), `/guest/${canary.toLowerCase()}`, 'unknown-field'],
    ['the second of several parts', visit({ guests: [{ name: 'a' }, { name: canary, age: 151 }] }), '/guests/1/age', 'out-of-range'],
    ['a list of lists', visit({ guests: [[{ name: canary }]] }), '/guests/0', 'wrong-type'],
    ['too short a list', visit({ languages: [] }), '/languages', 'too-few'],
    ['another form than the field’s own', visit({ area: canary }), '/area', 'bad-format'],
    ['a code that is none', visit({ place: `${canary} ` }), '/place', 'bad-format'],
    ['a day of a year that PostgreSQL does not know', visit({ day: '0000-01-01' }), '/day', 'not-a-day'],
    ['a name where an id belongs', visit({ onBehalfOf: `${canary} +7900` }), '/onBehalfOf', 'bad-format'],
    ['too many names in one object', visit(Object.fromEntries(Array.from({ length: 1001 }, (_v, i) => [`x${i}`, i]))), '', 'too-many'],
    ['too much altogether', visit({ form: { a: Array.from({ length: 101 }, () => Array.from({ length: 1000 }, () => 1)) } }), '', 'too-many'],
    ['an instant that no contract could carry', visit({ occurredAt: '0150-08-13T02:06:55.7Z' }), '/occurredAt', 'not-an-instant', 'invalid-request'],
    ['something recorded before it happened', visit({ occurredAt: '2099-01-01T00:00:00Z' }), '/occurredAt', 'in-the-future', 'in-the-future'],
  ])('points at %s', async (_, body, pointer, trouble, code = 'invalid-request') => {
    const answer = await worker.post(visits, body);
    expect(answer).toMatchObject({ status: 422, body: { type: `urn:opora:problem:${code}`, code, status: 422 } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body.errors).toEqual([{ pointer, code: trouble, detail: expect.stringMatching(/^(is |must )/) as string }]);
    expect(JSON.stringify(answer.body)).not.toContain(canary);
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['garbage', '{"note": Zyx9Canary', {}, 400, 'unparsable'],
    ['half a document', '{"note": "Zyx9Canary"', {}, 400, 'unparsable'],
    ['an empty document', '', {}, 400, 'unparsable'],
    ['a forbidden name', '{"__proto__": {"admin": true}}', {}, 400, 'unparsable'],
    ['a list', '[]', {}, 422, 'invalid-request'],
    ['a list of good documents', JSON.stringify([visit()]), {}, 422, 'invalid-request'],
    ['a text', '"Zyx9Canary"', {}, 422, 'invalid-request'],
    ['a number', '5', {}, 422, 'invalid-request'],
    ['null', 'null', {}, 422, 'invalid-request'],
    ['plain text', 'Zyx9Canary', { 'content-type': 'text/plain' }, 415, 'media-type-unsupported'],
    ['a form', 'note=Zyx9Canary', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'media-type-unsupported'],
    ['XML', '<note/>', { 'content-type': 'application/xml' }, 415, 'media-type-unsupported'],
    ['what is too large', JSON.stringify(visit({ note: 'x'.repeat(512 * 1024) })), {}, 413, 'body-too-large'],
    ['what is nearly too large, for what it says', JSON.stringify(visit({ note: 'x'.repeat(511 * 1024) })), {}, 422, 'invalid-request'],
    ['what is too large by its bytes alone', JSON.stringify(visit({ note: 'ж'.repeat(300_000) })), {}, 413, 'body-too-large'],
    ['101 levels', `{"form":${'['.repeat(100)}${']'.repeat(100)}}`, {}, 422, 'invalid-request'],
    ['bytes that are no text', Buffer.from([...Buffer.from('{"note": "'), 0xff, 0xfe, ...Buffer.from('"}')]), {}, 400, 'unparsable'],
    ['endless nesting', `{"form":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`, {}, 422, 'invalid-request'],
    ['endless nesting with a key', `{"form":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, { 'idempotency-key': 'deep' }, 422, 'invalid-request'],
  ])('refuses %s', async (_, body, headers, status, code) => {
    const answer = await worker.post(visits, body, headers);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(JSON.stringify(answer.body)).not.toContain(canary);
  });

  it('names fifty mistakes and no more', async () => {
    const { body } = await worker.post(visits, visit(Object.fromEntries(Array.from({ length: 900 }, (_v, i) => [`x${i}`, i]))));
    expect(body.errors).toHaveLength(50);
  });

  it('takes an id in capitals for the same id', async () => {
    const clientId = newId();
    const planned = await worker.post(visits, visit({ clientId: clientId.toUpperCase() }));
    expect(planned).toMatchObject({ status: 201, body: { clientId } });
    expect(await worker.get(`${visits}/${planned.body.id.toUpperCase()}`)).toMatchObject({ status: 200, body: { id: planned.body.id } });
  });

  it('is given also where there is no route, no such id, or no such method', async () => {
    for (const answer of [await worker.get('/v1/visits/nothing'), await worker.put(`${visits}/${newId()}`, {}), await worker.get(`${visits}/${newId()}`), await worker.get('/%E0%A4%A')]) {
      expect(answer).toMatchObject({ body: { type: expect.stringMatching(/^urn:opora:problem:/), code: expect.any(String) as string } });
      expect([400, 404]).toContain(answer.status);
    }
    const odd = await worker.get(`${visits}/${canary}`);
    expect(odd).toMatchObject({ status: 400, body: { code: 'unparsable' } });
    expect(odd.body.detail).not.toMatch(canary);
  });

  it('is 401 without a valid token and 403 without the role, each with its code', async () => {
    const [none, wrong] = [await harness.as('visits', {}), await harness.as('visits', { roles: ['legal-aid:practitioner', 'practitioner', 'visits:supervisor'] })];
    for (const [headers, code] of [[{}, 'token-missing'], [{ authorization: 'Basic YTpi' }, 'token-missing'], [{ authorization: 'Bearer' }, 'token-missing'], [{ authorization: `Bearer ${canary}` }, 'token-invalid']] as const) {
      const response = await fetch(harness.url('visits') + visits, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      const body = await response.text();
      expect(JSON.parse(body)).toMatchObject({ code });
      expect(body).not.toContain(canary);
    }
    for (const caller of [none, wrong]) expect(await caller.post(visits, visit())).toMatchObject({ status: 403, body: { code: 'role-missing' } });
    expect(await (await harness.as('visits', { roles: ['supervisor'] })).get(visits)).toMatchObject({ status: 200 });
  });

  it('follows no other input than what the class names', async () => {
    const body = { clientId: newId(), note: 'x', minutes: 1, place: null, occurredAt: '2026-03-01T23:59:60Z', startsAt: '2026-03-01T09:30Z' };
    expect(await worker.post(visits, body)).toMatchObject({ status: 201 });
    expect(VisitsController.taken).toMatchObject({ place: null });
    expect(await worker.get(`${visits}?status=planned&unknown=1`)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/unknown' }] } });
    expect(await worker.get(`${visits}?status=planned&status=held`)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/status' }] } });
  });

  it('hands instants on in one form, so that they can be compared as texts', async () => {
    for (const startsAt of ['2026-03-01T09:30Z', '2026-03-01T09:30:00Z', '2026-03-01T09:30:00.0Z', '2026-03-01T09:30:00.000Z']) {
      expect(await worker.post(visits, visit({ startsAt }))).toMatchObject({ status: 201 });
      expect(VisitsController.taken?.startsAt).toBe('2026-03-01T09:30:00.000Z');
    }
  });

  it('tells the log what happened, never the data', async () => {
    const before = harness.log.length;
    await worker.post(visits, visit({ note: `${canary}\u0000` }));
    await worker.get(`${visits}?cursor=${canary}`);
    await harness.database.query('alter table visits.visit rename to gone');
    try {
      expect(await worker.post(visits, visit({ note: canary }))).toMatchObject({ status: 500, body: { code: 'internal' } });
    } finally {
      await harness.database.query('alter table visits.gone rename to visit');
    }
    const lines = harness.log.slice(before).join('\n');
    expect(lines).toContain('request failed');
    expect(lines).not.toContain(canary);
  });
});

it('takes the blame when what it says of a good request does not fit its own contract', async () => {
  const [id, before] = [await planned(), harness.log.length];
  expect(await worker.post(`${visits}/${id}/hold`, { onBehalfOf: 'misfit' }, { 'if-match': '"1"' })).toMatchObject({ status: 500, body: { code: 'internal' } });
  expect(harness.log.slice(before).map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining({ event: 'request failed', error: 'UnfitFact', code: 'contract-violated', pointers: '/visitId' }));
  expect(await versionOf(id)).toBe(1);
});

describe('An Idempotency-Key', () => {
  const key = () => ({ 'idempotency-key': newId() });
  const rows = async () => Number((await harness.database.query<{ count: string }>('select count(*) from visits.visit'))[0]!.count);

  it('lets many requests at the same time take effect once, and answers all alike', async () => {
    const [headers, body, before] = [key(), visit(), await rows()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => worker.post(visits, body, headers)));
    expect(new Set(answers.map(({ status, body: { id }, headers: h }) => `${status} ${id} ${h.get('etag')} ${h.get('location')} ${h.get('opora-plan-entry')}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 201, body: { note: 'at noon' } });
    expect(await rows()).toBe(before + 1);
  });

  it('answers a repetition with the first headers and the thing as it now stands; it keeps no body', async () => {
    const headers = key();
    const body = visit({ note: 'only once told' });
    const first = await worker.post(visits, body, headers);
    await worker.post(`${visits}/${first.body.id}/hold`, {}, { 'if-match': '"1"' });
    const again = await worker.post(visits, body, headers);
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, status: 'held' } });
    for (const name of ['location', 'etag', 'opora-plan-entry']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect(JSON.stringify(await harness.database.query('select * from visits.idempotency'))).not.toContain('only once told');
  });

  it('belongs to one person, one path and one body', async () => {
    const [headers, body] = [key(), visit()];
    const first = await worker.post(visits, body, headers);
    expect(await worker.post(visits, { ...body, minutes: 31 }, headers)).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    const reordered = Object.fromEntries(Object.entries(body).reverse());
    expect((await worker.post(visits, reordered, headers)).body.id).toBe(first.body.id);
    const colleague = await harness.as('visits', { sub: 'worker-2', roles: ['visits:practitioner'] });
    expect((await colleague.post(visits, body, headers)).body.id).not.toBe(first.body.id);
    const elsewhere = await harness.as('visits', { agency: 'elsewhere', roles: ['visits:practitioner'] });
    expect((await elsewhere.post(visits, body, headers)).body.id).not.toBe(first.body.id);
    expect(await worker.post(`${visits}/${first.body.id}/hold`, {}, { ...headers, 'if-match': '"1"' })).toMatchObject({ status: 200, body: { status: 'held' } });
  });

  it('is free again after a refusal', async () => {
    const headers = key();
    expect(await worker.post(visits, visit({ occurredAt: '2099-01-01T00:00:00Z' }), headers)).toMatchObject({ status: 422 });
    expect(await worker.post(visits, visit(), headers)).toMatchObject({ status: 201 });
  });

  it('says that the first request is still under way', async () => {
    const id = await planned();
    const headers = { ...key(), 'if-match': '"1"' };
    const blocker = new pg.Client({ connectionString: harness.database.adminUrl });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('select from visits.visit where id = $1 for update', [id]);
    const first = worker.post(`${visits}/${id}/hold`, {}, headers);
    await eventually(() => harness.database.query(`select from pg_locks l join pg_stat_activity a using (pid) where not granted and a.datname = $1`, [harness.database.name]), (waiting) => waiting.length > 0);
    expect(await worker.post(`${visits}/${id}/hold`, {}, headers)).toMatchObject({ status: 409, body: { code: 'request-in-flight' } });
    await blocker.query('rollback');
    await blocker.end();
    expect(await first).toMatchObject({ status: 200 });
    expect(await worker.post(`${visits}/${id}/hold`, {}, headers)).toMatchObject({ status: 200, body: { status: 'held' } });
    expect(await versionOf(id)).toBe(2);
  });

  it('is forgotten after a day', async () => {
    const [headers, body] = [key(), visit()];
    const first = await worker.post(visits, body, headers);
    await harness.database.query(`update visits.idempotency set created_at = now() - interval '25 hours'`);
    const next = await worker.post(visits, body, headers);
    expect(next.status).toBe(201);
    expect(next.body.id).not.toBe(first.body.id);
    expect((await worker.post(visits, body, headers)).body.id).toBe(next.body.id);
  });

  it.each(['', 'a b', 'я', 'x'.repeat(201)])('must be visible characters, at most 200: %p', async (value) => {
    const raw = await fetch(harness.url('visits') + visits, {
      method: 'POST', body: JSON.stringify(visit()),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await harness.mint({ roles: ['visits:practitioner'] })}`, 'idempotency-key': Buffer.from(value).toString('latin1') },
    });
    expect(raw.status).toBe(422);
    expect(await raw.json()).toMatchObject({ code: 'idempotency-key-invalid' });
  });
});

describe('If-Match', () => {
  it('is asked for, compared, and lets one of several through', async () => {
    const id = await planned();
    const hold = (headers: Record<string, string>) => worker.post(`${visits}/${id}/hold`, {}, headers);
    expect(await hold({})).toMatchObject({ status: 428, body: { code: 'precondition-required' } });
    for (const stale of ['"2"', '"0"', 'W/"1"', '*', '1', '"1", "2"', '"x"', '"99999999999999999999"']) expect(await hold({ 'if-match': stale })).toMatchObject({ status: 412, body: { code: 'stale-version' } });
    const etag = (await worker.get(`${visits}/${id}`)).headers.get('etag')!;
    const answers = await Promise.all(Array.from({ length: 4 }, () => hold({ 'if-match': etag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    expect(answers.find(({ status }) => status === 200)!.headers.get('etag')).toBe('"2"');
  });
});

describe('A list', () => {
  let lister: Caller;
  const ids: string[] = [];

  beforeAll(async () => {
    lister = await harness.as('visits', { agency: 'lists', roles: ['visits:practitioner'] });
    for (let n = 0; n < 7; n += 1) ids.unshift((await lister.post(visits, visit())).body.id);
  });

  it('comes in pages, newest first, each thing once, also while things are added', async () => {
    const seen: string[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const { body }: { body: { items: { id: string }[]; next?: string } } = await lister.get(`${visits}?limit=3${next && `&cursor=${next}`}`);
      seen.push(...body.items.map(({ id }) => id));
      if (next === '') await lister.post(visits, visit());
      next = body.next;
    }
    expect(seen).toEqual(ids);
  });

  it('takes a cursor only for the list and filter that gave it out', async () => {
    const { body: { next } } = await lister.get(`${visits}?limit=2&status=planned`);
    expect(await lister.get(`${visits}?limit=5&status=planned&cursor=${next}`)).toMatchObject({ status: 200 });
    const [hash] = JSON.parse(Buffer.from(next as string, 'base64url').toString()) as [string];
    const forged = [[hash, '-'.repeat(36)], [hash, 5], [hash, [newId()]], [hash], ['x', newId()], 'x', null, {}].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    for (const path of [`?cursor=${next}`, `?status=held&cursor=${next}`, '?cursor=x', ...forged.map((cursor) => `?status=planned&cursor=${cursor}`)]) {
      expect(await lister.get(visits + path)).toMatchObject({ status: 422, body: { code: 'cursor-invalid', errors: [{ pointer: '/cursor' }] } });
    }
    const stranger = await harness.as('visits', { agency: 'strangers', roles: ['visits:practitioner'] });
    expect(await stranger.get(`${visits}?status=planned&cursor=${next}`)).toMatchObject({ status: 422 });
  });

  it.each(['0', '201', '-1', '1.5', 'x', '', '1e2x', '%00'])('has a limit of 1 to 200: %p is none', async (limit) => {
    const { status, body } = await lister.get(`${visits}?limit=${limit}`);
    expect([status, ...(body.errors as { pointer: string }[]).map(({ pointer }) => pointer)]).toEqual(expect.arrayContaining([422, '/limit']));
  });
});

describe('The API description', () => {
  interface Operation { operationId: string; responses: Record<string, { content?: Record<string, { schema: object }> }>; parameters?: { name: string; in: string; required: boolean }[]; requestBody?: { content: Record<string, { schema: object }> } }
  interface Document { openapi: string; info: object; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, { properties: Record<string, Record<string, unknown>>; required?: string[] }>; securitySchemes: object }; security: object[] }
  let document: Document;
  const operations = () => Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));

  beforeAll(async () => { document = (await worker.get('/openapi.json')).body; });

  it('is OpenAPI 3.1, without what 3.1 no longer knows, and every reference leads somewhere', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Opora: Visits', version: '0.1.0' }, security: [{ bearer: [] }], components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } } });
    const text = JSON.stringify(document);
    expect(text).not.toContain('"nullable"');
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
    expect(references.length).toBeGreaterThan(5);
    for (const name of references) expect(document.components.schemas).toHaveProperty([name]);
    expect(document.components.schemas['PlanVisit']!.properties['place']!['type']).toEqual(['string', 'null']);
    expect(document.components.schemas['PlanVisit']!.required!.sort()).toEqual(['clientId', 'minutes', 'note']);
  });

  it('names every operation once, and no path as Fastify writes it', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(ids).toEqual(expect.arrayContaining(['planVisit', 'getVisit', 'listVisits', 'holdVisit', 'searchVisits', 'listDeadLetters', 'republish']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(document.paths)).toContain('/v1/visits/visits:search');
    expect(Object.keys(document.paths).join()).not.toMatch(/::|\/:[a-z]/);
    expect(operations().every(({ path }) => path.startsWith('/v1/visits/'))).toBe(true);
  });

  it('describes what is really answered: the search under its colon works', async () => {
    const note = newId();
    const id = await planned({ note });
    expect(await worker.post('/v1/visits/visits:search', { note })).toMatchObject({ status: 200, body: { items: [{ id }] } });
    expect(await worker.post('/v1/visits/visitsXsearch', { note })).toMatchObject({ status: 404 });
  });
});

describe('A running service', () => {
  it('is alive and ready for everybody, and says nothing else', async () => {
    const ask = async (path: string) => (await fetch(harness.url('visits') + path)).json();
    expect(await ask('/health/live')).toEqual({ status: 'up' });
    expect(await ask('/health/ready')).toMatchObject({ status: 'ready', reasons: [] });
  });

  it('counts by route, not by what was asked for', async () => {
    const id = await planned();
    await worker.get(`${visits}/${id}`);
    await worker.get('/v1/visits/Zyx9Canary?name=Zyx9Canary');
    const text = await (await fetch(`${harness.url('visits')}/metrics`)).text();
    expect(text).toContain('route="/v1/visits/visits/:id"');
    expect(text).toContain('opora_outbox_waiting{service="visits"}');
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(text).not.toContain('Zyx9Canary');
  });

  it('says everything again for an administrator only', async () => {
    expect(await worker.post('/v1/visits/admin/republish')).toMatchObject({ status: 403 });
    const admin = await harness.as('visits', { roles: ['admin'] });
    const [before] = await harness.database.query<{ count: string }>('select count(*) from visits.snapshot');
    expect(await admin.post('/v1/visits/admin/republish')).toMatchObject({ status: 200, body: { republished: Number(before!.count) } });
  });

  it('shows an administrator its dead letters, and redrives or discards them', async () => {
    let broken = true;
    const heard: string[] = [];
    @Injectable()
    class Hearing {
      @On(referralRequested)
      async hear({ data }: { data: DataOf<typeof referralRequested> | null }): Promise<void> {
        if (broken) throw new DomainError('invalid', 'offer-unknown', `No ${data!.offer}`, [{ pointer: '/offer', code: 'offer-unknown', detail: `not ${data!.offer}` }]);
        heard.push(data!.offer);
      }
    }
    await harness.boot({ ...bare, name: 'deaf', reactions: [Hearing] });
    const letters = '/v1/deaf/admin/dead-letters';
    expect(await (await harness.as('deaf', { roles: ['supervisor'] })).get(letters)).toMatchObject({ status: 403 });
    const [admin, clientId] = [await harness.as('deaf', { roles: ['admin'] }), newId()];
    for (const offer of ['first', 'second']) {
      await harness.say(referralRequested, { referralId: newId(), clientId, module: 'deaf', offer, agency: 'a', askedBy: 'b', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z' }, { source: 'counselling', key: clientId });
    }
    const { body: { items } } = await eventually(() => admin.get(letters), ({ body }) => body.items.length === 2);
    expect(items).toMatchObject([
      { key: clientId, topic: referralRequested.topic.name, type: referralRequested.type, source: 'counselling', status: 'dead', code: 'offer-unknown', errors: [{ pointer: '/offer', code: 'offer-unknown' }] },
      { status: 'parked', code: 'behind-dead-letter', errors: [] },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/No first|not first/);
    expect(await admin.post(`${letters}/${items[0].id}/redrive`)).toMatchObject({ status: 200, body: { redriven: 0, waiting: [{ id: items[0].id }, { id: items[1].id }] } });
    expect(await admin.post(`${letters}/${items[0].id}/discard`, {})).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason', code: 'missing' }] } });
    expect(await admin.post(`${letters}/${items[0].id}/discard`, { reason: 'sent-by-mistake' })).toMatchObject({ status: 204 });
    broken = false;
    expect((await admin.get(letters)).body.items).toMatchObject([{ id: items[1].id, status: 'parked' }]);
    expect(await admin.post(`${letters}/${items[1].id}/redrive`)).toMatchObject({ status: 200, body: { redriven: 1, waiting: [] } });
    expect(heard).toEqual(['second']);
    for (const id of [items[0].id, items[1].id, '0', '-1', 'x', '9'.repeat(40)]) expect(await admin.post(`${letters}/${id}/redrive`)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('lets an administrator page and filter dead letters, and redrive all that had one cause', async () => {
    let broken = true;
    @Injectable()
    class Hearing {
      @On(referralRequested)
      async hear({ data }: { data: DataOf<typeof referralRequested> | null }): Promise<void> {
        if (broken || data!.offer === 'never') throw new TypeError('mended later');
      }
    }
    await harness.boot({ ...bare, name: 'sorry', reactions: [Hearing] });
    const letters = '/v1/sorry/admin/dead-letters';
    const [admin, clients] = [await harness.as('sorry', { roles: ['admin'] }), Array.from({ length: 3 }, () => newId())];
    const say = (clientId: string, offer: string) => harness.say(referralRequested, { referralId: newId(), clientId, module: 'sorry', offer, agency: 'a', askedBy: 'b', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z' }, { source: 'counselling', key: clientId });
    for (const clientId of clients) for (const offer of ['first', clientId === clients[2] ? 'never' : 'second']) await say(clientId, offer);
    const others = (await eventually(() => admin.get(letters), ({ body }) => body.total >= 6 && clients.every((id) => body.items.filter((item: { key: string }) => item.key === id).length === 2))).body.total - 6;

    const one = await admin.get(`${letters}?key=${clients[1]}&limit=1`);
    expect(one.body).toMatchObject({ items: [{ key: clients[1], status: 'dead' }], total: 2 });
    expect((await admin.get(`${letters}?key=${clients[1]}&limit=1&cursor=${one.body.next}`)).body).toEqual({ items: [expect.objectContaining({ key: clients[1], status: 'parked' })], total: 2 });
    expect(await admin.get(`${letters}?key=${clients[0]}&cursor=${one.body.next}`)).toMatchObject({ status: 422, body: { code: 'cursor-invalid' } });
    expect((await admin.get(`${letters}?code=error:TypeError&type=${referralRequested.type}&topic=${referralRequested.topic.name}&limit=200`)).body.total).toBeGreaterThanOrEqual(3);
    expect((await admin.get(`${letters}?code=nothing`)).body).toEqual({ items: [], total: 0 });

    broken = false;
    expect(await (await harness.as('sorry', { roles: ['supervisor'] })).post(`${letters}:redrive`, {})).toMatchObject({ status: 403 });
    expect(await admin.post(`${letters}:redrive`, { code: 'nothing' })).toMatchObject({ status: 200, body: { redriven: 0, total: 0 } });
    expect(await admin.post(`${letters}:redrive`, { code: 'error:TypeError' })).toMatchObject({ status: 200, body: { redriven: 5 + others, total: 1 } });
    expect((await admin.get(letters)).body).toMatchObject({ items: [{ key: clients[2], status: 'dead', code: 'error:TypeError' }], total: 1 });
  });

  it('announced itself', async () => {
    const rows = await eventually(() => harness.database.query<{ value: Buffer }>('select value from event_log.record where topic = $1 and key = $2', [moduleAnnounced.topic.name, 'visits']), ({ length }) => length > 0);
    expect(JSON.parse(rows.at(-1)!.value.toString())).toMatchObject({ module: 'visits', revision: 1, baseUrl: harness.url('visits'), lifecycle: 'active', accessLog: true });
  });

  it('has a login of its own, and what belongs to another answers 42501', async () => {
    const users = await harness.database.query<{ usename: string; application_name: string }>('select usename, application_name from pg_stat_activity where datname = $1 and usename is not null', [harness.database.name]);
    const names = users.map(({ usename }) => usename.replace(`${harness.database.name}_`, ''));
    expect(names).toEqual(expect.arrayContaining(['visits_runtime', 'bare_runtime', 'event_log_runtime']));
    for (const [as, others] of [['visits', ['bare.outbox', 'event_log.record']], ['bare', ['visits.visit', 'visits.fact', 'visits.outbox', 'event_log.record']], ['event-log', ['visits.visit', 'bare.outbox']]] as const) {
      const { runtimeUrl } = await harness.database.provision(as);
      const client = new pg.Client({ connectionString: runtimeUrl });
      await client.connect();
      const refusals = [];
      for (const table of others) {
        for (const sql of [`select * from ${table}`, `delete from ${table}`, `insert into ${table} default values`]) refusals.push(await client.query(sql).then(() => sql, (error: { code: string }) => error.code));
      }
      for (const ddl of [`create table mine (a int)`, `set role ${harness.database.name}_visits_owner`, `create schema mine`]) refusals.push(await client.query(ddl).then(() => ddl, (error: { code: string }) => error.code));
      await client.end();
      expect(new Set(refusals)).toEqual(new Set(['42501']));
    }
  });
});

describe('Booting', () => {
  @Controller('v1/open')
  class OpenController {
    @Get('things')
    listThings() {
      return [];
    }
  }

  @Injectable()
  class One {
    @On(referralRequested)
    async hear(): Promise<void> {}
  }

  @Injectable()
  class Other {
    @On(referralRequested)
    async hearToo(): Promise<void> {}
  }

  const connections = async (service: string) => (await harness.database.query('select from pg_stat_activity where datname = $1 and usename like $2', [harness.database.name, `%\\_${service.replaceAll('-', '_')}\\_%`])).length;
  const portInUse = async (): Promise<{ port: number; free: () => void }> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as { port: number }).port, free: () => server.close() };
  };

  it.each<[string, Partial<ServiceDefinition>, RegExp]>([
    ['a route that does not say who may use it', { controllers: [OpenController] }, /Routes without @Allow: OpenController.listThings/],
    ['two handlers for one fact', { reactions: [One, Other] }, /Two handlers for opora.referral.requested/],
    ['routes that fail', { routes: async () => { throw new Error('no such upstream'); } }, /no such upstream/],
    ['a provider that cannot be made', { providers: [{ provide: 'x', useFactory: () => { throw new Error('no key'); } }] }, /no key/],
    ['an epoch that cannot be read', { epoch: async (query) => { await query('select * from nothing'); return ''; } }, /nothing/],
    ['an offer that does not fit the contract', { offers: () => [{ code: 'x' } as Offer] }, /does not fit opora.module.announced/],
    ['a migration that fails', { migrations: [class Broken1700000300001 { async up(runner: { query: (sql: string) => Promise<unknown> }) { await runner.query('select broken'); } async down() {} }] }, /broken/],
  ])('refuses %s, and leaves nothing open', async (_, more, message) => {
    await expect(harness.boot({ ...bare, name: 'failing', ...more })).rejects.toThrow(message);
    await eventually(() => connections('failing'), (count) => count === 0);
  });

  it('refuses a port that is taken, leaves nothing open, and boots when it is free', async () => {
    const { port, free } = await portInUse();
    await expect(harness.boot({ ...bare, name: 'waiting' }, { port })).rejects.toThrow('EADDRINUSE');
    await eventually(() => connections('waiting'), (count) => count === 0);
    free();
    await expect(harness.boot({ ...bare, name: 'waiting', offers: () => [{} as Offer] }, { port })).rejects.toThrow('does not fit');
    const running = await harness.boot({ ...bare, name: 'waiting' }, { port });
    await running.close();
    await running.close();
    await eventually(() => connections('waiting'), (count) => count === 0);
    await expect(fetch(running.url)).rejects.toThrow();
  });

  it('migrates once when two instances start at the same time on an empty schema', async () => {
    const twin: ServiceDefinition = { ...VisitsService, name: 'twin', controllers: [] };
    const both = await Promise.all([harness.boot(twin), harness.boot(twin)]);
    const names = (await harness.database.query<{ name: string }>('select name from twin.migrations order by id')).map(({ name }) => name);
    expect([names[0], names.at(-1), names.length]).toEqual(['Messaging1700000000001', 'Visits1700000200001', new Set(names).size]);
    await Promise.all(both.map((one) => one.close()));
  });

  it('announces a new revision only when something changed', async () => {
    const { port, free } = await portInUse();
    free();
    const revisions = () => harness.database.query<{ version: number }>('select version from again.snapshot order by version');
    const led = async () => harness.log.filter((line) => line.includes('"relay-leading"') && line.includes('"again"')).length;
    for (const version of ['0.1.0', '0.1.0', '0.2.0', '0.1.0']) {
      const before = await led();
      const running = await harness.boot({ ...bare, name: 'again', version }, { port });
      // Whoever leads the relay speaks; closing waits for it.
      await eventually(led, (count) => count > before);
      await running.close();
    }
    expect(await revisions()).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }]);
  });

  it('hears a fact in the reaction that names it', async () => {
    const heard: string[] = [];
    @Injectable()
    class Hearing {
      @On(referralRequested)
      async hear({ data }: { data: DataOf<typeof referralRequested> | null }): Promise<void> { if (data!.module === 'hearing') heard.push(data!.offer); }
    }
    await harness.boot({ ...bare, name: 'hearing', reactions: [Hearing] });
    const clientId = newId();
    await harness.say(referralRequested, { referralId: newId(), clientId, module: 'hearing', offer: 'advice', agency: 'a', askedBy: 'b', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z' }, { source: 'counselling', key: clientId });
    await eventually(async () => heard, ({ length }) => length > 0);
    expect(heard).toEqual(['advice']);
  });
});
