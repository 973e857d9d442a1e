import type { TokenClaims } from '@opora/access';
import { Counselling } from '@opora/counselling';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { LegalAid } from '@opora/legal-aid';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { playJourney } from '../src/demo/journey.js';
import { operationsOf, type Operation } from './openapi-operations.js';
import { staff } from './staff.js';

/** Every operation of every service, as its description names it; what joins is tried without a word here, or makes this red. */
const operations = operationsOf(['gateway', 'intake', 'counselling', 'legal-aid']);
const named = operations.filter(({ path }) => path.includes('{'));

/** About nobody: instruments, rules, law and the platform's own; and the gateway keeps no record to object to. Whom they are open to, their own tests say. */
const aboutNobody = /^\/v1\/[a-z-]+\/(instruments|interpretations|need-rules|law-documents|calendars|admin)\/|^\/v1\/gateway\/(objections|retention)\//;

const everything: TokenClaims = { sub: 'everybody', agency: 'centre', roles: ['intake-worker', 'counsellor', 'supervisor', 'admin', 'legal-aid:practitioner'] };
/** An auditor comes for nothing else. */
const watching: TokenClaims = { sub: 'auditor', agency: 'elsewhere', roles: ['auditor'] };
const strangers: readonly (readonly [string, () => TokenClaims])[] = [
  ['another client', () => ({ sub: 'client-x', agency: 'centre', roles: ['client'], opora_client: newId() })],
  ['staff of another agency, with every role', () => ({ ...everything, sub: 'elsa', agency: 'elsewhere' })],
  ['another agency’s auditor', () => watching],
  ['another module’s practitioner of another agency', () => ({ sub: 'rita', agency: 'elsewhere', roles: ['rehabilitation:practitioner'] })],
  ['a program of another agency', () => ({ sub: 'p', agency: 'elsewhere', roles: ['intake-worker'], client_id: 'partner' })],
];

let harness: Harness;
/** By the part of the path that it stands in: `needs/{id}`, `goals/{goalId}`. */
const ids = new Map<string, string>();
let personal: string[];

beforeAll(async () => {
  harness = await startHarness([], { agency: 'centre' });
  const intake = await harness.boot(Intake);
  await harness.boot(LegalAid, { agency: 'bureau', environment: { LEGAL_AID_CLIENTS_MATCH_AT: `${intake.url}/v1/intake` } });
  for (const service of [Counselling, Gateway]) await harness.boot(service);
  const as = (claims: TokenClaims) => harness.as('gateway', claims);
  const all = await as(everything);
  await eventually(() => all.get('/v1/modules'), ({ body }) => body.items?.length >= 3);
  const client = { given: 'Заря', family: 'Никомуневидная', birthDate: '1970-01-02', phone: '+79005554433', street: 'Тайный переулок, 1' };
  const clientId = await playJourney({ gateway: harness.url('gateway'), mint: harness.mint, say: () => undefined, client });
  const lawyer = await as(staff.lawyer);
  const first = async (who: typeof all, path: string): Promise<any> => {
    const { status, body } = await who.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body.items[0];
  };

  const made = async (path: string, body: object): Promise<any> => {
    const { status, body: thing } = await all.post(path, body);
    if (status !== 201 && status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(thing)}`);
    return thing;
  };
  const other = (await made('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: 'Иная', family: 'Персонова' }] }, birthDate: { status: 'known', value: '1971-02-03' }, contacts: [] })).id;
  const barred = await made(`/v1/intake/clients/${clientId}/bar`, { subject: 'former-partner', relation: 'former-partner' });

  personal = [client.family, client.given, client.phone, client.street, clientId];
  const plan = await first(all, `/v1/counselling/plans?clientId=${clientId}`);
  const matter = await first(lawyer, `/v1/legal-aid/matters?clientId=${clientId}`);
  const herself = await as({ sub: 'client-z', agency: 'centre', roles: ['client'], opora_client: clientId });
  const objected = async (module: string, about: string): Promise<[string, string]> => {
    const { status, body } = await herself.post(`/v1/${module}/objections`, { about, text: 'Этого я не говорила' });
    if (status !== 201) throw new Error(`${module} objection: ${status} ${JSON.stringify(body)}`);
    return [`${module} objections/{id}`, body.id];
  };
  const needId = (await first(all, `/v1/intake/needs?clientId=${clientId}`)).id;
  for (const [place, id] of Object.entries<string>({
    'clients/{id}': clientId, 'clients/{clientId}': clientId, 'plans/{id}': plan.id, 'matters/{id}': matter.id,
    'consents/{consentId}': (await first(all, `/v1/intake/clients/${clientId}/consents`)).consentId,
    'help-requests/{id}': (await first(all, `/v1/intake/help-requests?clientId=${clientId}`)).id, 'needs/{id}': needId,
    'screenings/{id}': (await first(all, `/v1/intake/screenings?clientId=${clientId}`)).id, 'referrals/{id}': (await first(lawyer, `/v1/legal-aid/referrals?clientId=${clientId}`)).id,
    'recommendations/{id}': (await all.get(`/v1/counselling/clients/${clientId}/recommendations`)).body.needs[0].options[0].recommendationId,
    'deadlines/{deadlineId}': (await first(lawyer, `/v1/legal-aid/matters/${matter.id}/deadlines`))?.id ?? newId(),
    'bars/{barId}': barred.bars[0].barId, 'openings/{id}': (await made(`/v1/intake/clients/${clientId}/openings`, { reason: 'danger-to-life', text: 'Found unconscious', minutes: 5 })).id,
    'record-merges/{id}': (await made('/v1/intake/record-merges', { survivingId: clientId, mergedId: other, reason: 'documents-seen' })).id,
    'erasures/{id}': (await made('/v1/intake/erasures', { clientId: other, reason: 'person-asked' })).id, 'proposals/{id}': newId(),
    ...Object.fromEntries(await Promise.all(['intake', 'counselling'].map(async (module) => [`${module} holds/{id}`, (await made(`/v1/${module}/retention/holds`, { clientId, reason: 'claim' })).id]))),
    'legal-aid holds/{id}': newId(),
    ...Object.fromEntries(await Promise.all([objected('intake', needId), objected('counselling', plan.id), objected('legal-aid', matter.id)])),
    'goals/{goalId}': newId(), 'choices/{choiceId}': newId(), 'proposals/{proposalId}': newId(),
  })) ids.set(place, id);
}, 60_000);
afterAll(() => harness?.close());

const addressOf = (path: string, known: ReadonlyMap<string, string> = ids): string =>
  path.replace(/([a-z-]+)\/\{(\w+)\}/g, (place, collection: string) => `${collection}/${known.get(`${path.split('/')[2]} ${place}`) ?? known.get(place) ?? place}`);

const call = async (base: string, { method, path, body }: Operation, token: string, known = ids) => {
  const response = await fetch(base + addressOf(path, known), {
    method, headers: { authorization: `Bearer ${token}`, 'if-match': '"1"', ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

/** What everybody's records are at. */
const versions = async (): Promise<string> => JSON.stringify(await Promise.all(['intake', 'counselling', 'legal_aid'].map((schema) =>
  harness.database.query(`select count(*)::int as facts from ${schema}.fact`))));

it('knows a real thing for every id in every path', async () => {
  const unknown = named.filter(({ path }) => !aboutNobody.test(path) && /\{/.test(addressOf(path))).map(({ path }) => path);
  expect(unknown).toEqual([]);
  const readers = await Promise.all([everything, { ...everything, agency: 'bureau' }].map((claims) => harness.mint(claims)));
  for (const one of named.filter(({ method, path }) => method === 'GET' && !aboutNobody.test(path) && !/\{deadlineId\}|legal-aid\/retention|proposals\/\{id\}/.test(path))) {
    const statuses = await Promise.all(readers.map(async (token) => (await call(harness.url('gateway'), one, token)).status));
    expect([one.path, statuses.includes(200)]).toEqual([one.path, true]);
  }
});

describe.each(strangers)('%s', (_, claims) => {
  it.each(['through the gateway', 'at the service itself'])('gets nothing of another’s and changes nothing, by any operation with an id in its path, %s', async (way) => {
    const token = await harness.mint(claims());
    const before = await versions();
    const wrong: unknown[] = [];
    for (const one of named.filter(({ path }) => !aboutNobody.test(path))) {
      // Whoever finds somebody in danger breaks the glass, of whatever agency; a client or a program does not.
      if (one.operationId === 'openRecord' && claims().client_id === undefined && !claims().roles.includes('client')) continue;
      const url = harness.url(way === 'through the gateway' ? 'gateway' : one.service);
      const { status, text } = await call(url, one, token);
      // What is wrong with the request itself may be said first, as long as it is said of things that never were, too.
      const ofNothing = [403, 404].includes(status) ? { status, text } : await call(url, one, token, new Map([...ids.keys()].map((place) => [place, newId()])));
      if (status < 400 || status >= 500 || status !== ofNothing.status || text !== ofNothing.text || personal.some((part) => text.includes(part))) wrong.push([one.method, one.path, status, text.slice(0, 300)]);
    }
    expect(wrong).toEqual([]);
    expect(await versions()).toBe(before);
  });
});

it('nobody sets what is not theirs to set: no command takes an id, an agency, a status or a version that it does not name', async () => {
  const token = await harness.mint(everything);
  const anything = new Map([...ids, ...named.flatMap(({ path }) => [...path.matchAll(/[a-z-]+\/\{\w+\}/g)].map(([place]): [string, string] => [place, ids.get(place) ?? newId()]))]);
  const tried = operations.filter(({ fields }) => fields !== undefined);
  expect(tried.length).toBeGreaterThan(60);
  const wrong: unknown[] = [];
  for (const one of tried) {
    for (const field of ['agency', 'status', 'version', 'recordedBy', 'recordedAt', 'roles', '__proto', 'constructor'].filter((name) => !one.fields!.includes(name))) {
      const { status, text } = await call(harness.url(one.service), { ...one, body: { ...one.body as object, [field]: 'elsewhere' } }, token, anything);
      const pointed = status === 422 && (JSON.parse(text) as { errors?: { pointer: string; code: string }[] }).errors?.some(({ pointer, code }) => pointer === `/${field}` && code === 'unknown-field');
      if (!pointed && status !== 403) wrong.push([one.method, one.path, field, status, text.slice(0, 200)]);
    }
  }
  expect(wrong).toEqual([]);
}, 60_000);
