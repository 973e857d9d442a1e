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

it.each(['/v1/me/plan', '/v1/me/consents'])('%s is for clients alone', async (path) => {
  for (const role of ['counsellor', 'supervisor', 'admin', 'auditor', 'module']) expect(await (await harness.as('gateway', { roles: [role], agency: 'centre' })).get(path)).toMatchObject({ status: 403 });
  expect((await fetch(harness.url('gateway') + path)).status).toBe(401);
});
