import { consentsChanged, erasureCompleted, erasureRequested, type DataOf } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VisitsService } from './visits.js';

const folder = mkdtempSync(join(tmpdir(), 'opora-retention-'));
const file = join(folder, 'retention.json');
const rule = { recordType: 'visit', from: ['visits.visit-held'], term: 'P3Y', legalBasis: 'claims', hold: true, source: 'Made up for this test' };
const write = (...rules: object[]) => writeFileSync(file, JSON.stringify({ rules }));
const service = { ...VisitsService, retention: file };

describe('Retention', () => {
  let harness: Harness;
  let worker: Caller;
  let supervisor: Caller;
  const base = '/v1/visits/retention';

  beforeAll(async () => {
    write(rule);
    harness = await startHarness([service]);
    worker = await harness.as('visits', { roles: ['visits:practitioner'] });
    supervisor = await harness.as('visits', { sub: 'svetlana', roles: ['supervisor'] });
  });
  afterAll(async () => {
    await harness?.close();
    rmSync(folder, { recursive: true });
  });

  const planned = async (clientId = newId()): Promise<string> => (await worker.post('/v1/visits/visits', { clientId, note: 'Kanareika', minutes: 30 })).body.id;
  const held = async (clientId = newId()): Promise<{ id: string; clientId: string }> => {
    const id = await planned(clientId);
    expect((await worker.post(`/v1/visits/visits/${id}/hold`, {}, { 'if-match': '"1"' })).status).toBe(200);
    return { id, clientId };
  };
  const proposals = async (status = 'open') => (await supervisor.get(`${base}/proposals?status=${status}`)).body.items as { id: string; recordId: string; clientId: string | null }[];
  const proposalOf = async (recordId: string) => {
    expect((await supervisor.post(`${base}/proposals:find`, {})).body).toMatchObject({ proposed: expect.any(Number) });
    return (await proposals()).find((one) => one.recordId === recordId);
  };
  const later = (years: number, days = 0) => harness.clock.advance({ hours: 24 * (365 * years + days) });

  it('shows its rules to those who answer for them, and to nobody else', async () => {
    expect((await supervisor.get(`${base}/rules`)).body.items).toEqual([rule, expect.objectContaining({ recordType: 'objection', term: 'P3Y' })]);
    expect((await worker.get(`${base}/rules`)).status).toBe(403);
  });

  it('proposes a record when its term is over, and not before; a person confirms, and the receipt names nobody', async () => {
    const [{ id, clientId }, open] = [await held(), await planned()];
    later(2);
    expect(await proposalOf(id)).toBeUndefined();
    later(1, 2);
    const proposal = (await proposalOf(id))!;
    expect(proposal).toMatchObject({ recordType: 'visit', recordId: id, clientId, legalBasis: 'claims', confirmedBy: null });
    expect(await proposalOf(open)).toBeUndefined();
    expect((await worker.post(`${base}/proposals/${proposal.id}/confirm`, {})).status).toBe(403);
    const elsewhere = await harness.as('visits', { roles: ['supervisor'], agency: 'elsewhere' });
    expect((await elsewhere.post(`${base}/proposals/${proposal.id}/confirm`, {})).status).toBe(404);

    expect((await supervisor.post(`${base}/proposals/${proposal.id}/confirm`, {}, { 'idempotency-key': 'k1' })).body).toMatchObject({ recordId: id, clientId: null, confirmedBy: 'svetlana' });
    expect((await supervisor.post(`${base}/proposals/${proposal.id}/confirm`, {}, { 'idempotency-key': 'k1' })).body).toMatchObject({ recordId: id, clientId: null });
    expect((await worker.get(`/v1/visits/visits/${id}`)).status).toBe(404);
    expect((await proposals('confirmed')).map(({ recordId }) => recordId)).toContain(id);
    for (const table of ['visit', 'fact', 'snapshot', 'outbox', 'retention_proposal']) {
      expect([table, await harness.database.query(`select 1 from visits.${table} t where to_jsonb(t)::text like $1 and coalesce(to_jsonb(t)->>'value', '') <> ''`, [`%${clientId}%`])]).toEqual([table, []]);
    }
  });

  it('proposes once, however often it looks, and on two instances', async () => {
    const { id } = await held();
    later(3, 2);
    await Promise.all(Array.from({ length: 4 }, () => supervisor.post(`${base}/proposals:find`, {})));
    expect((await proposals()).filter((one) => one.recordId === id)).toHaveLength(1);
  });

  it('erases nothing that a hold is on, also when it was placed after the proposal', async () => {
    const { id, clientId } = await held();
    later(3, 2);
    const proposal = (await proposalOf(id))!;
    const { body: hold, status } = await supervisor.post(`${base}/holds`, { clientId, reason: 'court-order' });
    expect(status).toBe(201);
    expect((await supervisor.post(`${base}/proposals/${proposal.id}/confirm`, {})).body.code).toBe('on-hold');
    expect((await supervisor.post(`${base}/holds/${hold.id}/lift`, { reason: 'order-ended' })).body).toMatchObject({ liftedBy: 'svetlana', liftedFor: 'order-ended' });
    expect((await supervisor.post(`${base}/proposals/${proposal.id}/confirm`, {})).status).toBe(200);
  });

  it('lets go of what a person objected to, once it was answered and its time is over', async () => {
    const { id: about, clientId } = await held();
    const objections = '/v1/visits/objections';
    const [{ body: answered }, { body: open }] = [await supervisor.post(objections, { about, clientId, text: 'Popugai' }), await supervisor.post(objections, { about, clientId, text: 'Kakadu' })];
    expect((await supervisor.post(`${objections}/${answered.id}/answer`, { outcome: 'declined', text: 'Popugai too' })).status).toBe(200);
    later(2);
    expect(await proposalOf(answered.id)).toBeUndefined();
    later(1, 2);
    const proposal = (await proposalOf(answered.id))!;
    expect(proposal).toMatchObject({ recordType: 'objection', clientId });
    expect(await proposalOf(open.id)).toBeUndefined();
    expect((await supervisor.post(`${base}/proposals/${proposal.id}/confirm`, {})).status).toBe(200);
    expect((await supervisor.get(`${objections}/${answered.id}`)).status).toBe(404);
    for (const table of ['objection', 'fact']) expect([table, await harness.database.query(`select 1 from visits.${table} t where to_jsonb(t)::text like '%Popugai%'`)]).toEqual([table, []]);
    expect((await supervisor.get(`${objections}/${open.id}`)).status).toBe(200);
  });

  it('keeps aside what law orders to keep of an erased person, names it, and lets it go when its term is over', async () => {
    const { id, clientId } = await held();
    const other = await planned(clientId);
    const erasureId = newId();
    const forged = await held();
    await harness.say(erasureRequested, { erasureId: newId(), clientId: forged.clientId, aliases: [] }, { source: 'studio', key: forged.clientId });
    await harness.say(erasureRequested, { erasureId, clientId, aliases: [] }, { source: 'intake', key: clientId });
    await harness.say(consentsChanged, { clientId, version: 1, recordedAt: harness.clock.now(), consents: [], aliases: [], erasing: erasureId }, { source: 'intake', key: clientId });
    const [said] = await eventually(() => harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1 and key = $2`, [erasureCompleted.type, clientId]), (rows) => rows.length === 1);
    const day = (years: number) => `${Number(harness.clock.now().slice(0, 4)) + years}${harness.clock.now().slice(4, 10)}`;
    expect(JSON.parse(said!.value.toString()) as DataOf<typeof erasureCompleted>).toEqual({ erasureId, clientId, module: 'visits', kept: [{ recordType: 'visit', legalBasis: 'claims', until: day(3) }] });
    // What nobody confirmed erases nobody.
    expect((await worker.get(`/v1/visits/visits/${forged.id}`)).status).toBe(200);
    for (const visit of [id, other]) expect((await worker.get(`/v1/visits/visits/${visit}`)).status).toBe(404);
    const kept = (await supervisor.get(`${base}/kept`)).body.items;
    expect(kept.map((one: { id: string }) => one.id)).toEqual(expect.arrayContaining([id, other]));
    expect(JSON.stringify(kept)).not.toContain('Kanareika');

    later(3, 2);
    const proposal = (await proposalOf(id))!;
    expect((await supervisor.post(`${base}/proposals/${proposal.id}/confirm`, {})).status).toBe(200);
    expect(await harness.database.query('select 1 from visits.kept_record where record_id = $1', [id])).toEqual([]);
  });

  it.each([
    ['of records that there are none of', { ...rule, recordType: 'dragon' }, 'no records of type dragon'],
    ['from facts that nobody says', { ...rule, from: ['visits.never'] }, 'nobody here says visits.never'],
    ['without a source', { ...rule, source: undefined }, 'source'],
    ['with a term that is none', { ...rule, term: 'three years' }, 'term'],
    ['that takes others along without being the person', { ...rule, takes: ['visit'] }, 'takes others along'],
    ['of another kind than the service’s records', { ...rule, recordType: 'objection', from: ['opora.objection.answered'] }, 'no rule says how long records of type visit stay'],
    ['about people where nobody erases people', { ...rule, scope: 'person' }, 'nobody here erases people'],
  ])('a rule %s keeps the service from starting', async (_, wrong, why) => {
    write(wrong);
    await expect(harness.boot({ ...service, name: 'twin' })).rejects.toThrow(why);
    write(rule);
  });
});
