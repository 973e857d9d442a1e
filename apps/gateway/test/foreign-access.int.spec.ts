import { consentsChanged, type ConsentState } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import pg from 'pg';
import { Gateway } from '../src/gateway.module.js';
import { json, startModule, type LittleModule } from './little-module.js';
import { speaker } from './said.js';

let harness: Harness;
let say: ReturnType<typeof speaker>;
let admin: pg.Client;
let studio: LittleModule;
let worker: Caller;
let broke = false;

const paths = { '/v1/studio/classes': {}, '/v1/studio/classes/{id}': {}, '/v1/studio/clients/{clientId}/classes': {}, '/v1/other/x': {} };
const asked = () => studio.seen.filter(({ url }) => url !== '/openapi.json').length;
const rows = async (subject: string): Promise<any[]> => (await admin.query(`select content from gateway.audit where content->>'subject' = $1 order by seq`, [subject])).rows.map(({ content }) => content);
const practitioner = (sub: string, more: object = {}) => harness.as('gateway', { sub, agency: 'bureau', roles: ['studio:practitioner'], ...more });
const asClient = (clientId: string) => harness.as('gateway', { sub: clientId, agency: 'centre', roles: ['client'], opora_client: clientId });
const told = async (clientId: string) => (await (await asClient(clientId)).get('/v1/me/access-log')).body.items.map(({ module, decision, words }: any) => [module, decision, words[1]]);

/** Somebody with an entry of the studio in the plan. */
const person = async (more: Partial<ConsentState> = {}, dataClass: 'D1' | 'D3' = 'D1') => {
  const clientId = newId();
  await harness.say(consentsChanged, { clientId, version: 1, recordedAt: harness.clock.now(), aliases: [], consents: [], ...more }, { source: 'registrar', key: clientId });
  const { entryId } = await say.entry(clientId, 'studio', { dataClass });
  await eventually(() => harness.database.query('select from gateway.plan_entry e join gateway.head h on h.key = e.client_id::text where e.key = $1', [`studio/${entryId}`]), ({ length }) => length === 1);
  return { clientId, entryId };
};

/** While nothing can be added to the trail. */
const held = async (work: () => Promise<void>): Promise<void> => {
  await admin.query(`begin; select pg_advisory_xact_lock(hashtextextended('audit gateway', 0))`);
  await work();
  await admin.query('commit');
};
const waits = () => eventually(() => harness.database.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`), ({ length }) => length === 1);

beforeAll(async () => {
  harness = await startHarness([Gateway], { watermarkEveryMs: 3_600_000 });
  say = speaker(harness);
  admin = new pg.Client({ connectionString: harness.database.adminUrl });
  await admin.connect();
  studio = await startModule(({ url }, response) => (url === '/openapi.json' ? json(response, 200, { paths }) : url.includes('refused') ? json(response, 404, {}) : url.includes('breaks') ? response.writeHead(200).write('{', () => setImmediate(() => response.destroy().once('close', () => { broke = true; }))) : json(response, 200, { secret: 'Anna' })));
  await say.module('studio', { baseUrl: studio.baseUrl, serves: ['openapi'] });
  worker = await practitioner('worker');
  await eventually(() => worker.get('/v1/modules'), ({ body }) => body.items.some((one: { module: string }) => one.module === 'studio'));
});

afterAll(async () => {
  await admin?.end();
  await harness?.close();
  await studio?.close();
});

describe('What goes to a module that keeps no access log is on record', () => {
  it('who, acting for whom, about whom, what for, where and what was decided: once, and nothing that anybody typed', async () => {
    const { clientId, entryId } = await person();
    const { headers } = await (await practitioner('painter')).get(`/v1/studio/classes/${entryId}?note=Anna`, { 'opora-on-behalf-of': 'cousin-3' });
    expect(headers.get('content-type')).toBe('application/json');
    const row = { subject: 'painter', agency: 'bureau', roles: ['studio:practitioner'], purpose: 'care', policies: ['module-has-the-last-word'], decision: 'permit', hidden: [] };
    expect(await rows('painter')).toEqual([expect.objectContaining({
      ...row, onBehalfOf: 'cousin-3', action: 'module.read', clientIds: [clientId], resources: ['GET:/v1/studio/classes/{id}', entryId], requestId: expect.any(String), policyVersion: expect.stringMatching(/^[0-9a-f]{12}$/),
    })]);
    await (await practitioner('sculptor')).post(`/v1/studio/people/Anna`, { name: 'Anna' });
    expect(await rows('sculptor')).toEqual([expect.objectContaining({ ...row, subject: 'sculptor', action: 'module.write', clientIds: [], resources: ['POST:/v1/studio/*'] })]);
    expect(JSON.stringify(await rows('painter')) + JSON.stringify(await rows('sculptor'))).not.toContain('Anna');
    expect(studio.seen.filter(({ url }) => url === '/openapi.json')).toHaveLength(1);
  });

  it('also under the person’s own id, and in any spelling of an id', async () => {
    const { clientId, entryId } = await person();
    const speller = await practitioner('speller');
    const bare = entryId.replaceAll('-', '');
    for (const path of [entryId.toUpperCase(), bare, `%${entryId.charCodeAt(0).toString(16)}${entryId.slice(1)}`, `x?id=${bare}`, `abcd-${entryId}`]) await speller.get(`/v1/studio/classes/${path}`);
    await speller.get(`/v1/studio/clients/${clientId}/classes`);
    expect((await rows('speller')).map((one) => one.clientIds)).toEqual(Array(6).fill([clientId]));
    expect((await rows('speller')).at(-1).resources).toEqual(['GET:/v1/studio/clients/{clientId}/classes']);
  });

  it('and told to the person as a look at that module: what it did not show, as not shown', async () => {
    const { clientId, entryId } = await person();
    await worker.get(`/v1/studio/classes/${entryId}`);
    await worker.post(`/v1/studio/classes/${entryId}`, {});
    await worker.get(`/v1/studio/refused/${entryId}`);
    expect(await told(clientId)).toEqual([
      ['studio', 'deny', 'They wanted to read this: your record.'], ['studio', 'permit', 'They worked on this: your record.'], ['studio', 'permit', 'They read this: your record.'],
    ]);
    const auditor = await harness.as('gateway', { sub: 'auditor', agency: 'centre', roles: ['auditor'] });
    const { body } = await auditor.post('/v1/gateway/audit:search', { action: 'module.read', clientId });
    expect(body.items.map((one: any) => [one.decision, one.policies, one.resources[0]])).toEqual([['deny', [], 'GET:/v1/studio/*'], ['permit', ['module-has-the-last-word'], 'GET:/v1/studio/classes/{id}']]);
  });

  it('before anybody hears the answer, and what changes something before the module hears of it', async () => {
    const { entryId } = await person();
    const before = asked();
    let answered = false;
    let looked!: Promise<unknown>;
    await held(async () => {
      looked = worker.get(`/v1/studio/classes/${entryId}`).then(() => { answered = true; });
      await waits();
      expect([answered, asked()]).toEqual([false, before + 1]);
    });
    await looked;
    let changed!: Promise<unknown>;
    await held(async () => {
      changed = worker.post(`/v1/studio/classes/${entryId}`, {});
      await waits();
      expect(asked()).toBe(before + 1);
    });
    await changed;
    expect(asked()).toBe(before + 2);
  });

  it('or there is no answer', async () => {
    const { entryId } = await person();
    await admin.query('alter table gateway.audit rename to audit_away');
    try {
      const before = asked();
      const { status, body, headers } = await worker.get(`/v1/studio/classes/${entryId}`);
      expect([status, body.code, headers.get('content-type')]).toEqual([500, 'internal', expect.stringContaining('application/problem+json')]);
      expect((await worker.post(`/v1/studio/classes/${entryId}`, {})).status).toBe(500);
      expect(asked()).toBe(before + 1);
    } finally {
      await admin.query('alter table gateway.audit_away rename to audit');
    }
  });

  it('when the module does not answer, too', async () => {
    await say.module('dead', { baseUrl: 'http://127.0.0.1:1' });
    const patient = await practitioner('patient');
    await eventually(() => patient.get('/v1/dead/x'), ({ body }) => body.code === 'module-unavailable');
    expect((await rows('patient')).at(-1)).toMatchObject({ action: 'module.read', decision: 'deny', resources: ['GET:/v1/dead/*'] });
  });

  it('and when it breaks off before that is done, nobody else notices', async () => {
    const heard = asked();
    let broken!: Promise<unknown>;
    await held(async () => {
      broken = worker.get('/v1/studio/breaks').catch((error: unknown) => error);
      await waits();
      await eventually(async () => asked(), (now) => now === heard + 1);
      await eventually(async () => broke, (yes) => yes);
      await fetch(`${harness.url('gateway')}/reference`);
    });
    expect(JSON.stringify(await broken)).not.toContain('"status":200');
    expect((await worker.get('/v1/studio/classes')).status).toBe(200);
  });

  it('and not here, when the module says that it keeps a log itself: nothing is seen twice', async () => {
    await say.module('careful', { baseUrl: studio.baseUrl, accessLog: true });
    const visitor = await practitioner('visitor');
    await eventually(() => visitor.get('/v1/careful/x'), ({ status }) => status === 200);
    const { entryId } = await person();
    expect((await visitor.get(`/v1/careful/classes/${entryId}`)).status).toBe(200);
    expect((await rows('visitor')).every(({ resources }) => resources.every((one: string) => !one.includes('/v1/careful')) )).toBe(true);
  });
});

describe('A module that knows no policies asks nobody for what every service forbids', () => {
  const past = '2026-01-01T00:00:00.000Z';
  const opening = () => ({ openingId: newId(), subject: 'asker', agency: 'centre', from: past, until: '2027-01-01T00:00:00.000Z' });
  const ask = async (who: object, entryId: string, headers = {}) => {
    const before = asked();
    const asker = await practitioner('asker', who);
    const answers = [await asker.get(`/v1/studio/classes/${entryId}`, headers), await asker.post(`/v1/studio/classes/${entryId}`, {}, headers)];
    return { statuses: answers.map(({ status }) => status), heard: asked() - before, row: (await rows('asker')).at(-1) };
  };

  it.each<[string, Partial<ConsentState>, 'D1' | 'D3', object, object, number[], string]>([
    ['whom the person is protected from', { barred: { subjects: ['asker'], clients: [] } }, 'D1', {}, {}, [404, 404], 'barred'],
    ['who works elsewhere, without consent', {}, 'D1', { agency: 'centre' }, {}, [404, 404], 'another-agency-entries'],
    ['who does not work there, of what is privileged', {}, 'D3', { roles: ['counsellor'] }, {}, [404, 404], 'privileged'],
    ['who does not care for a hidden person', { hidden: true }, 'D1', {}, {}, [404, 404], 'hidden'],
    ['in an emergency that nobody opened', {}, 'D1', {}, { 'opora-purpose': 'emergency' }, [404, 403], 'emergency-needs-an-opening'],
    ['another client', {}, 'D1', { roles: ['client'], opora_client: newId() }, {}, [404, 404], 'own-only'],
  ])('%s', async (_, state, dataClass, who, headers, statuses, policy) => {
    const { clientId, entryId } = await person(state, dataClass);
    const { heard, row, ...answer } = await ask(who, entryId, headers);
    expect([answer.statuses, heard]).toEqual([statuses, 0]);
    const denied = (await rows('asker')).filter(({ decision, clientIds }) => decision === 'deny' && clientIds.includes(clientId));
    expect(denied[0].policies).toContain(policy);
    expect(row.decision).toBe('deny');
  });

  it.each<[string, Partial<ConsentState>, object, object, number[]]>([
    ['the own people', {}, {}, {}, [200, 200]],
    ['who cares for a hidden person', { hidden: true, team: ['asker'] }, {}, {}, [200, 200]],
    ['to whom it was opened in an emergency, to look', { openings: [opening()] }, { agency: 'centre', roles: ['counsellor'] }, { 'opora-purpose': 'emergency' }, [200, 403]],
  ])('but hears %s', async (_, state, who, headers, statuses) => {
    const { entryId } = await person(state);
    const answer = await ask(who, entryId, headers);
    expect([answer.statuses, answer.heard]).toEqual([statuses, statuses.filter((status) => status === 200).length]);
  });

  it('nor for a purpose that shows nobody', async () => {
    expect(await (await practitioner('checker')).get('/v1/studio/classes', { 'opora-purpose': 'conflict-check' })).toMatchObject({ status: 403, body: { code: 'purpose-not-allowed' } });
    expect(await rows('checker')).toEqual([expect.objectContaining({ action: 'module.read', decision: 'deny', resources: ['GET:/v1/studio/classes'] })]);
  });

  it('nor without a valid token', async () => {
    const before = asked();
    const url = `${harness.url('gateway')}/v1/studio/classes`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { method: 'POST', headers: { authorization: 'Bearer no.such.token' } })).status).toBe(401);
    expect(asked()).toBe(before);
  });
});
