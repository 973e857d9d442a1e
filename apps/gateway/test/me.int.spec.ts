import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { Gateway } from '../src/gateway.module.js';
import { json, startModule, type LittleModule } from './little-module.js';
import { speaker } from './said.js';

let harness: Harness;
let say: ReturnType<typeof speaker>;
const modules: LittleModule[] = [];

beforeAll(async () => {
  harness = await startHarness([]);
  await harness.boot(Gateway);
  say = speaker(harness);
});

afterAll(async () => {
  await harness?.close();
  await Promise.all(modules.map((module) => module.close()));
});

const asClient = (clientId: string) => harness.as('gateway', { sub: clientId, roles: ['client'], opora_client: clientId });
const little = async (answer: Parameters<typeof startModule>[0]) => {
  const module = await startModule(answer);
  modules.push(module);
  return module;
};
const consent = (more: object = {}) => ({
  consentId: newId(), status: 'given', holds: true, title: 'What you said yes to', words: ['Who may see it: the bureau.'], from: '2026-03-01T00:00:00.000Z', receipt: '/v1/registry/receipt', ...more,
});

describe('GET /v1/me/plan', () => {
  it('tells the own plan in words: the same entries as the plan, whatever consent says', async () => {
    const clientId = newId();
    await say.module('law', { agencies: [{ agency: 'bureau', titles: { en: 'Legal Bureau', ru: 'Бюро права' } }] });
    await say.consent(clientId, 1, []);
    await say.entry(clientId, 'planning', { agency: 'centre', kind: 'plan', reviewOn: '2026-06-01' });
    await say.entry(clientId, 'law', { dataClass: 'D3', actions: [{ id: newId(), title: { system: 'urn:opora:test', code: 'meet', en: 'Meet the lawyer', ru: 'Прийти к юристу' }, start: '2026-03-20T09:00:00.000Z', status: 'planned' }] });
    const self = await asClient(clientId);
    const { body, headers } = await eventually(() => self.get('/v1/me/plan?zone=Europe/Moscow', { 'accept-language': 'ru' }), (answer) => answer.body.help?.length === 1 && answer.body.help[0].responsible !== 'bureau');
    expect(body).toMatchObject({
      clientId, language: 'ru', title: 'Ваш план', help: [{ module: 'law', responsible: 'Бюро права', words: ['Сейчас вам помогают: Модуль law.', 'Кто за это в ответе: Бюро права.'] }],
      next: [{ responsible: 'Бюро права', words: ['День и час: 20 марта 2026 года, 12:00. Что будет: Прийти к юристу.', expect.any(String)] }],
    });
    expect([headers.get('content-language'), headers.get('cache-control'), headers.get('vary')]).toEqual(['ru', 'private, no-cache', 'Accept-Language, Authorization']);
    const plan = (await self.get(`/v1/clients/${clientId}/plan`)).body;
    expect(body.help[0].entries.map(({ entryId }: { entryId: string }) => entryId)).toEqual(plan.sections[0].entries.map(({ entryId }: { entryId: string }) => entryId));
    expect((await self.get('/v1/me/plan?zone=Nowhere/Never')).body).toMatchObject({ status: 422, code: 'zone-unknown' });
  });

  it('asks for texts with the own token, under a merged id too', async () => {
    const [clientId, before] = [newId(), newId()];
    const module = await little(({ body }, response) => json(response, 200, { texts: (JSON.parse(body) as { entries: object[] }).entries.map((one) => ({ ...one, text: 'We wrote to the court.' })) }));
    await say.module('scribe', { baseUrl: module.baseUrl, serves: ['plan-texts'] });
    await say.consent(clientId, 1, [], [before]);
    await say.entry(before, 'scribe');
    const self = await asClient(before);
    const { body } = await eventually(() => self.get('/v1/me/plan?include=text'), (answer) => answer.body.help?.[0]?.entries[0].text !== undefined);
    expect(body).toMatchObject({ clientId, help: [{ entries: [{ text: 'We wrote to the court.' }] }] });
    expect((await self.get('/v1/me/plan')).body.help[0].entries[0]).not.toHaveProperty('text');
    await say.leave('scribe');
  });
});

describe('GET /v1/me/consents', () => {
  it('hands on what every module that keeps them tells, with the own token and language, and says whether that is all', async () => {
    const self = await asClient(newId());
    expect((await self.get('/v1/me/consents')).body).toEqual({ items: [], complete: false });
    const [one, other] = [consent(), consent({ status: 'withdrawn', holds: false })];
    const keeps = await little((_, response) => json(response, 200, { items: [one] }));
    const also = await little((_, response) => json(response, 200, { items: [other] }));
    const none = await little((_, response) => json(response, 200, { items: [] }));
    await say.module('registry', { baseUrl: keeps.baseUrl, me: ['consents'] });
    await say.module('annex', { baseUrl: also.baseUrl, me: ['other-things', 'consents'] });
    await say.module('mute', { baseUrl: none.baseUrl, me: ['other-things'] });
    const told = await eventually(() => self.get('/v1/me/consents?zone=Europe/Moscow', { 'accept-language': 'ru' }), ({ body }) => body.items.length === 2);
    expect(told.body).toEqual({ items: [{ module: 'annex', ...other }, { module: 'registry', ...one }], complete: true });
    expect(told.headers.get('content-language')).toBe('ru');
    expect(none.seen).toEqual([]);
    const [seen] = keeps.seen.slice(-1);
    expect([seen!.method, seen!.url, seen!.headers['accept-language']]).toEqual(['GET', '/v1/registry/me/consents?zone=Europe%2FMoscow', 'ru']);
    expect(seen!.headers.authorization).toMatch(/^Bearer /);
  });

  it.each<[string, unknown]>([['more than the contract has', { items: [consent({ name: 'Anna' })] }], ['something else', { things: [] }]])('leaves out a module that answers %s, and says so', async (_, answer) => {
    const module = await little((_seen, response) => json(response, 200, answer));
    const name = `odd-${newId().slice(-12)}`;
    await say.module(name, { baseUrl: module.baseUrl, me: ['consents'] });
    const self = await asClient(newId());
    const { body } = await eventually(() => self.get('/v1/me/consents'), () => module.seen.length > 0);
    expect(body.complete).toBe(false);
    expect(body.items.some((item: { module: string }) => item.module === name)).toBe(false);
    await say.leave(name);
    await eventually(() => self.get('/v1/me/consents'), (one) => one.body.complete);
  });
});

it.each(['/v1/me/plan', '/v1/me/consents', '/v1/me/access-log'])('%s is for clients alone', async (path) => {
  for (const role of ['counsellor', 'supervisor', 'admin', 'auditor', 'module']) expect(await (await harness.as('gateway', { roles: [role], agency: 'centre' })).get(path)).toMatchObject({ status: 403 });
  expect((await fetch(harness.url('gateway') + path)).status).toBe(401);
});

describe('GET /v1/me/access-log', () => {
  const look = (id: number, more: object = {}) => ({ id: String(id), at: '2026-03-03T10:05:00.000Z', by: { subject: 'worker-7', agency: 'bureau', roles: ['legal:practitioner'] }, action: 'matter.read', purpose: 'care', decision: 'permit', ...more });

  it('merges what every module and the gateway saw, in words, page by page; refused looks too', async () => {
    const clientId = newId();
    await say.consent(clientId, 1, []);
    await say.entry(clientId, 'law', { agency: 'centre' });
    const worker = await harness.as('gateway', { sub: 'worker-9', roles: ['counsellor'], agency: 'centre' });
    const stranger = await harness.as('gateway', { sub: 'worker-8', roles: ['counsellor'], agency: 'elsewhere' });
    await eventually(() => worker.get(`/v1/clients/${clientId}/plan`), ({ status }) => status === 200);
    expect((await stranger.get(`/v1/clients/${clientId}/plan`)).status).toBe(404);
    const rows = [look(9), look(7, { at: '2026-03-02T08:00:00.000Z', onBehalfOf: 'cousin-3' })];
    const trail = await little(({ body }, response) => {
      const { before, limit } = JSON.parse(body) as { before?: string; limit: number };
      const rest = rows.filter(({ id }) => before === undefined || Number(id) < Number(before));
      json(response, 200, { items: rest.slice(0, limit), ...(rest.length > limit && { next: 'x' }) });
    });
    const ignorant = await little((_, response) => json(response, 404, {}));
    await say.module('trail', { baseUrl: trail.baseUrl, agencies: [{ agency: 'bureau', titles: { en: 'Legal Bureau', ru: 'Бюро права' } }] });
    await say.module('ignorant', { baseUrl: ignorant.baseUrl });
    await say.module('down', { baseUrl: 'http://127.0.0.1:9' });
    const self = await asClient(clientId);
    const { body, headers } = await eventually(() => self.get('/v1/me/access-log?limit=200'), ({ body: { items, missing } }) => ignorant.seen.length > 0 && missing.includes('down') && items.some((one: { module: string }) => one.module === 'trail'));
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(body.missing).not.toContain('ignorant');
    expect(body.words.at(-1)).toContain('The down');
    const here = body.items.filter((one: { module: string }) => one.module === 'gateway');
    expect(new Set(here.map((one: { decision: string }) => one.decision))).toEqual(new Set(['permit', 'deny']));
    expect(here.find((one: { decision: string }) => one.decision === 'deny').words).toContain('We did not let them. They got nothing.');
    expect(body.items.filter((one: { module: string }) => one.module === 'trail').map((one: { words: string[] }) => one.words[0])).toEqual([
      '3 March 2026, 10:05 (UTC): a worker of Legal Bureau (helps with one thing).', '2 March 2026, 08:00 (UTC): a worker of Legal Bureau (helps with one thing).']);
    expect(JSON.stringify(body)).not.toMatch(/worker-[789]|cousin-3/);

    const pages: unknown[] = [];
    for (let cursor = '', more = true; more;) {
      const page = (await self.get(`/v1/me/access-log?limit=1${cursor}`)).body;
      pages.push(...page.items);
      more = page.next !== undefined;
      cursor = `&cursor=${page.next}`;
    }
    expect(pages).toEqual(body.items);
    expect((await self.get('/v1/me/access-log?cursor=nonsense')).body).toMatchObject({ status: 422, code: 'cursor-invalid' });
    expect(JSON.parse(trail.seen[0]!.body)).toEqual({ limit: 200, byOthers: true });
    for (const name of ['trail', 'ignorant', 'down']) await say.leave(name);
  });

  it('leaves the own looks out unless asked, and what other clients tried in any case', async () => {
    const [clientId, other] = [newId(), newId()];
    await say.consent(clientId, 1, []);
    await say.entry(clientId, 'law');
    const [self, somebody] = [await asClient(clientId), await asClient(other)];
    await eventually(() => self.get(`/v1/clients/${clientId}/plan`), ({ body }) => body.sections?.length === 1);
    expect((await somebody.get(`/v1/clients/${clientId}/plan`)).status).toBe(404);
    const here = async (query: string) => (await self.get(`/v1/me/access-log${query}`, { 'accept-language': 'ru' })).body.items;
    expect(await here('')).toEqual([]);
    const own = await here('?own=true');
    expect(own.length).toBeGreaterThan(0);
    expect(own.every((one: { words: string[]; decision: string }) => one.words[0]!.endsWith('Кто: вы.') && one.decision === 'permit')).toBe(true);
  });
});
