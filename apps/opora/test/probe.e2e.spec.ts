import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { eventually, type Caller } from '@opora/testing';
import { Person } from '../src/demo/person.js';
import { playJourney } from '../src/demo/journey.js';
import { freePorts, node, startOpora, staff, tempFolder, type OporaProcess } from './opora-process.js';

const folder = tempFolder();
let opora: OporaProcess;
let probe: ChildProcess | undefined;
let port: number;
let counsellor: Caller;

/** The module's own process. It answers `up` once it has announced itself. */
const startProbe = async (lifecycle: 'active' | 'retiring' | 'gone') => {
  const token = await opora.mint({ sub: 'probe', agency: 'probe-agency', roles: ['module'] });
  const child = spawn(node, [join(import.meta.dirname, 'probe-module.mjs')], {
    env: { PROBE_GATEWAY: opora.gateway, PROBE_ISSUER: opora.issuer, PROBE_TOKEN: token, PROBE_PORT: String(port), PROBE_LIFECYCLE: lifecycle }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => { output += String(chunk); });
  child.stderr.on('data', (chunk) => { output += String(chunk); });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  if (lifecycle !== 'gone') await eventually(async () => output, (said) => said.includes('probe is up'));
  return { child, exit, output: () => output };
};

beforeAll(async () => {
  opora = await startOpora(folder.path, { OPORA_DEMO: 'never' });
  port = await freePorts();
  counsellor = await opora.as(staff.counsellor);
}, 60_000);

afterAll(async () => {
  probe?.kill('SIGKILL');
  await opora?.end('SIGINT');
  folder.remove();
}, 30_000);

it('joins, works, dies, and leaves; nobody else restarts and its history stays', async () => {
  const mint = opora.mint as never;
  const clientId = await playJourney({ gateway: opora.gateway, mint, say: () => undefined, recipients: ['centre', 'bureau', 'probe-agency'] });
  const plan = `/v1/clients/${clientId}/plan`;
  const before = opora.pid;

  // It joins: routed, documented, recommended.
  const running = await startProbe('active');
  probe = running.child;
  await eventually(() => counsellor.get('/v1/modules'), ({ body }) => body.items.some((m: any) => m.module === 'probe' && m.lifecycle === 'active'));
  expect((await counsellor.get('/openapi/probe.json')).body.paths).toHaveProperty('/v1/probe/referrals/{id}/accept');
  expect((await (await fetch(`${opora.gateway}/reference`)).text()).length).toBeGreaterThan(100);
  const { body: recommended } = await eventually(() => counsellor.get(`/v1/counselling/clients/${clientId}/recommendations`),
    ({ body }) => body.needs.some((need: any) => need.options.some((o: any) => o.module === 'probe')));
  const strain = recommended.needs.find((need: any) => need.title.code === 'psychological');
  expect(strain.options).toMatchObject([{ module: 'probe', offer: 'art-class', choosable: true }]);

  // It is referred to: a new version of the plan, agreed with the client.
  const { body: { items: [{ id: planId }] } } = await counsellor.get(`/v1/counselling/plans?clientId=${clientId}`);
  const path = `/v1/counselling/plans/${planId}`;
  const me = new Person(opora.gateway, await opora.mint(staff.counsellor));
  const herself = new Person(opora.gateway, await opora.mint({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: clientId }));
  const seen = (told: { headers: Headers }) => ({ 'if-match': told.headers.get('etag')! });
  await me.post(`${path}/versions`);
  await me.post(`${path}/goals`, { needs: [strain.need], title: 'inner-balance', ownAim: 'Снова рисовать' });
  const chosen = await me.post(`${path}/choices`, { needs: [strain.need], module: 'probe', offer: 'art-class', urgency: 'routine' });
  const submitted = await me.post(`${path}/submit`, {}, seen(chosen));
  const agreed = await herself.post(`${path}/client-decision`, { decision: 'agree' }, seen(submitted));
  await me.post(`${path}/activate`, {}, seen(agreed));
  const requested = await eventually(() => counsellor.get(plan), ({ body }) => body.sections.find((s: any) => s.module === 'probe')?.entries.length === 1);
  const section = requested.body.sections.find((s: any) => s.module === 'probe');
  expect(section).toMatchObject({ title: 'Art studio', state: 'requested' });

  // It accepts, through the gateway, with its practitioner's token; the plan and counselling see it.
  const artist = await opora.as({ sub: 'artist', agency: 'probe-agency', roles: ['probe:practitioner'] });
  const accept = () => artist.post(`/v1/probe/referrals/${section.entries[0].entryId}/accept`, {});
  expect((await eventually(accept, ({ body }) => body.code !== 'consent-missing')).status).toBe(200);
  const active = await eventually(() => counsellor.get(`${plan}?include=text`), ({ body }) => body.sections.find((s: any) => s.module === 'probe')?.state === 'active');
  const accepted = active.body.sections.find((s: any) => s.module === 'probe');
  expect(accepted).toMatchObject({ stale: false, entries: [{ code: 'art-class' }], actions: [{ title: 'First class' }] });
  await eventually(() => counsellor.get(path), ({ body }) => JSON.stringify(body).includes('"accepted"'));
  const own = await herself.get(`${plan}?include=text`);
  expect(own.body.sections.find((s: any) => s.module === 'probe').entries[0].text).toBe('Bring nothing but yourself.');

  // It dies: the plan still answers, its routes say so, its section grows stale.
  probe.kill('SIGKILL');
  await running.exit;
  expect((await artist.post(`/v1/probe/referrals/${section.entries[0].entryId}/accept`, {})).status).toBe(503);
  const silent = await eventually(() => counsellor.get(`${plan}?include=text`), ({ body }) => body.sections.find((s: any) => s.module === 'probe')?.stale === true);
  expect(silent.body.sections.find((s: any) => s.module === 'probe').state).toBe('active');
  expect(silent.body.sections.find((s: any) => s.module === 'legal-aid')).toMatchObject({ state: 'active', stale: false });

  // It retires, then leaves: not recommended any more, routes are gone, history stays.
  const retiring = await startProbe('retiring');
  await eventually(() => counsellor.get(`/v1/counselling/clients/${clientId}/recommendations`), ({ body }) => body.needs.every((need: any) => need.options.every((o: any) => o.module !== 'probe')));
  retiring.child.kill('SIGKILL');
  await retiring.exit;
  expect(await (await startProbe('gone')).exit).toBe(0);
  await eventually(() => artist.get('/v1/probe/anything'), ({ status }) => status === 410);
  const history = await counsellor.get(plan);
  expect(history.body.sections.find((s: any) => s.module === 'probe')).toMatchObject({ title: 'Art studio', entries: [{ code: 'art-class' }] });
  expect(opora.pid).toBe(before);
  expect(() => process.kill(before, 0)).not.toThrow();
}, 90_000);
