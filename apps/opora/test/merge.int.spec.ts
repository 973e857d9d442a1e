import { Counselling } from '@opora/counselling';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { LegalAid } from '@opora/legal-aid';
import { caller, eventually, startHarness, type Caller, type Harness, type Reply } from '@opora/testing';
import { staff } from './staff.js';

let harness: Harness;
let [intake, counsellor, lawyer, supervisor]: Caller[] = [];

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  await harness.boot(Counselling);
  await harness.boot(LegalAid, { agency: 'bureau', environment: { LEGAL_AID_CLIENTS_MATCH_AT: `${harness.url('intake')}/v1/intake` } });
  await harness.boot(Gateway, { environment: { GATEWAY_UPSTREAMS: 'http://127.0.0.1:*' } });
  [intake, counsellor, lawyer, supervisor] = await Promise.all([staff.intake, staff.counsellor, staff.lawyer, staff.supervisor].map((who) => harness.as('gateway', who)));
  await eventually(() => intake!.get('/v1/modules'), ({ body }) => body.items.length >= 3);
}, 60_000);

afterAll(() => harness?.close());

const asClient = async (clientId: string) => caller(harness.url('gateway'), await harness.mint({ sub: `client-${clientId}`, roles: ['client'], opora_client: clientId }));
const ok = ({ status, body, headers }: Reply) => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return { ...body, etag: headers.get('etag')! };
};

/** Of one record: consents, a confirmed need, an active plan with a referral, and the matter that came of it. */
const caseOf = async (name: string) => {
  const { id: clientId } = ok(await intake!.post('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: 'Anna', family: name }] } }));
  let coordination = '';
  for (const purpose of ['referral', 'coordination']) {
    ({ consentId: coordination } = ok(await intake!.post(`/v1/intake/clients/${clientId}/consents`, { purpose, recipients: ['bureau', 'centre'], dataClasses: ['D1'], legalBasis: 'consent' })));
  }
  const need = ok(await intake!.post('/v1/intake/needs', { clientId, needCode: 'legal', severity: 'high', reason: 'Told by herself' }));
  ok(await intake!.post(`/v1/intake/needs/${need.id}/confirm`, { withClient: true }));
  const recommended = await eventually(() => counsellor!.get(`/v1/counselling/clients/${clientId}/recommendations`), ({ body }) => body.needs?.[0]?.options?.[0]?.reason?.consent === 'given');
  const { id: planId } = ok(await counsellor!.post('/v1/counselling/plans', { clientId }));
  const path = `/v1/counselling/plans/${planId}`;
  const needs = [{ module: 'intake', id: need.id }];
  ok(await counsellor!.post(`${path}/goals`, { needs, title: 'rights-protected', ownAim: 'Keep the flat' }));
  ok(await counsellor!.post(`${path}/choices`, { needs, module: 'legal-aid', offer: 'legal-consultation', urgency: 'urgent' }));
  ok(await counsellor!.post(`${path}/responsible`, { responsible: 'konstantin' }));
  ok(await counsellor!.post(`${path}/review-date`, { reviewOn: '2026-12-01' }));
  const submitted = ok(await counsellor!.post(`${path}/submit`, {}, { 'if-match': ok(await counsellor!.get(path)).etag }));
  const agreed = ok(await counsellor!.post(`${path}/client-decision`, { decision: 'agree', onBehalfOf: 'herself' }, { 'if-match': submitted.etag }));
  ok(await counsellor!.post(`${path}/activate`, {}, { 'if-match': agreed.etag }));
  const { body: { items: [referral] } } = await eventually(() => lawyer!.get(`/v1/legal-aid/referrals?clientId=${clientId}`), ({ body }) => body.items?.length === 1);
  const { matterId } = ok(await eventually(() => lawyer!.post(`/v1/legal-aid/referrals/${referral.id}/accept`, {}), ({ status }) => status === 200));
  ok(await lawyer!.post(`/v1/legal-aid/matters/${matterId}/conflict-check`, { outcome: 'clear', adverseParties: [] }));
  const mine = { clientId, coordination, needId: need.id as string, planId: planId as string, matterId: matterId as string, optionId: recommended.body.needs[0].options[0].recommendationId as string };
  await eventually(() => plan(counsellor!, clientId), ({ body }) => body.sections?.[0]?.entries.some(({ entryId }: any) => entryId === matterId) && body.needs[0]?.phase === 'active' && body.goals[0]?.phase === 'active');
  return mine;
};

const plan = (by: Caller, id: string) => by.get(`/v1/clients/${id}/plan`);
/** By one person's word and another's. */
const merge = async (mergedId: string, survivingId: string): Promise<string> => {
  const { id } = ok(await intake!.post('/v1/intake/record-merges', { mergedId, survivingId, reason: 'documents-seen' }));
  ok(await supervisor!.post(`/v1/intake/record-merges/${id}/confirm`, {}));
  await eventually(() => plan(counsellor!, mergedId), ({ body }) => body.clientId === survivingId);
  return id;
};

const undo = async (id: string): Promise<void> => {
  const { mergedId } = ok(await intake!.post(`/v1/intake/record-merges/${id}/propose-undo`, { reason: 'two-people' }));
  ok(await supervisor!.post(`/v1/intake/record-merges/${id}/confirm-undo`, {}));
  await eventually(() => plan(counsellor!, mergedId), ({ body }) => body.clientId === mergedId);
};

const settledPlan = async (id: string) => JSON.stringify((await eventually(() => plan(counsellor!, id), ({ status, body }) => status === 200 && !body.stale)).body);
const keys = ({ body }: Reply): string[] => [...body.needs, ...body.goals, ...body.sections.flatMap((section: any) => section.entries)].map(({ entryId }) => entryId);
const idsOf = ({ body }: Reply) => body.items.map(({ id }: any) => id).sort();

const lists = {
  plans: (by: Caller, id: string) => by.get(`/v1/counselling/plans?clientId=${id}`),
  matters: (_: Caller, id: string) => lawyer!.get(`/v1/legal-aid/matters?clientId=${id}`),
  needs: (by: Caller, id: string) => by.get(`/v1/intake/needs?clientId=${id}`),
};

it('two records with needs, plan and matter are one plan by two people’s word, and two plans again, byte for byte', async () => {
  const a = await caseOf('Before');
  const b = await caseOf('After');
  const before = await Promise.all([a, b].map(({ clientId }) => settledPlan(clientId)));
  const facts = () => Promise.all(['intake', 'counselling', 'legal_aid'].map(async (schema) => (await harness.database.query<{ row: string }>(`select f::text as row from ${schema}.fact f`)).map(({ row }) => row)));
  const history = await facts();
  harness.clock.advance({ minutes: 5 });
  const first = await merge(a.clientId, b.clientId);

  // One plan, whichever id is asked for, and whichever id the person's token names.
  const merged = await plan(counsellor!, a.clientId);
  expect(new Set(keys(merged))).toEqual(new Set(before.flatMap((text) => keys({ body: JSON.parse(text) } as Reply))));
  expect((await plan(counsellor!, b.clientId)).body).toEqual(merged.body);
  for (const { clientId } of [a, b]) {
    const herself = await asClient(clientId);
    expect(keys(await plan(herself, a.clientId))).toEqual(keys(merged));
    expect(keys(await plan(herself, b.clientId))).toEqual(keys(merged));
    expect(idsOf(await eventually(() => herself.get('/v1/counselling/plans'), (reply) => reply.body.items.length === 2))).toEqual([a.planId, b.planId].sort());
    expect((await herself.get(`/v1/counselling/plans/${a.planId}`)).status).toBe(200);
    expect((await counsellor!.get(`/v1/clients/${clientId}/plan?expand=person`)).body.person).toMatchObject({ shortName: 'Anna A.' });
  }
  for (const { clientId } of [a, b]) {
    await eventually(() => lists.matters(lawyer!, clientId), (reply) => reply.body.items.length === 2);
    expect(idsOf(await lists.plans(counsellor!, clientId))).toEqual([a.planId, b.planId].sort());
    expect(idsOf(await lists.matters(lawyer!, clientId))).toEqual([a.matterId, b.matterId].sort());
    expect(idsOf(await lists.needs(intake!, clientId))).toEqual([a.needId, b.needId].sort());
    const { body: { needs } } = await counsellor!.get(`/v1/counselling/clients/${clientId}/recommendations`);
    expect(needs.map(({ need, options }: any) => [need.id, options[0].recommendationId]).sort()).toEqual([[a.needId, a.optionId], [b.needId, b.optionId]].sort());
    expect(await counsellor!.post('/v1/counselling/plans', { clientId })).toMatchObject({ status: 409, body: { code: 'plan-exists' } });
  }

  // Both matters ask again, and nothing of substance is done before.
  for (const { matterId } of [a, b]) {
    const path = `/v1/legal-aid/matters/${matterId}`;
    await eventually(() => lawyer!.get(path), ({ body }) => body.conflictRecheck === 'clients-merged');
    expect(await lawyer!.post(`${path}/eligibility`, { outcome: 'eligible', ground: 'low-income' })).toMatchObject({ status: 409, body: { code: 'conflict-not-checked' } });
    const matched = ok(await lawyer!.post(`${path}/conflict-match`, { adverseParties: ['Anna Before'] }));
    expect(matched.conflictMatch.result).toBe('none');
    ok(await lawyer!.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: ['Anna Before'] }));
  }

  await undo(first);
  expect(await Promise.all([a, b].map(({ clientId }) => settledPlan(clientId)))).toEqual(before);
  expect((await plan(await asClient(a.clientId), b.clientId)).status).toBe(404);

  // Parted, they are asked about again: each may be the other's adverse party now.
  for (const { matterId } of [a, b]) await eventually(() => lawyer!.get(`/v1/legal-aid/matters/${matterId}`), ({ body }) => body.conflictRecheck === 'clients-merged');
  expect(ok(await lawyer!.post(`/v1/legal-aid/matters/${b.matterId}/conflict-match`, { adverseParties: ['Anna Before'] })).conflictMatch.result).toBe('possible');

  // What she says while she is one person stays with the record under which she said it.
  const again = await merge(a.clientId, b.clientId);
  const said = ok(await (await asClient(a.clientId)).post('/v1/intake/needs', { clientId: a.clientId, needCode: 'food', severity: 'low', reason: 'Said while merged' }));
  await eventually(() => plan(counsellor!, b.clientId), (reply) => keys(reply).includes(said.id));
  // And what she takes back there holds for all of her, while she is one person: another agency's work is not shown to this one.
  ok(await (await asClient(a.clientId)).post(`/v1/intake/clients/${b.clientId}/consents/${a.coordination}/withdraw`, {}));
  for (const { clientId } of [a, b]) await eventually(() => plan(counsellor!, clientId), ({ body }) => body.sections.length === 0);
  expect((await plan(await asClient(b.clientId), b.clientId)).body.sections).toHaveLength(1);
  await undo(again);
  expect(await eventually(() => settledPlan(b.clientId), (text) => text === before[1])).toBe(before[1]);
  const parted = await plan(counsellor!, a.clientId);
  expect([keys(parted).includes(said.id), parted.body.sections]).toEqual([true, []]);

  const now = (await facts()).map((rows) => new Set(rows));
  history.forEach((rows, at) => expect(rows.filter((row) => !now[at]!.has(row))).toEqual([]));
}, 90_000);
