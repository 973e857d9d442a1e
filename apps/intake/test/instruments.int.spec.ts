import { newId } from '@opora/messaging';
import { startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';
import { starterInstrumentId } from '../src/starter.js';

let harness: Harness;
let worker: Caller;
let supervisor: Caller;
let elsewhere: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  supervisor = await harness.as('intake', { sub: 'head-1', agency: 'centre', roles: ['supervisor'] });
  elsewhere = await harness.as('intake', { sub: 'head-2', agency: 'elsewhere', roles: ['supervisor', 'intake-worker'] });
});

afterAll(() => harness?.close());

const v1 = '/v1/intake';
const fhir = { 'content-type': 'application/fhir+json' };
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';
const calculated = (linkId: string, type: string, expression: string) => ({ linkId, type, text: `Item ${linkId}`, extension: [{ url: sdc, valueExpression: { language: 'text/fhirpath', expression } }] });
const strain = {
  resourceType: 'Questionnaire', url: `urn:test:${newId()}`, title: 'Strain', language: 'en', item: [
    { linkId: 'how-much', type: 'integer', text: 'How much, from 0 to 10?' }, calculated('total', 'integer', "%resource.item.where(linkId = 'how-much').answer.value"),
    calculated('band', 'string', "iif(%resource.item.where(linkId = 'how-much').answer.value > 5, 'heavy', 'light')"),
  ],
};
const amount = (valueInteger: number) => ({ resourceType: 'QuestionnaireResponse', item: [{ linkId: 'how-much', answer: [{ valueInteger }] }] });
const ranges = [{ from: 0, to: 4, code: 'low', text: { en: 'Little strain', ru: 'Нагрузка невелика' } }, { from: 5, to: 10, code: 'high', text: { en: 'Much strain', ru: 'Нагрузка велика' } }];
const scale = { least: 0, most: 10, ranges, source: 'Own decision' };
const none = { kind: 'none', text: { en: 'no interpretation agreed', ru: 'толкование не согласовано' } };

const takenIn = async (form: object = strain, by = supervisor) => (await by.post(`${v1}/instruments`, form, fhir)).body.id as string;
const published = async (form: object = strain) => {
  const id = await takenIn(form);
  expect(await supervisor.post(`${v1}/instruments/${id}/publish`, {})).toMatchObject({ status: 200 });
  return id;
};
const planned = async (instrumentId: string) => {
  const { body: client } = await worker.post(`${v1}/clients`, { anonymous: true });
  const { body } = await worker.post(`${v1}/screenings`, { clientId: client.id, instrumentId });
  return { path: `${v1}/screenings/${body.id}`, clientId: client.id as string };
};
const completed = async (instrumentId: string, response: object = amount(7), more: object = {}) => {
  const { path, clientId } = await planned(instrumentId);
  const { status, body } = await worker.post(`${path}/complete`, { response, ...more });
  expect([status, body.errors]).toEqual([200, undefined]);
  return { path, clientId, body };
};

describe('a document', () => {
  it('comes back as it was sent, to the last space and zero', async () => {
    const text = `{ "resourceType":"Questionnaire",\n "item": [{"type":"decimal","linkId":"a", "extension":[{"url":"urn:x","valueDecimal":1.50}] , "2":0,"1":1e2}] }`;
    const post = (type: string) => fetch(`${harness.url('intake')}${v1}/instruments`, { method: 'POST', body: text, headers: { 'content-type': type, authorization: `Bearer ${token}` } });
    const token = await harness.mint({ sub: 'head-1', agency: 'centre', roles: ['supervisor'] });
    for (const type of ['application/fhir+json', 'application/json']) {
      const made = await post(type);
      expect(made.status).toBe(201);
      const again = await fetch(`${harness.url('intake')}${made.headers.get('location')}/questionnaire`, { headers: { authorization: `Bearer ${token}` } });
      expect(await again.text()).toBe(text);
    }
  });

  it('of nearly 2 MB is taken in, and one beyond is not', async () => {
    const form = (count: number) => ({ resourceType: 'Questionnaire', item: Array.from({ length: count }, (_, i) => ({ linkId: `${i}`, type: 'string', text: 'x'.repeat(2000) })) });
    expect(await supervisor.post(`${v1}/instruments`, form(950), fhir)).toMatchObject({ status: 201 });
    expect(await supervisor.post(`${v1}/instruments`, form(1100), fhir)).toMatchObject({ status: 413 });
  });

  it('is read in the worker: what is no JSON, or could not be kept, is refused there', async () => {
    const token = await harness.mint({ sub: 'head-1', agency: 'centre', roles: ['supervisor'] });
    const post = async (body: string) => {
      const answer = await fetch(`${harness.url('intake')}${v1}/instruments`, { method: 'POST', body, headers: { ...fhir, authorization: `Bearer ${token}` } });
      return [answer.status, await answer.json()];
    };
    const form = (more: string) => `{"resourceType":"Questionnaire",${more}}`;
    for (const text of ['{"resourceType":', '', form('"item":[}')]) expect(await post(text)).toMatchObject([400, { code: 'unparsable' }]);
    expect(await post('[]')).toMatchObject([422, { errors: [{ code: 'not-a-questionnaire' }] }]);
    expect(await post(form('"item":[{"linkId":"a","type":"string","__proto__":{"required":true}}]'))).toMatchObject([422, { errors: [{ code: 'forbidden-name' }] }]);
    expect(await post(form('"title":"a\\u0000"'))).toMatchObject([422, { errors: [{ code: 'not-text', pointer: '/title' }] }]);
    expect(await post(form(`"x":${'['.repeat(900_000)}${']'.repeat(900_000)}`))).toMatchObject([422, { errors: [{ code: 'too-deep' }] }]);
    expect(await post(form(`"x":[${'1,'.repeat(900_000)}1]`))).toMatchObject([422, { errors: [{ code: 'too-many' }] }]);
    const key = { 'idempotency-key': newId() };
    const first = await supervisor.post(`${v1}/instruments`, strain, { ...fhir, ...key });
    expect(await supervisor.post(`${v1}/instruments`, strain, { ...fhir, ...key })).toMatchObject({ status: 201, body: { id: first.body.id } });
    expect(await supervisor.post(`${v1}/instruments`, { ...strain, title: 'Other' }, { ...fhir, ...key })).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('that lists more than anybody reads is refused', async () => {
    const item = Array.from({ length: 1001 }, (_, i) => ({ linkId: `${i}`, type: 'choice', answerValueSet: 'http://example.org/vs' }));
    expect(await supervisor.post(`${v1}/instruments`, { resourceType: 'Questionnaire', item }, fhir)).toMatchObject({ status: 422, body: { errors: [{ code: 'too-many-not-computed' }] } });
    expect(await supervisor.post(`${v1}/instruments`, { resourceType: 'Questionnaire', item: [{ linkId: 'x'.repeat(256), type: 'string' }] }, fhir)).toMatchObject({ status: 422, body: { errors: [{ code: 'linkId-too-long' }] } });
  });

  it('that takes too long is refused with a pointer, also while it asks nothing', async () => {
    const ten = '(1|2|3|4|5|6|7|8|9|10)';
    // Of time alone: who runs out of memory cannot say where.
    const endless = { resourceType: 'Questionnaire', item: [calculated('t', 'boolean', `${`${ten}.all(`.repeat(9)}true${')'.repeat(9)}`)] };
    expect(await supervisor.post(`${v1}/instruments`, endless, fhir)).toMatchObject({ status: 422, body: { code: 'questionnaire-invalid', errors: [{ code: 'limit-exceeded', pointer: '/item/0' }] } });
  });
});

describe('a form whose answers make it endless', () => {
  // Of time alone: who runs out of memory cannot say where.
  const lasting = `${'(1|2|3|4|5|6|7|8|9|10).all('.repeat(9)}true${')'.repeat(9)}`;
  const many = { resourceType: 'Questionnaire', item: [{ linkId: 'many', type: 'string', repeats: true }, calculated('t', 'integer', `iif(%resource.item.answer.count() > 1, iif(${lasting}, 1, 2), 3)`)] };
  const answers = { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'many', answer: Array.from({ length: 3000 }, (_, i) => ({ valueString: `a${i}` })) }] };

  it('is refused, keeps nothing, and keeps no other agency waiting', async () => {
    const { path } = await planned(await published(many));
    const own = await elsewhere.post(`${v1}/clients`, { anonymous: true });
    const other = await elsewhere.post(`${v1}/screenings`, { clientId: own.body.id, instrumentId: starterInstrumentId });
    const endless = Promise.all([1, 2, 3].map(() => worker.post(`${path}/complete`, { response: answers }, { 'idempotency-key': newId() })));
    const done = await Promise.race([endless.then(() => 'endless'), elsewhere.post(`${v1}/screenings/${other.body.id}/complete`, { response: { resourceType: 'QuestionnaireResponse' } }).then(({ status }) => status)]);
    expect(done).toBe(200);
    for (const refused of await endless) expect(refused).toMatchObject({ status: 422, body: { code: 'limit-exceeded', errors: [{ pointer: '/response', detail: expect.stringContaining('/item/1') }] } });
    expect((await worker.get(path)).body).toMatchObject({ status: 'planned', scores: [] });
  }, 60_000);
});

describe('an interpretation', () => {
  it('is agreed beside a version of an instrument, and shown with the scores from then on', async () => {
    const instrumentId = await published();
    const before = await completed(instrumentId);
    expect(before.body.scores).toMatchObject([{ linkId: 'total', value: 7, interpretation: none }]);
    expect(before.body.calculated).toMatchObject([{ linkId: 'total', interpretation: none }, { linkId: 'band', value: { valueString: 'heavy' }, interpretation: { kind: 'calculated', text: { en: 'heavy' } } }]);

    const made = await supervisor.post(`${v1}/interpretations`, { instrumentId, linkId: 'total', ...scale });
    expect(made).toMatchObject({ status: 201, body: { interpretationVersion: 1, status: 'active', step: 1, linkId: 'total' } });
    const path = made.headers.get('location')!;
    expect(await supervisor.get(path)).toMatchObject({ status: 200 });
    expect(await supervisor.post(`${v1}/interpretations`, { instrumentId, linkId: 'total', ...scale })).toMatchObject({ status: 409, body: { code: 'interpretation-exists' } });
    expect((await worker.get(before.path)).body.scores).toMatchObject([{ interpretation: none }]);

    const first = await completed(instrumentId);
    expect(first.body.scores).toMatchObject([{ interpretation: { kind: 'agreed', code: 'high', interpretationVersion: 1, text: { ru: 'Нагрузка велика' }, source: 'Own decision' } }]);
    const revised = [{ ...ranges[0], to: 7 }, { ...ranges[1], from: 8 }];
    expect(await supervisor.post(`${path}/versions`, { ...scale, ranges: revised })).toMatchObject({ status: 200, body: { interpretationVersion: 2, versions: [{}, {}] } });
    expect((await worker.get(first.path)).body.scores).toMatchObject([{ interpretation: { code: 'high', interpretationVersion: 1 } }]);
    expect((await completed(instrumentId)).body.scores).toMatchObject([{ interpretation: { code: 'low', interpretationVersion: 2 } }]);
    expect((await completed(instrumentId, amount(11))).body.scores).toMatchObject([{ interpretation: none }]);

    expect(await supervisor.post(`${path}/enter-in-error`, { reason: 'other' })).toMatchObject({ status: 200 });
    expect((await worker.get(first.path)).body.scores).toMatchObject([{ interpretation: none }]);
  });

  it('of another agency counts for nobody else; that of the keeper counts for those who have none', async () => {
    const instrumentId = await published();
    const made = await elsewhere.post(`${v1}/interpretations`, { instrumentId, linkId: 'total', ...scale });
    expect(made.status).toBe(201);
    expect(await supervisor.get(made.headers.get('location')!)).toMatchObject({ status: 404 });
    expect((await completed(instrumentId)).body.scores).toMatchObject([{ interpretation: none }]);
    const { body: own } = await elsewhere.post(`${v1}/clients`, { anonymous: true });
    const { body: screening } = await elsewhere.post(`${v1}/screenings`, { clientId: own.id, instrumentId: starterInstrumentId });
    const answers = { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'food', item: [{ linkId: 'food-now', answer: [{ valueCoding: { system: 'urn:opora:starter-screening-answer', code: 'none' } }] }] }] };
    const { body } = await elsewhere.post(`${v1}/screenings/${screening.id}/complete`, { response: answers });
    expect(body.scores).toContainEqual(expect.objectContaining({ linkId: 'food-score', interpretation: expect.objectContaining({ kind: 'agreed', code: 'much' }) }));
  });

  it.each([
    ['has a gap', { ranges: [ranges[0], { ...ranges[1], from: 6 }] }, 'interpretation-invalid', '/ranges/1/from'],
    ['is of no score', { linkId: 'how-much' }, 'no-score-item', '/linkId'],
    ['is of no instrument', { instrumentId: newId() }, 'instrument-unknown', '/instrumentId'],
  ])('is refused when it %s', async (_, more, code, pointer) => {
    expect(await supervisor.post(`${v1}/interpretations`, { instrumentId: await published(), linkId: 'total', ...scale, ...more })).toMatchObject({ status: 422, body: { code, errors: [{ pointer }] } });
  });

  it('needs a supervisor', async () => expect(await worker.post(`${v1}/interpretations`, { instrumentId: await published(), ...scale })).toMatchObject({ status: 403 }));
});

describe('a draft', () => {
  it('is tried against responses, with what every expression gave, and nothing is stored', async () => {
    const instrumentId = await takenIn();
    const rule = { instrumentId, condition: `score('total') > 5`, needCode: 'psychological', severity: 'high', explanation: { en: 'Heavy', ru: 'Тяжело' } };
    await supervisor.post(`${v1}/need-rules`, rule);
    const rows = async () => (await harness.database.query<{ count: string }>('select (select count(*) from intake.screening) + (select count(*) from intake.need) + (select count(*) from intake.fact) as count'))[0]!.count;
    const before = await rows();
    const tried = await supervisor.post(`${v1}/instruments:try`, { instrumentId, responses: [amount(7), { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'nobody' }] }] });
    expect(tried).toMatchObject({ status: 200, body: { results: [
      { valid: true, errors: [], scores: [{ value: 7, interpretation: none }], rules: [{ outcome: 'met' }] }, { valid: false, errors: [{ code: 'unknown-linkId', pointer: '/item/0/linkId' }], trace: [] }] } });
    expect(tried.body.results[0].trace).toEqual(expect.arrayContaining([
      expect.objectContaining({ kind: 'calculated', linkId: 'total', values: [{ value: 7 }] }), expect.objectContaining({ kind: 'calculated', linkId: 'band', values: [{ value: 'heavy' }] }),
      { kind: 'condition', expression: rule.condition, values: [{ value: true }] }]));
    expect(await rows()).toBe(before);
    expect(await elsewhere.post(`${v1}/instruments:try`, { instrumentId, responses: [amount(7)] })).toMatchObject({ status: 404 });
    expect(await worker.post(`${v1}/instruments:try`, { instrumentId, responses: [amount(7)] })).toMatchObject({ status: 403 });
  });
});

describe('a screening', () => {
  const withRule = async () => {
    const instrumentId = await published();
    const { body } = await supervisor.post(`${v1}/need-rules`, { instrumentId, condition: `score('total') > 5 or answer('how-much') > 8`, needCode: 'psychological', severity: 'high', explanation: { en: 'It is heavy.', ru: 'Это тяжело.' } });
    return { instrumentId, ruleId: body.id as string };
  };

  it('says why it found each need, in words', async () => {
    const { instrumentId, ruleId } = await withRule();
    await supervisor.post(`${v1}/interpretations`, { instrumentId, linkId: 'total', ...scale });
    const { path } = await completed(instrumentId);
    const why = await worker.get(`${path}/why`);
    expect(why).toMatchObject({ status: 200, body: { instrumentId, needs: [{ needCode: 'psychological', title: { ru: 'Психологическая поддержка' }, status: 'identified', grounds: [{
      ruleId, ruleVersion: 1, outcome: 'met', stands: true, condition: `score('total') > 5 or answer('how-much') > 8`, explanation: { en: 'It is heavy.' },
      answers: [{ linkId: 'how-much', question: { en: 'How much, from 0 to 10?' }, answers: [{ en: '7' }] }], scores: [{ linkId: 'total', value: 7, interpretation: { ru: 'Нагрузка велика' } }] }] }] } });
    const { inWords } = why.body.needs[0].grounds[0];
    expect(inWords.en).toBe(`The need “Psychological support” was found. It is heavy. Rule, version 1; condition: score('total') > 5 or answer('how-much') > 8. Answers that it read: How much, from 0 to 10? — 7. Scores that it read: Item total: 7 (Much strain).`);
    expect(inWords.ru).toMatch(/^Выявлена потребность «Психологическая поддержка»\. Это тяжело\./);
    expect(await elsewhere.get(`${path}/why`)).toMatchObject({ status: 404 });
  });

  it('amended says which needs changed, and why; by the version that it began with', async () => {
    const { instrumentId, ruleId } = await withRule();
    const { path, body } = await completed(instrumentId);
    expect(body.changes).toEqual([]);
    const newer = await published({ ...strain, item: [strain.item[0], calculated('total', 'integer', '100')] });
    expect(newer).not.toBe(instrumentId);
    await supervisor.post(`${v1}/instruments/${instrumentId}/retire`, {});
    const key = { 'idempotency-key': newId() };
    const amend = () => worker.post(`${path}/amend`, { response: amount(2) }, key);
    const amended = await amend();
    const changes = [{ needId: body.needs[0], needCode: 'psychological', change: 'withdrawn', because: [{ ruleId, ruleVersion: 1, was: 'met', is: 'not-met', answers: ['how-much'] }] }];
    expect(amended).toMatchObject({ status: 200, body: { instrumentVersion: body.instrumentVersion, scores: [{ value: 2 }], changes } });
    expect((await amend()).body.changes).toEqual(changes);
    expect((await worker.get(`${path}/why`)).body).toMatchObject({ needs: [{ status: 'withdrawn', grounds: [{ stands: false, outcome: 'not-met', reason: 'screening-amended' }] }] });
    expect((await worker.post(`${path}/amend`, { response: amount(9) })).body).toMatchObject({ changes: expect.arrayContaining([expect.objectContaining({ change: 'found', because: [expect.objectContaining({ was: 'not-met', is: 'met' })] })]) });
  });

  it('comes back on paper, on behalf of the client', async () => {
    const { path, clientId } = await planned(starterInstrumentId);
    const occurredAt = '2026-01-02T10:00:00.000Z';
    const done = await worker.post(`${path}/complete`, { channel: 'paper', occurredAt, response: { resourceType: 'QuestionnaireResponse' } });
    expect(done).toMatchObject({ status: 200, body: { status: 'completed', channel: 'paper' } });
    const rows = await harness.database.query(`select on_behalf_of, recorded_by from intake.fact where aggregate_id = $1 and type = 'intake.screening-completed'`, [path.split('/').at(-1)]);
    expect(rows).toEqual([{ on_behalf_of: clientId, recorded_by: 'worker-1' }]);
  });
});

it('prints a form for paper, in both languages, and lets it run nothing', async () => {
  const print = async (query: string, headers: Record<string, string> = {}) => {
    const token = await harness.mint({ sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
    return fetch(`${harness.url('intake')}${v1}/instruments/${starterInstrumentId}/print${query}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
  };
  const en = await print('');
  expect([en.status, en.headers.get('content-type'), en.headers.get('x-content-type-options')]).toEqual([200, 'text/html; charset=utf-8', 'nosniff']);
  expect(en.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(await en.text()).toContain('Where do you live now?');
  for (const ru of [await print('?language=ru'), await print('', { 'accept-language': 'ru' })]) expect(await ru.text()).toContain('Где вы сейчас живёте?');
  expect((await print('?language=xx')).status).toBe(422);
});
