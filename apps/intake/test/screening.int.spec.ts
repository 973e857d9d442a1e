import { planEntryRecorded, type PlanEntry } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';
import { starterInstrumentId } from '../src/starter.js';

let harness: Harness;
let worker: Caller;
let supervisor: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  supervisor = await harness.as('intake', { sub: 'head-1', agency: 'centre', roles: ['supervisor'] });
});

afterAll(() => harness?.close());

const v1 = '/v1/intake';
const asClient = (clientId: string) => harness.as('intake', { sub: `client-${clientId}`, agency: 'centre', roles: ['client'], opora_client: clientId });

const newClient = async (): Promise<string> => {
  const { status, body } = await worker.post(`${v1}/clients`, { anonymous: true });
  expect(status).toBe(201);
  return body.id;
};

/** Answers to the starter screening, by domain and question. */
const answers = (codes: Record<string, Record<string, string>>) => ({
  resourceType: 'QuestionnaireResponse', status: 'completed',
  item: Object.entries(codes).map(([linkId, questions]) => ({
    linkId, item: Object.entries(questions).map(([question, code]) => ({ linkId: question, answer: [{ valueCoding: { system: 'urn:opora:starter-screening-answer', code } }] })),
  })),
});
const hungryAndHomeless = answers({ housing: { 'housing-place': 'nowhere' }, food: { 'food-now': 'none' } });

const planned = async (clientId: string, instrumentId = starterInstrumentId): Promise<string> => {
  const { status, body } = await worker.post(`${v1}/screenings`, { clientId, instrumentId });
  expect(status).toBe(201);
  return body.id;
};

const completed = async (clientId: string, response: object = hungryAndHomeless) => {
  const reply = await worker.post(`${v1}/screenings/${await planned(clientId)}/complete`, { response });
  expect(reply.status).toBe(200);
  return reply.body as { id: string; needs: string[] };
};

const needsOf = async (clientId: string): Promise<any[]> => (await worker.get(`${v1}/needs?clientId=${clientId}`)).body.items;
const needOf = async (clientId: string, code: string) => (await needsOf(clientId)).find(({ needCode }) => needCode === code);

const entries = async (needId: string): Promise<PlanEntry[]> => {
  const rows = await harness.database.query<{ value: Buffer }>('select value from event_log.record where topic = $1 and key = $2 order by seq', [planEntryRecorded.topic.name, `intake/${needId}`]);
  return rows.map(({ value }) => JSON.parse(value.toString()));
};
const latest = (needId: string, phase: string) => eventually(async () => (await entries(needId)).at(-1), (entry) => entry?.phase === phase);

const form = (url: string, item: object[] = [{ linkId: 'sleep', text: 'Где вы спите?', type: 'boolean' }, { linkId: 'note', type: 'string' }]) =>
  ({ zeta: 'last letter first', resourceType: 'Questionnaire', url, title: 'Night', status: 'draft', item });
const takenIn = async (url = `urn:test:${newId()}`) => (await supervisor.post(`${v1}/instruments`, form(url))).body.id as string;
const rule = (instrumentId: string, more: object = {}) => ({
  instrumentId, condition: `answer('sleep') = false`, needCode: 'housing', severity: 'high', explanation: { en: 'Sleeps nowhere', ru: 'Спать негде' }, ...more });
const deep = (innermost: object) => Array.from({ length: 40 }).reduce<object>((item, _, i) => ({ linkId: `l${i}`, type: 'group', item: [item] }), innermost);
const slept = (value: unknown) => ({ resourceType: 'QuestionnaireResponse', item: [{ linkId: 'sleep', answer: [{ valueBoolean: value }] }] });

describe('an instrument', () => {
  it('is taken in as FHIR, kept as sent, published, used, retired', async () => {
    const url = `urn:test:${newId()}`;
    const made = await supervisor.post(`${v1}/instruments`, form(url), { 'content-type': 'application/fhir+json' });
    expect(made).toMatchObject({ status: 201, body: { status: 'draft', instrumentVersion: 1, url, title: 'Night', notComputed: [] } });
    const path = made.headers.get('location')!;
    const document = await supervisor.get(`${path}/questionnaire`);
    expect(document.headers.get('content-type')).toMatch('application/fhir+json');
    expect(JSON.stringify(document.body)).toBe(JSON.stringify(form(url)));

    expect(await worker.get(path)).toMatchObject({ status: 200 });
    expect(await worker.post(`${v1}/screenings`, { clientId: await newClient(), instrumentId: made.body.id })).toMatchObject({ status: 409, body: { code: 'instrument-not-published' } });
    expect(await worker.post(`${path}/publish`, {})).toMatchObject({ status: 403 });
    expect(await supervisor.post(`${path}/publish`, {})).toMatchObject({ status: 200, body: { status: 'published' } });
    expect(await supervisor.post(`${path}/publish`, {})).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    expect((await worker.get(`${v1}/instruments`)).body.items.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining([made.body.id, starterInstrumentId]));
    expect(await supervisor.post(`${path}/retire`, {})).toMatchObject({ status: 200, body: { status: 'retired' } });
  });

  it('of the same url has the next version, also when two come at once', async () => {
    const url = `urn:test:${newId()}`;
    const made = await Promise.all([1, 2, 3].map(() => supervisor.post(`${v1}/instruments`, form(url))));
    expect(made.map(({ body }) => body.instrumentVersion).sort()).toEqual([1, 2, 3]);
  });

  it.each<[string, object | string, string]>([
    ['a linkId twice', form('urn:x', [{ linkId: 'a', type: 'string' }, { linkId: 'a', type: 'string' }]), '/item/1/linkId'],
    ['another resource', { resourceType: 'Patient' }, '/resourceType'],
    ['a list', [], '/resourceType'],
    ['many levels', form('urn:x', [deep({ linkId: 'a', type: 'string' })]), ''],
  ])('is refused with %s', async (_, document, pointer) => {
    expect(await supervisor.post(`${v1}/instruments`, document)).toMatchObject({ status: 422, body: { code: 'questionnaire-invalid', errors: [{ pointer }] } });
  });

  it('says what it does not compute, and is taken in all the same', async () => {
    const cql = { url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression', valueExpression: { language: 'text/cql', expression: 'X' } };
    const made = await supervisor.post(`${v1}/instruments`, form('urn:test:cql', [{ linkId: 'a', type: 'decimal', extension: [cql] }]));
    expect(made).toMatchObject({ status: 201, body: { notComputed: [{ linkId: 'a', language: 'text/cql', reason: 'language-not-evaluated' }] } });
  });

  it('of another agency is invisible as a draft and closed to changes', async () => {
    const id = await takenIn();
    const stranger = await harness.as('intake', { agency: 'elsewhere', roles: ['supervisor'] });
    expect(await stranger.get(`${v1}/instruments/${id}`)).toMatchObject({ status: 404 });
    expect(await stranger.post(`${v1}/instruments/${starterInstrumentId}/retire`, {})).toMatchObject({ status: 404 });
    expect(await stranger.get(`${v1}/instruments/${starterInstrumentId}`)).toMatchObject({ status: 200 });
  });
});

describe('a need rule', () => {
  it('has versions, and each need names the one that found it', async () => {
    const instrumentId = await takenIn();
    await supervisor.post(`${v1}/instruments/${instrumentId}/publish`, {});
    const made = await supervisor.post(`${v1}/need-rules`, rule(instrumentId));
    expect(made).toMatchObject({ status: 201, body: { ruleVersion: 1, status: 'active' } });
    const path = made.headers.get('location')!;
    expect(await supervisor.post(`${path}/versions`, rule(instrumentId, { severity: 'low', instrumentId: undefined }))).toMatchObject({ status: 200, body: { ruleVersion: 2, versions: [{ severity: 'high' }, { severity: 'low' }] } });

    const clientId = await newClient();
    const done = await worker.post(`${v1}/screenings/${await planned(clientId, instrumentId)}/complete`, slept(false), { 'content-type': 'application/fhir+json' });
    expect(done).toMatchObject({ status: 200, body: { rules: [{ ruleId: made.body.id, ruleVersion: 2, outcome: 'met' }] } });
    expect(await needsOf(clientId)).toMatchObject([{ needCode: 'housing', severity: 'low', evidence: [{ ruleId: made.body.id, ruleVersion: 2, answers: ['sleep'], explanation: { ru: 'Спать негде' } }] }]);

    expect(await supervisor.post(`${path}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 200, body: { status: 'entered-in-error' } });
    expect(await needsOf(clientId)).toMatchObject([{ status: 'withdrawn', reason: 'rule-entered-in-error' }]);
    expect(await supervisor.post(`${v1}/instruments/${instrumentId}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 409, body: { code: 'instrument-used' } });
  });

  it.each([
    ['does not parse', { condition: `answer('sleep` }, 'condition-invalid', { pointer: '/condition', code: 'does-not-parse' }],
    ['names no item', { condition: `score('nobody') > 1` }, 'condition-invalid', { pointer: '/condition', code: 'unknown-linkId' }],
    ['is endless', { condition: `answer('sleep') = true${' or true'.repeat(400)}` }, 'invalid-request', { pointer: '/condition' }],
    ['finds an unknown need', { needCode: 'boats' }, 'invalid-request', { pointer: '/needCode' }],
    ['belongs to no instrument', { instrumentId: newId() }, 'instrument-unknown', { pointer: '/instrumentId' }],
  ])('is refused when it %s', async (_, more, code, error) => {
    expect(await supervisor.post(`${v1}/need-rules`, rule(await takenIn(), more))).toMatchObject({ status: 422, body: { code, errors: [error] } });
  });
});

describe('a screening', () => {
  it('finds needs in the answers, with the evidence, and puts them into the plan', async () => {
    const clientId = await newClient();
    const id = await planned(clientId);
    const done = await worker.post(`${v1}/screenings/${id}/complete`, { response: hungryAndHomeless });
    expect(done).toMatchObject({ status: 200, body: { status: 'completed', instrumentVersion: 1, scores: expect.arrayContaining([expect.objectContaining({ linkId: 'food-score', value: 3 })]) } });
    expect(done.headers.get('opora-plan-entry')).toMatch(/^intake\/.*@1$/);

    const needs = await needsOf(clientId);
    expect(needs.map(({ needCode, severity, status }) => [needCode, severity, status]).sort()).toEqual([['food', 'high', 'identified'], ['housing', 'critical', 'identified']]);
    expect(needs.find(({ needCode }) => needCode === 'food').evidence).toMatchObject([{ source: 'screening', screeningId: id, ruleVersion: 1, answers: expect.arrayContaining(['food-now']) }]);
    expect([...done.body.needs].sort()).toEqual(needs.map((need) => need.id).sort());
    for (const need of needs) {
      expect(await latest(need.id, 'proposed')).toMatchObject({ kind: 'need', clientId, agency: 'centre', dataClass: 'D1', title: { system: 'urn:opora:need', code: need.needCode }, because: [], needs: [], actions: [] });
    }
    const response = await worker.get(`${v1}/screenings/${id}/response`);
    expect(response).toMatchObject({ status: 200, body: { resourceType: 'QuestionnaireResponse', status: 'completed' } });
    expect(await worker.post(`${v1}/screenings/${id}/complete`, { response: hungryAndHomeless })).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
  });

  it('is filled in by and by', async () => {
    const clientId = await newClient();
    const id = await planned(clientId);
    const path = `${v1}/screenings/${id}`;
    expect(await worker.put(`${path}/response`, { response: hungryAndHomeless })).toMatchObject({ status: 428 });
    expect(await worker.put(`${path}/response`, hungryAndHomeless, { 'if-match': '"1"', 'content-type': 'application/fhir+json' })).toMatchObject({ status: 200, body: { status: 'in-progress', needs: [] } });
    expect(await worker.put(`${path}/response`, { response: hungryAndHomeless }, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    expect(await worker.post(`${path}/amend`, { response: hungryAndHomeless })).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    const key = { 'idempotency-key': newId() };
    expect(await worker.post(`${path}/complete`, {}, key)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await worker.post(`${path}/complete`, {}, key)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await needsOf(clientId)).toHaveLength(2);
  });

  it.each<[string, Record<string, string>, unknown, string]>([
    ['wrapped', {}, { response: answers({ food: { 'food-now': 'SECRET-ANSWER' } }) }, '/response/item/0/item/0/answer/0/valueCoding'],
    ['bare', { 'content-type': 'application/fhir+json' }, answers({ food: { 'food-now': 'SECRET-ANSWER' } }), '/item/0/item/0/answer/0/valueCoding'],
    ['no response', {}, { response: { resourceType: 'SECRET-ANSWER' } }, '/response'],
    ['many levels', {}, { response: { resourceType: 'QuestionnaireResponse', item: [deep({ linkId: 'SECRET-ANSWER' })] } }, '/response'],
  ])('says where a broken response is wrong, and keeps nothing: %s', async (_, headers, body, pointer) => {
    const clientId = await newClient();
    const id = await planned(clientId);
    const refused = await worker.post(`${v1}/screenings/${id}/complete`, body, headers);
    expect(refused).toMatchObject({ status: 422, body: { code: 'response-invalid', errors: [{ pointer }] } });
    expect(JSON.stringify(refused.body)).not.toMatch('SECRET');
    expect((await worker.get(`${v1}/screenings/${id}`)).body).toMatchObject({ status: 'planned' });
    expect(await needsOf(clientId)).toEqual([]);
  });

  it('is only for clients of the own agency', async () => {
    const clientId = await newClient();
    const stranger = await harness.as('intake', { agency: 'elsewhere', roles: ['intake-worker'] });
    const [theirs, nobodys] = await Promise.all([clientId, newId()].map((one) => stranger.post(`${v1}/screenings`, { clientId: one, instrumentId: starterInstrumentId })));
    expect(theirs).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(theirs!.body).toEqual(nobodys!.body);
    const { id } = await completed(clientId);
    expect(await stranger.get(`${v1}/screenings/${id}`)).toMatchObject({ status: 404 });
    expect(await stranger.post(`${v1}/screenings/${id}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 404 });
    expect(await (await asClient(clientId)).get(`${v1}/screenings/${id}`)).toMatchObject({ status: 200 });
    expect(await (await asClient(newId())).get(`${v1}/screenings/${id}`)).toMatchObject({ status: 404 });
  });

  it('recorded by mistake takes its needs and their plan entries with it', async () => {
    const clientId = await newClient();
    const { id } = await completed(clientId);
    const [food, housing] = [await needOf(clientId, 'food'), await needOf(clientId, 'housing')];
    await worker.post(`${v1}/needs/${food.id}/confirm`, { withClient: true });
    await worker.post(`${v1}/needs`, { clientId, needCode: 'housing', severity: 'low', source: 'organisation', reason: 'The hostel wrote' });
    const gone = await worker.post(`${v1}/screenings/${id}/enter-in-error`, { reason: 'wrong-person' });
    expect(gone).toMatchObject({ status: 200, body: { status: 'entered-in-error', scores: [] } });
    expect(await needOf(clientId, 'food')).toMatchObject({ status: 'entered-in-error' });
    expect(await latest(food.id, 'ended')).toMatchObject({ reason: { code: 'entered-in-error' } });
    // Somebody else had named this one too.
    expect(await needOf(clientId, 'housing')).toMatchObject({ id: housing.id, status: 'identified', severity: 'low', evidence: [{ withdrawn: 'screening-entered-in-error' }, { source: 'organisation' }] });
    expect(await worker.get(`${v1}/screenings/${id}/response`)).toMatchObject({ status: 404 });
  });

  it('amended: what no longer follows is withdrawn or flagged, what is new is found', async () => {
    const clientId = await newClient();
    const { id } = await completed(clientId);
    const [food, housing] = [await needOf(clientId, 'food'), await needOf(clientId, 'housing')];
    await worker.post(`${v1}/needs/${housing.id}/confirm`, { withClient: true });
    const amended = await worker.post(`${v1}/screenings/${id}/amend`, { response: answers({ income: { 'income-enough': 'never' } }) });
    expect(amended).toMatchObject({ status: 200, body: { status: 'amended' } });
    expect(await needOf(clientId, 'food')).toMatchObject({ status: 'withdrawn', reason: 'screening-amended' });
    expect(await latest(food.id, 'ended')).toMatchObject({ reason: { code: 'screening-amended' } });
    expect(await needOf(clientId, 'housing')).toMatchObject({ status: 'confirmed', flag: 'screening-amended' });
    expect(await needOf(clientId, 'income')).toMatchObject({ status: 'identified', severity: 'moderate' });

    await worker.post(`${v1}/screenings/${id}/amend`, { response: hungryAndHomeless });
    const again = await needsOf(clientId);
    expect(again.filter(({ status }) => status === 'identified').map(({ needCode }) => needCode)).toEqual(['food']);
    expect(again.find(({ id: known }) => known === housing.id)).toMatchObject({ status: 'confirmed' });
    expect(again.find(({ id: known }) => known === housing.id).flag).toBeUndefined();
  });

  it('done twice adds evidence to the open needs, also when both end at once', async () => {
    const clientId = await newClient();
    const ids = [await planned(clientId), await planned(clientId), await planned(clientId)];
    const done = await Promise.all(ids.map((id) => worker.post(`${v1}/screenings/${id}/complete`, { response: hungryAndHomeless })));
    expect(done.map(({ status }) => status)).toEqual([200, 200, 200]);
    const needs = await needsOf(clientId);
    expect(needs.map(({ needCode, evidence }) => [needCode, evidence.length]).sort()).toEqual([['food', 3], ['housing', 3]]);
  });
});

describe('a need', () => {
  const named = async (more: object = {}, caller = worker, clientId?: string) => {
    const whose = clientId ?? await newClient();
    return { clientId: whose, ...(await caller.post(`${v1}/needs`, { clientId: whose, needCode: 'safety', severity: 'high', reason: 'Боится вернуться домой', ...more })) };
  };

  it('named by a person carries the reason, and special data are marked as such', async () => {
    const { status, body } = await named();
    expect({ status, body }).toMatchObject({ status: 201, body: { status: 'identified', evidence: [{ source: 'practitioner', by: 'worker-1', reason: 'Боится вернуться домой' }] } });
    expect(await latest(body.id, 'proposed')).toMatchObject({ dataClass: 'D2' });
  });

  it('named by the client is the client’s own word; again, it is evidence of the same need', async () => {
    const clientId = await newClient();
    const client = await asClient(clientId);
    const first = await named({ source: 'organisation' }, client, clientId);
    expect(first).toMatchObject({ status: 201, body: { evidence: [{ source: 'client' }] } });
    const second = await named({ severity: 'critical' }, worker, clientId);
    expect(second).toMatchObject({ status: 200, body: { id: first.body.id, severity: 'critical', evidence: [{ source: 'client' }, { source: 'practitioner' }] } });
    expect(await named({}, client, await newClient())).toMatchObject({ status: 404 });
  });

  it('is confirmed with the client: once, even at once', async () => {
    const { body, clientId } = await named();
    const path = `${v1}/needs/${body.id}`;
    expect(await worker.post(`${path}/close`, { outcome: 'met' })).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    expect(await worker.post(`${path}/confirm`, {})).toMatchObject({ status: 422, body: { code: 'client-not-involved', errors: [{ pointer: '/withClient' }] } });
    const client = await asClient(clientId);
    const both = await Promise.all([client.post(`${path}/confirm`, {}), worker.post(`${path}/confirm`, { onBehalfOf: clientId })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await latest(body.id, 'active')).toMatchObject({ version: 2 });
    expect(await worker.post(`${path}/close`, { outcome: 'unmet' })).toMatchObject({ status: 200, body: { status: 'unmet' } });
    expect(await latest(body.id, 'ended')).toMatchObject({ reason: { code: 'unmet' } });
    expect(await worker.post(`${path}/withdraw`, { reason: 'other' })).toMatchObject({ status: 409 });
    expect(await worker.post(`${path}/enter-in-error`, { reason: 'duplicate' })).toMatchObject({ status: 200, body: { status: 'entered-in-error' } });
    expect(await worker.post(`${path}/confirm`, { withClient: true })).toMatchObject({ status: 404 });
  });

  it('withdrawn for a reason of the list leaves room for a new one', async () => {
    const { body, clientId } = await named();
    expect(await worker.post(`${v1}/needs/${body.id}/withdraw`, { reason: 'screening-amended' })).toMatchObject({ status: 422 });
    expect(await worker.post(`${v1}/needs/${body.id}/withdraw`, { reason: 'client-disagrees' })).toMatchObject({ status: 200, body: { status: 'withdrawn', reason: 'client-disagrees' } });
    expect(await named({}, worker, clientId)).toMatchObject({ status: 201 });
  });

  it('is addressed while active goals name it, whatever is heard twice or late, and open again after the last', async () => {
    const { body, clientId } = await named();
    await worker.post(`${v1}/needs/${body.id}/confirm`, { withClient: true });
    const [first, second] = [newId(), newId()];
    const said = (entryId: string, phase: 'proposed' | 'active' | 'ended', version: number, needs = [body.id]) => harness.say(planEntryRecorded, {
      module: 'counselling', entryId, version, aggregate: { id: newId(), version }, recordedAt: harness.clock.now(), clientId, agency: 'centre', kind: 'goal', phase,
      title: { system: 'urn:opora:goal', code: 'safe-home', en: 'A safe home', ru: 'Безопасный дом' }, dataClass: 'D1', because: [],
      needs: [...needs, newId()].map((id) => ({ module: 'intake', id })), actions: [],
    }, { source: 'counselling', key: `counselling/${entryId}`, sequence: version });
    const facts = async () => (await harness.database.query<{ type: string }>(`select type from intake.fact where aggregate_id = $1 order by sequence`, [body.id])).map(({ type }) => type.replace('intake.need-', ''));
    const heard = (goal: string, version: number) => eventually(
      () => harness.database.query<{ version: string }>('select version from intake.head where key = $1', [`counselling/${goal}`]), ([head]) => Number(head?.version) === version);
    const status = (wanted: string) => eventually(() => needOf(clientId, 'safety'), (need) => need.status === wanted);

    await said(first, 'proposed', 1);
    await said(first, 'active', 2);
    await said(first, 'active', 2);
    await status('addressed');
    await said(second, 'active', 2);
    await heard(second, 2);
    await said(first, 'ended', 3);
    // As after a replay.
    await said(first, 'active', 2);
    await heard(first, 3);
    await said(second, 'active', 3, []);
    await status('confirmed');
    await said(first, 'active', 2);
    await said(second, 'active', 4);
    await status('addressed');
    await Promise.all([said(first, 'ended', 4), said(second, 'ended', 5)]);
    await status('confirmed');
    expect(await facts()).toEqual(['identified', 'confirmed', 'addressed', 'addressed', 'reopened', 'addressed', 'reopened']);
    expect(await entries(body.id)).toHaveLength(2);
  });

  it('of another agency’s client does not exist', async () => {
    const { body } = await named();
    const stranger = await harness.as('intake', { agency: 'elsewhere', roles: ['intake-worker'] });
    expect(await stranger.get(`${v1}/needs/${body.id}`)).toMatchObject({ status: 404 });
    expect(await stranger.post(`${v1}/needs/${body.id}/confirm`, { withClient: true })).toMatchObject({ status: 404 });
    expect((await stranger.get(`${v1}/needs?clientId=${body.clientId}`)).body.items).toEqual([]);
  });
});

it('lets no answer, score or text out of the schema', async () => {
  const clientId = await newClient();
  const canary = 'CANARY-о-доме';
  await worker.post(`${v1}/needs`, { clientId, needCode: 'housing', severity: 'low', reason: canary });
  const { id } = await completed(clientId);
  const housing = await needOf(clientId, 'housing');
  await eventually(() => entries(housing.id), (found) => found.length === 1);
  await eventually(() => harness.database.query(`select 1 from event_log.record where headers->>'ce_subject' = $1 and headers->>'ce_type' = 'intake.screening-completed'`, [id]), (rows) => rows.length === 1);
  const outside = await harness.database.query(`select convert_from(value, 'utf8') as value, headers::text as headers from event_log.record`);
  expect(outside.length).toBeGreaterThan(20);
  expect(JSON.stringify([outside, harness.log])).not.toMatch(/CANARY|nowhere|housing-place|food-now|food-score|Боится|hostel/);
  // The control: inside, it is all there.
  expect(await harness.database.query(`select 1 from intake.need where state::text like $1`, [`%${canary}%`])).toHaveLength(1);
});

it('ships a screening with its rules once, however often it starts', async () => {
  const restarted = await startHarness([]);
  try {
    const first = await restarted.boot(Intake);
    await first.close();
    await restarted.boot(Intake);
    const newcomer = await restarted.as('intake', { agency: 'anywhere', roles: ['intake-worker'] });
    expect((await newcomer.get(`${v1}/instruments`)).body.items).toMatchObject([{ id: starterInstrumentId, status: 'published' }]);
    expect((await newcomer.get(`${v1}/need-rules?instrumentId=${starterInstrumentId}`)).body.items).toHaveLength(19);
    expect(await restarted.database.query('select version from intake.instrument')).toEqual([{ version: 2 }]);
  } finally {
    await restarted.close();
  }
});
