import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '@opora/testing';
import { Person } from '../src/demo/person.js';
import { playJourney } from '../src/demo/journey.js';
import type { Place } from './journey-checks.js';
import { node } from './opora-process.js';
import { staff } from './staff.js';

/** A section grows stale only after some seconds of silence. */
const PATIENCE_MS = 20_000;

export interface Probing {
  readonly place: Place;
  /** Where the probe listens. */
  readonly port: number;
  /** How it reaches the others: over the door, or over Kafka. */
  readonly environment: Record<string, string>;
}

type Lifecycle = 'active' | 'retiring' | 'gone';
type Start = (lifecycle: Lifecycle) => Promise<{ kill: () => Promise<number | null>; exit: Promise<number | null> }>;

/** The module's own process. It answers once the module has announced itself. */
export const startProbe = async ({ place, port, environment }: Probing, lifecycle: Lifecycle, started: (child: ChildProcess) => void = () => undefined) => {
  const child = spawn(node, [join(import.meta.dirname, 'probe-module.mjs')], {
    env: { PROBE_ISSUER: place.issuer, PROBE_PORT: String(port), PROBE_LIFECYCLE: lifecycle, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  started(child);
  let output = '';
  child.stdout.on('data', (chunk) => { output += String(chunk); });
  child.stderr.on('data', (chunk) => { output += String(chunk); });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  if (lifecycle !== 'gone') await eventually(async () => output, (said) => said.includes('probe is up'));
  return { kill: () => { child.kill('SIGKILL'); return exit; }, exit };
};

/** The whole life of a module that nobody knew: it joins, works, dies, and leaves. */
export const probeLives = async (probing: Probing): Promise<void> => {
  const started: ChildProcess[] = [];
  try {
    await life(probing.place, (lifecycle) => startProbe(probing, lifecycle, (child) => started.push(child)));
  } finally {
    for (const child of started) child.kill('SIGKILL');
  }
};

const life = async (place: Place, startProbe: Start): Promise<void> => {
  const counsellor = await place.as(staff.counsellor);
  const clientId = await playJourney({ gateway: place.gateway, mint: place.mint, say: () => undefined, recipients: ['centre', 'bureau', 'probe-agency'] });
  const plan = `/v1/clients/${clientId}/plan`;

  // It joins: routed, documented, recommended.
  const running = await startProbe('active');
  await eventually(() => counsellor.get('/v1/modules'), ({ body }) => body.items.some((m: any) => m.module === 'probe' && m.lifecycle === 'active'));
  expect((await counsellor.get('/openapi/probe.json')).body.paths).toHaveProperty('/v1/probe/referrals/{id}/accept');
  expect((await (await fetch(`${place.gateway}/reference`)).text()).length).toBeGreaterThan(100);
  const { body: recommended } = await eventually(() => counsellor.get(`/v1/counselling/clients/${clientId}/recommendations`),
    ({ body }) => body.needs.some((need: any) => need.options.some((o: any) => o.module === 'probe')));
  const strain = recommended.needs.find((need: any) => need.title.code === 'psychological');
  expect(strain.options).toMatchObject([{ module: 'probe', offer: 'art-class', choosable: true }]);

  // It is referred to: a new version of the plan, agreed with the client.
  const { body: { items: [{ id: planId }] } } = await counsellor.get(`/v1/counselling/plans?clientId=${clientId}`);
  const path = `/v1/counselling/plans/${planId}`;
  const me = new Person(place.gateway, await place.mint(staff.counsellor));
  const herself = new Person(place.gateway, await place.mint({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: clientId }));
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
  const artist = await place.as({ sub: 'artist', agency: 'probe-agency', roles: ['probe:practitioner'] });
  const accept = () => artist.post(`/v1/probe/referrals/${section.entries[0].entryId}/accept`, {});
  expect((await eventually(accept, ({ body }) => body.code !== 'consent-missing')).status).toBe(200);
  const active = await eventually(() => counsellor.get(`${plan}?include=text`), ({ body }) => body.sections.find((s: any) => s.module === 'probe')?.state === 'active');
  const accepted = active.body.sections.find((s: any) => s.module === 'probe');
  expect(accepted).toMatchObject({ stale: false, entries: [{ code: 'art-class' }], actions: [{ title: 'First class' }] });
  await eventually(() => counsellor.get(path), ({ body }) => JSON.stringify(body).includes('"accepted"'));
  // It keeps no access log: the gateway decides in its stead, and tells her and the auditor who looked.
  const passerBy = await place.as({ sub: 'passer-by', agency: 'elsewhere', roles: ['probe:practitioner'] });
  expect((await passerBy.post(`/v1/probe/referrals/${section.entries[0].entryId}/accept`, {})).status).toBe(404);
  const looks = (await herself.get('/v1/me/access-log?limit=200')).body.items.filter((one: any) => one.module === 'probe');
  expect(looks.map((one: any) => [one.agency, one.decision])).toEqual(expect.arrayContaining([['elsewhere', 'deny'], ['probe-agency', 'permit']]));
  const auditor = await place.as({ sub: 'auditor', agency: 'centre', roles: ['auditor'] });
  expect((await auditor.post('/v1/gateway/audit:search', { subject: 'artist' })).body.items[0]).toMatchObject({
    action: 'module.write', decision: 'permit', clientIds: [clientId], resources: ['POST:/v1/probe/referrals/{id}/accept', section.entries[0].entryId],
  });
  const own = await herself.get(`${plan}?include=text`);
  expect(own.body.sections.find((s: any) => s.module === 'probe').entries[0].text).toBe('Bring nothing but yourself.');

  // It dies: the plan still answers, its routes say so, its section grows stale.
  await running.kill();
  expect((await artist.post(`/v1/probe/referrals/${section.entries[0].entryId}/accept`, {})).status).toBe(503);
  const silent = await eventually(() => counsellor.get(`${plan}?include=text`), ({ body }) => body.sections.find((s: any) => s.module === 'probe')?.stale === true, PATIENCE_MS);
  expect(silent.body.sections.find((s: any) => s.module === 'probe').state).toBe('active');
  expect(silent.body.sections.find((s: any) => s.module === 'legal-aid')).toMatchObject({ state: 'active', stale: false });

  // It retires, then leaves: not recommended any more, routes are gone, history stays.
  const retiring = await startProbe('retiring');
  await eventually(() => counsellor.get(`/v1/counselling/clients/${clientId}/recommendations`), ({ body }) => body.needs.every((need: any) => need.options.every((o: any) => o.module !== 'probe')));
  await retiring.kill();
  expect(await (await startProbe('gone')).exit).toBe(0);
  await eventually(() => artist.get('/v1/probe/anything'), ({ status }) => status === 410);
  const history = await counsellor.get(plan);
  expect(history.body.sections.find((s: any) => s.module === 'probe')).toMatchObject({ title: 'Art studio', entries: [{ code: 'art-class' }] });
};
