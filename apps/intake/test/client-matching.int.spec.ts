import { clientsMatchIssuer, hashOf, type ClientsMatchClaims, type ClientsMatchRequest } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { startHarness, type Caller, type Harness } from '@opora/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Intake } from '../src/intake.module.js';

const canary = 'Qwerasdf';

let harness: Harness;
let lawyer: Caller;
let clientId: string;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  lawyer = await harness.as('intake', { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] });
  const worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  const registered = await worker.post('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: 'Иван', family: 'Петров' }] } });
  expect(registered.status).toBe(201);
  clientId = registered.body.id;
});

afterAll(() => harness?.close());

const ask = async (names: string[], more: Partial<ClientsMatchRequest> = {}) => {
  const question = { purpose: 'conflict-check', names, nonce: newId(), ...more };
  const { status, body } = await lawyer.post('/v1/intake/clients:match', question);
  expect([status, Object.keys(body)]).toEqual([200, ['answer']]);
  const { payload } = await jwtVerify<ClientsMatchClaims>(body.answer, createRemoteJWKSet(new URL(`${harness.url('intake')}/v1/intake/match-keys`)), { issuer: clientsMatchIssuer, currentDate: new Date(harness.clock.now()) });
  expect(payload).toMatchObject({ purpose: 'conflict-check', asked: hashOf(question) });
  expect(payload.exp! - payload.iat!).toBe(900);
  return payload.result;
};

it.each([
  ['Петров Иван', 'possible'], ['Ivan Petrov', 'possible'], ['Петров Иван Сергеевич', 'possible'], ['г-н И. Петров, Иван', 'possible'], ['Петров', 'possible'],
  ['Петров Пётр', 'none'], ['ООО «Домсервис»', 'none'], [canary, 'none'],
])('%s: %s', async (name, result) => {
  expect(await ask([name])).toBe(result);
});

it('answers for all names at once, and leaves out whose matter it is', async () => {
  expect(await ask([canary, 'Иван Петров'])).toBe('possible');
  expect(await ask(['Иван Петров'], { except: clientId })).toBe('none');
});

it('is for staff, says nothing but the word, and leaves no trace of the names', async () => {
  const client = await harness.as('intake', { sub: 'client', agency: 'centre', roles: ['client'], opora_client: clientId });
  expect(await client.post('/v1/intake/clients:match', { purpose: 'conflict-check', names: ['Иван Петров'], nonce: newId() })).toMatchObject({ status: 403 });
  expect(await lawyer.post('/v1/intake/clients:match', { purpose: 'curiosity', names: [canary], nonce: newId() })).toMatchObject({ status: 422 });
  await ask([canary]);
  expect(harness.log.join('\n')).not.toContain(canary);
  const looks = await harness.database.query<{ client_ids: string[]; by: string }>(`select client_ids, by from intake.display_audit where purpose = 'conflict-check'`);
  expect(looks.length).toBeGreaterThan(5);
  expect(looks.every(({ client_ids, by }) => client_ids.length === 0 && by === 'lawyer-1')).toBe(true);
  expect((await harness.database.query(`select from intake.display_audit as t where t::text like '%${canary}%'`)).length).toBe(0);
});
