import { Policies } from '@opora/access';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import pg from 'pg';
import { ThingsService } from './things.js';

let harness: Harness;
let admin: pg.Client;
const [own, elsewhere, client] = [newId(), newId(), newId()];

beforeAll(async () => {
  harness = await startHarness([ThingsService]);
  admin = new pg.Client({ connectionString: harness.database.adminUrl });
  await admin.connect();
  for (const [id, agency] of [[own, 'centre'], [elsewhere, 'bureau']]) {
    await admin.query('insert into things.thing values ($1, 1, $2, $3, $4, $5)', [id, JSON.stringify({ clientId: client, agency, dataClass: 'D1' }), client, agency, 'D1']);
  }
});

afterAll(async () => {
  await admin?.end();
  await harness?.close();
});

const rowsOf = async (subject: string): Promise<any[]> =>
  (await admin.query(`select content from things.audit where content->>'subject' = $1 order by seq`, [subject])).rows.map(({ content }) => content);
const as = (sub: string, ...roles: string[]) => harness.as('things', { sub, agency: 'centre', roles });
const version = new Policies('things', ThingsService.policies!).version;

describe('What was decided is on record', () => {
  it('who, about whom, what for, by which policies of which version', async () => {
    const { headers } = await (await as('reader', 'counsellor')).get(`/v1/things/things/${own}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(await rowsOf('reader')).toEqual([expect.objectContaining({
      subject: 'reader', agency: 'centre', roles: ['counsellor'], purpose: 'care', action: 'thing.read', decision: 'permit', policies: ['everybody'],
      policyVersion: version, clientIds: [client], resources: [own], hidden: [],
    })]);
  });

  it('also of what was refused, though the answer only says that there is no such thing', async () => {
    expect((await (await as('prier', 'counsellor')).get(`/v1/things/things/${elsewhere}`)).status).toBe(404);
    expect(await rowsOf('prier')).toEqual([expect.objectContaining({ decision: 'deny', policies: ['another-agency-records'], clientIds: [client], resources: [elsewhere] })]);
    expect((await (await as('stranger')).get('/v1/things/admin/dead-letters')).status).toBe(403);
    expect(await rowsOf('stranger')).toEqual([expect.objectContaining({ action: 'dead-letter.list', decision: 'deny', policies: [], clientIds: [] })]);
  });

  it('of a list whom it showed, and nobody else', async () => {
    expect((await (await as('lister', 'counsellor')).get('/v1/things/things?dataClass=D1')).body.items).toEqual([{ id: own }]);
    expect(await rowsOf('lister')).toEqual([expect.objectContaining({ decision: 'permit', clientIds: [client], resources: [own] })]);
    expect((await (await as('searcher', 'counsellor')).get('/v1/things/things?dataClass=D3')).body.items).toEqual([]);
    expect(await rowsOf('searcher')).toEqual([expect.objectContaining({ decision: 'permit', clientIds: [], resources: [] })]);
  });

  it('before anybody hears the answer', async () => {
    const caller = await as('patient', 'counsellor');
    await admin.query(`begin; select pg_advisory_xact_lock(hashtextextended('audit things', 0))`);
    let answered = false;
    const asked = caller.get(`/v1/things/things/${own}`).then((answer) => { answered = true; return answer; });
    await eventually(async () => (await harness.database.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length, (waiting) => waiting === 1);
    expect(answered).toBe(false);
    await admin.query('commit');
    expect((await asked).status).toBe(200);
    expect(await rowsOf('patient')).toHaveLength(1);
  });

  it('and before anything is changed', async () => {
    await admin.query(`alter table things.audit add constraint refusing check (content->>'action' <> 'dead-letter.discard')`);
    try {
      await admin.query(`insert into things.dead_letter (topic, key, position, headers, status, code) values ('t', 'k', '1', '{}', 'dead', 'x')`);
      const [{ id }] = (await admin.query<{ id: string }>('select id from things.dead_letter')).rows as [{ id: string }];
      expect((await (await as('admin-1', 'admin')).post(`/v1/things/admin/dead-letters/${id}/discard`, { reason: 'sent-by-mistake' })).status).toBe(500);
      expect((await admin.query('select status from things.dead_letter')).rows).toEqual([{ status: 'dead' }]);
    } finally {
      await admin.query('alter table things.audit drop constraint refusing');
    }
  });

  it('or there is no answer', async () => {
    await admin.query('alter table things.audit rename to audit_away');
    try {
      expect((await (await as('unseen', 'counsellor')).get(`/v1/things/things/${own}`)).status).toBeGreaterThanOrEqual(500);
    } finally {
      await admin.query('alter table things.audit_away rename to audit');
    }
  });

  it('takes no purpose that nobody knows', async () => {
    expect(await (await as('curious', 'counsellor')).get(`/v1/things/things/${own}`, { 'opora-purpose': 'curiosity' })).toMatchObject({ status: 422, body: { code: 'purpose-unknown' } });
    expect(await (await as('curious', 'counsellor')).get(`/v1/things/things/${own}`, { 'opora-purpose': 'self' })).toMatchObject({ status: 403, body: { code: 'purpose-not-allowed' } });
  });
});
