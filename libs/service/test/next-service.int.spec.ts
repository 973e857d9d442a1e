import { consentsChanged, erasureCompleted, erasureRequested, type ConsentState } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { VisitsService } from './visits.js';

// Nothing in that service is about any of this: its controller says `@Allow`, and labels what it reads with whose it is.
describe('What the next service has for nothing', () => {
  let harness: Harness;

  beforeAll(async () => { harness = await startHarness([VisitsService]); });
  afterAll(() => harness?.close());

  const as = (sub: string, more: object = {}) => harness.as('visits', { sub, roles: ['visits:practitioner'], ...more });
  const herself = (clientId: string) => as(`herself-${clientId}`, { roles: ['client'], opora_client: clientId });
  const say = (clientId: string, version: number, more: Partial<ConsentState>) =>
    harness.say(consentsChanged, { clientId, version, recordedAt: harness.clock.now(), consents: [], aliases: [], ...more }, { source: 'intake', key: clientId });
  const visited = async (more: Partial<ConsentState> = {}) => {
    const clientId = newId();
    await say(clientId, 1, more);
    await eventually(() => harness.database.query('select from visits.head where key = $1', [clientId]), ({ length }) => length === 1);
    const { body } = await (await as('planner')).post('/v1/visits/visits', { clientId, note: 'Kanareika', minutes: 30 });
    return { clientId, path: `/v1/visits/visits/${body.id as string}` };
  };
  const looks = async (clientId: string): Promise<[string, string, string][]> =>
    (await (await herself(clientId)).post('/v1/visits/access-log', {})).body.items.map(({ by, action, decision }: any) => [by.subject, action, decision]);

  it('a decision about each record: barred, hidden, another agency, and broken glass', async () => {
    const { clientId, path } = await visited({ hidden: true, team: ['carer'], barred: { subjects: ['partner'], clients: [] } });
    const status = async (sub: string, more = {}, headers = {}) => (await (await as(sub, more)).get(path, headers)).status;
    const emergency = { 'opora-purpose': 'emergency' };
    const doctor = { agency: 'clinic', roles: ['counsellor'] };
    expect([await status('carer'), await status('partner'), await status('colleague'), await status('carer', { agency: 'clinic' })]).toEqual([200, 404, 404, 404]);
    expect(await status('doctor', doctor, emergency)).toBe(404);
    await say(clientId, 2, { hidden: true, openings: [{ openingId: newId(), subject: 'doctor', agency: 'clinic', from: harness.clock.now(), until: new Date(Date.parse(harness.clock.now()) + 3_600_000).toISOString() }] });
    await eventually(() => status('doctor', doctor, emergency), (told) => told === 200);
    expect(await status('doctor', { agency: 'clinic', roles: ['auditor'] }, emergency)).not.toBe(200);
    harness.clock.advance({ hours: 1 });
    expect(await status('doctor', doctor, emergency)).toBe(404);
  });

  it('a trail of who looked, which the person reads and takes along with the records', async () => {
    const { clientId, path } = await visited();
    await (await as('reader')).get(path);
    await (await as('prier', { agency: 'elsewhere' })).get(path);
    expect(await looks(clientId)).toEqual([['prier', 'visit.read', 'deny'], ['reader', 'visit.read', 'permit']]);
    const { body } = await (await herself(clientId)).post('/v1/visits/export', {});
    expect(body).toMatchObject({ complete: true, records: [{ kind: 'visit', state: { note: 'Kanareika' } }], entries: [{ clientId }] });
    expect((await (await as('auditor', { roles: ['auditor'] })).post('/v1/visits/audit:search', { clientId, decision: 'deny' })).body.items).toMatchObject([{ subject: 'prier' }]);
  });

  it('an objection that a person answers', async () => {
    const { clientId, path } = await visited();
    const { status } = await (await herself(clientId)).post('/v1/visits/objections', { about: path.split('/').at(-1), text: 'It was not so' });
    expect(status).toBe(201);
    expect((await (await as('svetlana', { roles: ['supervisor'] })).get('/v1/visits/objections')).body.items).toMatchObject([{ text: 'It was not so' }]);
  });

  it('forgetting: the record goes, and who looked stays on record', async () => {
    const { clientId, path } = await visited();
    await (await as('reader')).get(path);
    const erasureId = newId();
    await harness.say(erasureRequested, { erasureId, clientId, aliases: [] }, { source: 'intake', key: clientId });
    await say(clientId, 2, { erasing: erasureId });
    await eventually(() => harness.database.query(`select from event_log.record where headers->>'ce_type' = $1 and key = $2`, [erasureCompleted.type, clientId]), ({ length }) => length === 1);
    expect((await (await as('reader')).get(path)).status).toBe(404);
    for (const table of ['visit', 'fact', 'snapshot']) expect([table, await harness.database.query(`select 1 from visits.${table} t where to_jsonb(t)::text like '%${clientId}%'`)]).toEqual([table, []]);
    expect(await harness.database.query(`select 1 from visits.audit where content->'clientIds' ? $1`, [clientId])).not.toEqual([]);
  });
});
