import { policyText } from '@opora/access';
import { newId } from '@opora/messaging';
import { startHarness, type Caller, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';

/** A second integrator, let in as an agency would: by a policy and a role in the program's token. */
const registry = `
@id("partner-registry")
permit (principal in Opora::Role::"partner-registry", action in [Intake::Action::"need.list", Intake::Action::"need.read"], resource)
when { context.channel == "service" };`;

const v1 = '/v1/intake';
let harness: Harness;
let worker: Caller;
let hotline: Caller;
let counts: Caller;
let clientId: string;

/** As its client-credentials grant gives it. */
const program = (name: string) => harness.as('intake', { sub: newId(), agency: 'centre', roles: [name], client_id: name });

beforeAll(async () => {
  const { schema, policies } = policyText('intake');
  harness = await startHarness([{ ...Intake, policies: { schema, policies: policies + registry } }], { agency: 'centre' });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  [hotline, counts] = [await program('partner-hotline'), await program('partner-registry')];
  clientId = (await worker.post(`${v1}/clients`, { anonymous: true })).body.id;
  await worker.post(`${v1}/needs`, { clientId, needCode: 'housing', severity: 'high', reason: 'Said so' });
});

afterAll(() => harness?.close());

const asks = (by: Caller) => by.post(`${v1}/help-requests`, { source: 'self', needCodes: ['legal'] });

it('two integrators have different rights, each what its own policy says', async () => {
  expect([(await asks(hotline)).status, (await asks(counts)).status]).toEqual([201, 403]);
  expect([(await hotline.get(`${v1}/needs`)).status, (await counts.get(`${v1}/needs`)).status]).toEqual([403, 200]);
  expect((await counts.get(`${v1}/needs?clientId=${clientId}`)).body.items).toMatchObject([{ needCode: 'housing' }]);
});

it('neither has rights of staff', async () => {
  for (const by of [hotline, counts]) {
    for (const path of ['help-requests', 'clients', `clients/${clientId}`, `clients/${clientId}/circumstances`, 'instruments', 'screenings', 'openings', 'admin/dead-letters']) {
      expect([path, (await by.get(`${v1}/${path}`)).status]).toEqual([path, 403]);
    }
    const commands: [string, object][] = [
      ['clients:display', { ids: [clientId] }], ['clients:search-outside-caseload', { name: 'Anna' }], ['clients', { anonymous: true }], ['audit:search', {}],
      [`clients/${clientId}/openings`, { reason: 'danger-to-life', text: 'Let me in', minutes: 5 }], [`clients/${clientId}/join-care-team`, {}],
    ];
    for (const [path, body] of commands) expect([path, (await by.post(`${v1}/${path}`, body)).status]).toEqual([path, 403]);
  }
});

it('the role is the program’s: a person who has it may do nothing by it', async () => {
  expect(await asks(await harness.as('intake', { sub: 'worker-2', agency: 'centre', roles: ['partner-hotline'] }))).toMatchObject({ status: 403 });
});

it('what an integrator did is seen under its own policy; a refusal names whose right it is', async () => {
  const auditor = await harness.as('intake', { sub: 'auditor-1', agency: 'centre', roles: ['auditor'] });
  const { body: { items } } = await auditor.post(`${v1}/audit:search`, { action: 'help-request.register', decision: 'permit' });
  expect(items).toMatchObject([{ roles: ['partner-hotline'], policies: ['partner-hotline'] }]);
  expect((await asks(counts)).body.detail).toMatch(/partner-hotline \(program\)/);
});
