import { newId } from '@opora/messaging';
import { startHarness, type Caller, type Harness } from '@opora/testing';
import { v4, v5 } from 'uuid';
import { Intake } from '../src/intake.module.js';
import { starterInstrumentId } from '../src/starter.js';

let harness: Harness;
let worker: Caller;
let supervisor: Caller;
let neighbour: Caller;
let lawyer: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  [worker, supervisor, neighbour, lawyer] = await Promise.all([
    { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] }, { sub: 'head-1', agency: 'centre', roles: ['supervisor'] },
    { sub: 'head-2', agency: 'bureau', roles: ['supervisor', 'intake-worker'] }, { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] },
  ].map((who) => harness.as('intake', who))) as [Caller, Caller, Caller, Caller];
});

afterAll(() => harness?.close());

const v1 = '/v1/intake';
const notFound = { status: 404, body: { code: 'not-found' } };
const asClient = (clientId: string) => harness.as('intake', { sub: `client-${clientId}`, roles: ['client'], opora_client: clientId });
const answers = { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'food', item: [{ linkId: 'food-now', answer: [{ valueCoding: { system: 'urn:opora:starter-screening-answer', code: 'none' } }] }] }] };
const registered = async (body: object = { anonymous: true }): Promise<string> => (await worker.post(`${v1}/clients`, body)).body.id;

/** Of a person who lets the bureau take part, as far as these classes of data go. */
const shared = async (...dataClasses: string[]): Promise<string> => {
  const clientId = await registered();
  const consent = { purpose: 'coordination', recipients: ['bureau'], dataClasses, legalBasis: 'consent' };
  expect(await worker.post(`${v1}/clients/${clientId}/consents`, consent)).toMatchObject({ status: 201 });
  return clientId;
};

it('consent to coordination opens no record, answer or text to another agency', async () => {
  const clientId = await shared('D1', 'D2');
  const { body: request } = await worker.post(`${v1}/help-requests`, { source: 'relative', clientId, text: 'not for others' });
  const { body: screening } = await worker.post(`${v1}/screenings`, { clientId, instrumentId: starterInstrumentId });
  const { body: { needs: [needId] } } = await worker.post(`${v1}/screenings/${screening.id}/complete`, { response: answers });
  const details = [`screenings/${screening.id}`, `screenings/${screening.id}/response`, `needs/${needId}`, `help-requests/${request.id}`];
  for (const path of details) {
    expect(await neighbour.get(`${v1}/${path}`)).toMatchObject(notFound);
    expect(await worker.get(`${v1}/${path}`)).toMatchObject({ status: 200 });
    expect(await (await asClient(clientId)).get(`${v1}/${path}`)).toMatchObject({ status: 200 });
    expect(await (await asClient(newId())).get(`${v1}/${path}`)).toMatchObject(notFound);
  }
  for (const path of ['', '/consents', '/looks']) expect(await neighbour.get(`${v1}/clients/${clientId}${path}`)).toMatchObject(notFound);
  for (const list of ['screenings', 'needs', 'help-requests']) expect((await neighbour.get(`${v1}/${list}?clientId=${clientId}`)).body).toEqual({ items: [] });
  expect((await neighbour.post(`${v1}/clients:display`, { ids: [clientId] })).body.items).toMatchObject([{ id: clientId }]);
});

it('nor does it tell whose phone number it is', async () => {
  const contacts = [{ kind: 'phone', value: '+7 905 000-00-05', safeToContact: false }];
  const clientId = await registered({ anonymous: true, contacts });
  await worker.post(`${v1}/clients/${clientId}/consents`, { purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' });
  expect(await worker.post(`${v1}/clients`, { anonymous: true, contacts })).toMatchObject({ status: 409 });
  expect(await neighbour.post(`${v1}/clients`, { anonymous: true, contacts })).toMatchObject({ status: 201 });
});

it('rules are seen with their instrument: drafts by the own agency, what is published by all staff', async () => {
  const questionnaire = { resourceType: 'Questionnaire', url: `urn:test:${newId()}`, item: [{ linkId: 'sleep', type: 'boolean' }] };
  const { body: { id: instrumentId } } = await supervisor.post(`${v1}/instruments`, questionnaire);
  const { body: rule } = await supervisor.post(`${v1}/need-rules`, { instrumentId, condition: `answer('sleep') = false`, needCode: 'housing', severity: 'high', explanation: { en: 'No', ru: 'Нет' } });
  const seen = async (by: Caller) => [(await by.get(`${v1}/need-rules/${rule.id}`)).status, (await by.get(`${v1}/need-rules?instrumentId=${instrumentId}`)).body.items.length,
    (await by.get(`${v1}/need-rules?limit=200`)).body.items.filter(({ id }: { id: string }) => id === rule.id).length];
  expect(await seen(worker)).toEqual([200, 1, 1]);
  for (const by of [neighbour, lawyer]) expect(await seen(by)).toEqual([404, 0, 0]);
  expect(await neighbour.post(`${v1}/screenings`, { clientId: await registered(), instrumentId })).toMatchObject(notFound);
  await supervisor.post(`${v1}/instruments/${instrumentId}/publish`, {});
  for (const by of [neighbour, lawyer]) expect(await seen(by)).toEqual([200, 1, 1]);
});

it('the person, and who watches over the agency, see who looked: newest first, page by page', async () => {
  const clientId = await shared('D1');
  await worker.get(`${v1}/clients/${clientId}`);
  await lawyer.post(`${v1}/clients:display`, { ids: [clientId], purpose: 'appointment' });
  const at = harness.clock.now();
  const looks = [{ at, by: 'lawyer-1', what: 'displayed', purpose: 'appointment' }, { at, by: 'worker-1', what: 'read' }];
  const auditor = await harness.as('intake', { agency: 'centre', roles: ['auditor'] });
  for (const by of [await asClient(clientId), auditor, supervisor]) expect(await by.get(`${v1}/clients/${clientId}/looks`)).toMatchObject({ status: 200, body: { items: looks } });
  const first = (await auditor.get(`${v1}/clients/${clientId}/looks?limit=1`)).body;
  expect(first.items).toEqual(looks.slice(0, 1));
  expect((await auditor.get(`${v1}/clients/${clientId}/looks?limit=1&cursor=${first.next}`)).body).toEqual({ items: looks.slice(1) });
  expect(await worker.get(`${v1}/clients/${clientId}/looks`)).toMatchObject({ status: 403 });
  const elsewhere = await harness.as('intake', { agency: 'bureau', roles: ['auditor'] });
  for (const by of [elsewhere, neighbour, await asClient(newId())]) expect(await by.get(`${v1}/clients/${clientId}/looks`)).toMatchObject(notFound);
});

describe('a need named in another module', () => {
  const name = (clientId: string, by: Caller, more: object = {}) => by.post(`${v1}/needs`, { clientId, needCode: 'legal', severity: 'high', reason: 'Told in the consultation', ...more });

  it('belongs to the agency that keeps the record; whoever named it gets back no more than that', async () => {
    const clientId = await shared('D1');
    const made = await name(clientId, lawyer);
    expect(made).toMatchObject({ status: 201, body: { status: 'identified', evidence: [{ source: 'practitioner', by: 'lawyer-1' }] } });
    expect(await worker.get(`${v1}/needs/${made.body.id}`)).toMatchObject({ status: 200, body: { evidence: [{ by: 'lawyer-1' }] } });
    expect(await lawyer.get(`${v1}/needs/${made.body.id}`)).toMatchObject(notFound);
    await name(clientId, worker, { severity: 'critical', reason: 'For the centre only' });
    const again = await name(clientId, lawyer, { severity: 'low' });
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, severity: 'low', evidence: [{ by: 'lawyer-1' }] } });
    expect(again.body.evidence).toHaveLength(1);
    expect(JSON.stringify(again.body)).not.toMatch('For the centre only');
  });

  it('needs the record of the own agency, or consent for such data', async () => {
    const inHouse = await harness.as('intake', { agency: 'centre', roles: ['psychosocial:practitioner'] });
    expect(await name(await registered(), inHouse)).toMatchObject({ status: 201 });
    expect(await name(await registered(), lawyer)).toMatchObject(notFound);
    expect(await name(await shared('D1'), lawyer, { needCode: 'safety' })).toMatchObject(notFound);
    expect(await name(await shared('D1', 'D2'), lawyer, { needCode: 'safety' })).toMatchObject({ status: 201 });
    const refused = await name(await registered(), await harness.as('intake', { agency: 'centre', roles: ['auditor'] }));
    expect(refused).toMatchObject({ status: 403, body: { detail: 'This needs one of the roles client, intake-worker, counsellor, supervisor, practitioner of any module' } });
  });
});

describe('an id made on a device', () => {
  const bodies: [string, (clientId: string) => object][] = [
    ['clients', () => ({ anonymous: true })], ['help-requests', () => ({ source: 'outreach' })], ['screenings', (clientId) => ({ clientId, instrumentId: starterInstrumentId })],
    ['needs', (clientId) => ({ clientId, needCode: 'food', severity: 'low', reason: 'Hungry' })],
  ];

  it.each(bodies)('is taken for %s, once, and by nothing else', async (list, body) => {
    const clientId = await registered();
    for (const id of [newId(), v4()]) {
      const made = await worker.post(`${v1}/${list}`, { ...body(await registered()), id });
      expect(made).toMatchObject({ status: 201, body: { id } });
      expect(made.headers.get('location')).toBe(`${v1}/${list}/${id}`);
      for (const [other, otherBody] of bodies) expect(await worker.post(`${v1}/${other}`, { ...otherBody(clientId), id })).toMatchObject({ status: 409, body: { code: 'id-taken' } });
    }
    expect((await worker.get(`${v1}/needs?clientId=${clientId}`)).body.items).toEqual([]);
  });

  it.each(['1', v5('x', newId())])('is a UUID of version 7 or 4, not %s', async (id) => {
    expect(await worker.post(`${v1}/clients`, { anonymous: true, id })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/id' }] } });
  });

  it('does not come with a correction', async () => {
    const id = await registered();
    expect(await worker.put(`${v1}/clients/${id}`, { anonymous: true, id }, { 'if-match': '"1"' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/id' }] } });
  });

  it('is not the need’s when the need was open already', async () => {
    const clientId = await registered();
    const name = (id: string) => worker.post(`${v1}/needs`, { id, clientId, needCode: 'food', severity: 'low', reason: 'Hungry' });
    const first = newId();
    expect(await name(first)).toMatchObject({ status: 201 });
    expect(await name(newId())).toMatchObject({ status: 200, body: { id: first } });
    expect(await name(first)).toMatchObject({ status: 409, body: { code: 'id-taken' } });
  });
});
