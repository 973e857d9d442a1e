import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type Caller } from '@opora/testing';
import { playJourney } from '../src/demo/journey.js';
import { startOpora, staff, tempFolder, type OporaProcess } from './opora-process.js';

const folder = tempFolder();
let opora: OporaProcess;
let counsellor: Caller;
let clientId: string;
let plan: string;

const stop = async () => { await opora.end('SIGINT'); };
const signIn = async () => { counsellor = await opora.as(staff.counsellor); };

beforeAll(async () => {
  opora = await startOpora(folder.path);
  clientId = (JSON.parse(readFileSync(join(folder.path, 'demo.json'), 'utf8')) as { clientId: string }).clientId;
  plan = `/v1/clients/${clientId}/plan`;
  await signIn();
}, 90_000);

afterAll(async () => {
  await stop();
  folder.remove();
}, 30_000);

/** Without what silence alone changes. */
const settled = () => eventually(() => counsellor.get(plan), ({ status, body }) => status === 200 && body.stale === false);

it('prints addresses, a token for each role, and the demo person’s plan as text', () => {
  const output = opora.output();
  expect(output).toContain(opora.gateway);
  expect(output).toContain('/reference');
  for (const role of ['intake-worker', 'counsellor', 'practitioner', 'supervisor', 'auditor', 'admin', 'client']) expect(output).toMatch(new RegExp(`${role}[^]*?ey[A-Za-z0-9_-]+\\.`));
  expect(output).toMatch(/SUPPORT PLAN[^]*Needs[^]*Goals[^]*Legal aid: active[^]*What comes next/);
});

it('shows needs, goals, the review date, legal aid’s section and the next dates in order', async () => {
  const { body } = await settled();
  expect(body.needs.length).toBeGreaterThanOrEqual(3);
  expect(body.goals).toMatchObject([{ code: 'rights-protected', phase: 'active' }]);
  expect(body.reviewOn).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(body.sections).toMatchObject([{ module: 'legal-aid', title: 'Legal aid', state: 'active', stale: false }]);
  const dates = body.next.map((action: any) => action.start ?? action.due);
  expect(dates.length).toBeGreaterThanOrEqual(2);
  expect(dates).toEqual([...dates].sort());
});

it('answers 304 to the ETag that it gave, and another ETag in another language', async () => {
  const first = await settled();
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^"[^"]+"$/);
  expect((await counsellor.get(plan, { 'if-none-match': etag })).status).toBe(304);
  const russian = await counsellor.get(plan, { 'accept-language': 'ru' });
  expect(russian.body.sections[0].title).toBe('Юридическая помощь');
  expect(russian.headers.get('etag')).not.toBe(etag);
});

it('shows the plan as it was', async () => {
  const { body } = await settled();
  const before = new Date(Date.parse(body.needs.map((need: any) => need.changedAt).sort()[0]) - 1).toISOString();
  expect((await counsellor.get(`${plan}?asOf=${before}`)).body.sections ?? []).toEqual([]);
  expect((await counsellor.get(`${plan}?asOf=${new Date().toISOString()}`)).body.sections).toEqual(body.sections);
  expect((await counsellor.get(`${plan}?asOf=yesterday`)).status).toBe(422);
});

it('gives the lawyer’s words to the client alone, and the client’s name to those who care for the client', async () => {
  const herself = await opora.as({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: clientId });
  const texts = async (caller: Caller) => (await caller.get(`${plan}?include=text`)).body.sections[0].entries.map((entry: any) => entry.text).filter(Boolean);
  expect(await texts(herself)).toEqual([expect.stringContaining('возражения')]);
  expect(await texts(counsellor)).toEqual([]);
  expect((await counsellor.get(`${plan}?expand=person`)).body.person).toMatchObject({ shortName: expect.stringMatching(/^\S+ \S\.$/), age: expect.any(Number) });
  const stranger = await opora.as({ sub: 'x', agency: 'elsewhere', roles: ['counsellor'] });
  expect((await stranger.get(plan)).status).toBe(404);
});

it('waits for what a command has just said', async () => {
  const lawyer = await opora.as(staff.lawyer);
  const { body: { items: [matter] } } = await lawyer.get(`/v1/legal-aid/matters?clientId=${clientId}`);
  const moved = await lawyer.post(`/v1/legal-aid/matters/${matter.id}/deadline`, { nextDeadline: '2031-05-05' });
  const token = moved.headers.get('opora-plan-entry')!;
  const seen = await counsellor.get(`${plan}?after=${encodeURIComponent(token)}`, { prefer: 'wait=5' });
  expect(seen.headers.get('preference-applied')).toContain('wait');
  expect(seen.body.sections[0].actions.filter((action: any) => action.status === 'planned')).toMatchObject([{ due: '2031-05-05' }]);
  const [key, version] = token.split('@');
  const behind = await counsellor.get(`${plan}?after=${encodeURIComponent(`${key}@${Number(version) + 1}`)}`);
  expect(behind).toMatchObject({ status: 200 });
  expect(behind.headers.get('opora-plan-behind')).toBe(`${key}@${Number(version) + 1}`);
});

it('loses nothing to kill -9: the next start shows the same plan, byte for byte', async () => {
  const { body, headers } = await settled();
  await opora.end('SIGKILL');
  opora = await startOpora(folder.path);
  await signIn();
  const again = await settled();
  expect(again.body).toEqual(body);
  expect(again.headers.get('etag')).toBe(headers.get('etag'));
  expect(opora.output()).not.toContain('Playing the demo');
}, 60_000);

it('answers while a module is stopped, and says which section may be out of date', async () => {
  const { body } = await settled();
  await stop();
  opora = await startOpora(folder.path, { OPORA_SERVICES: 'intake,counselling' });
  await signIn();
  const without = await eventually(() => counsellor.get(plan), ({ body: { sections } }) => sections?.[0]?.stale === true);
  expect(without.body.sections).toEqual(body.sections.map((section: any) => ({ ...section, stale: true })));
  expect((await counsellor.get('/v1/legal-aid/referrals')).status).toBe(503);
  await stop();
  opora = await startOpora(folder.path);
  await signIn();
  expect((await settled()).body).toEqual(body);
}, 60_000);

it('takes the needs of a screening recorded on the wrong person out of the plan', async () => {
  const other = await playJourney({ gateway: opora.gateway, mint: opora.mint as never, say: () => undefined });
  const worker = await opora.as(staff.intake);
  const supervisor = await opora.as(staff.supervisor);
  const { body: { items: [screening] } } = await worker.get(`/v1/intake/screenings?clientId=${other}`);
  const found = (await counsellor.get(`/v1/clients/${other}/plan`)).body.needs;
  expect(found.every((need: any) => need.phase === 'active')).toBe(true);
  expect((await supervisor.post(`/v1/intake/screenings/${screening.id}/enter-in-error`, { reason: 'wrong-person' })).status).toBe(200);
  await eventually(() => counsellor.get(`/v1/clients/${other}/plan`), ({ body }) => body.needs.every((need: any) => need.phase === 'ended' && need.reason.code === 'entered-in-error'));
}, 60_000);

it.each(['coordination', 'referral'])('takes a module’s section away from another agency as soon as the person withdraws consent for %s', async (purpose) => {
  const other = await playJourney({ gateway: opora.gateway, mint: opora.mint as never, say: () => undefined });
  const path = `/v1/clients/${other}/plan`;
  expect((await counsellor.get(path)).body.sections).toMatchObject([{ module: 'legal-aid', state: 'active' }]);
  const { body: { items } } = await (await opora.as(staff.intake)).get(`/v1/intake/clients/${other}/consents`);
  const consent = items.find((one: any) => one.purpose === purpose);
  const herself = await opora.as({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: other });
  expect((await herself.post(`/v1/intake/clients/${other}/consents/${consent.consentId}/withdraw`, {})).status).toBe(200);
  await eventually(() => counsellor.get(path), ({ body }) => body.sections.length === 0);
  expect((await herself.get(path)).body.sections).toMatchObject([{ module: 'legal-aid', state: 'active' }]);
}, 60_000);
