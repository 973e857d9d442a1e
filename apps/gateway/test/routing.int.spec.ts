import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { request } from 'node:http';
import { Gateway } from '../src/gateway.module.js';
import { json, startModule, type LittleModule } from './little-module.js';
import { speaker } from './said.js';

let harness: Harness;
let say: ReturnType<typeof speaker>;
let caller: Caller;
const modules: LittleModule[] = [];

const start = async (...args: Parameters<typeof startModule>): Promise<LittleModule> => {
  const module = await startModule(...args);
  modules.push(module);
  return module;
};

beforeAll(async () => {
  harness = await startHarness([Gateway], { environment: { GATEWAY_UPSTREAM_TIMEOUT_MS: '1500' } });
  say = speaker(harness);
  caller = await harness.as('gateway', { roles: ['counsellor'] });
});

afterAll(async () => {
  await harness?.close();
  await Promise.all(modules.map((module) => module.close()));
});

const listed = (module: string) => eventually(() => caller.get('/v1/modules'), ({ body }) => body.items.some((m: { module: string }) => m.module === module));

it('hands method, path, query, headers and body on, and the answer back', async () => {
  const module = await start((seen, response) => response.writeHead(207, { 'content-type': 'application/json', etag: '"7"', 'x-own': 'yes', connection: 'keep-alive' }).end(JSON.stringify({ said: seen.body })));
  await say.module('job-club', { baseUrl: module.baseUrl, lifecycle: 'retiring' });
  await listed('job-club');
  const sent = { 'idempotency-key': 'abc', 'if-match': '"6"', te: 'trailers', 'accept-language': 'ru' };
  const reply = await caller.post('/v1/job-club/members/x:rate?deep=1&q=%D0%B0', { a: 'ё' }, sent);
  expect(reply).toMatchObject({ status: 207, body: { said: '{"a":"ё"}' } });
  expect([reply.headers.get('etag'), reply.headers.get('x-own')]).toEqual(['"7"', 'yes']);
  expect(module.seen).toMatchObject([{ method: 'POST', url: '/v1/job-club/members/x:rate?deep=1&q=%D0%B0', body: '{"a":"ё"}' }]);
  const { headers } = module.seen[0]!;
  expect(headers).toMatchObject({ 'idempotency-key': 'abc', 'if-match': '"6"', 'accept-language': 'ru', 'content-type': 'application/json' });
  expect(headers.authorization).toMatch(/^Bearer /);
  expect(headers.te).toBeUndefined();
  for (const method of ['DELETE', 'PATCH', 'OPTIONS']) await fetch(`${harness.url('gateway')}/v1/job-club/members/x`, { method });
  expect(module.seen.slice(1).map(({ method }) => method)).toEqual(['DELETE', 'PATCH', 'OPTIONS']);
});

it('streams a body while it is being sent: nothing is held back', async () => {
  const module = await start((_seen, response, incoming) => { response.writeHead(200, { 'content-type': 'text/plain' }); incoming.pipe(response); }, { streams: true });
  await say.module('echo', { baseUrl: module.baseUrl });
  await listed('echo');
  const sending = request(`${harness.url('gateway')}/v1/echo/back`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
  sending.write('first');
  const answer = await new Promise<AsyncIterable<Buffer>>((resolve) => sending.on('response', resolve));
  const chunks = answer[Symbol.asyncIterator]();
  expect(String((await chunks.next()).value)).toBe('first');
  sending.end('second');
  expect(String((await chunks.next()).value)).toBe('second');
});

it('says 404 for a module that never was, and for what lies beside the module’s own paths', async () => {
  const module = await start((_seen, response) => json(response, 200, {}));
  await say.module('narrow', { baseUrl: module.baseUrl });
  await listed('narrow');
  expect(await caller.get('/v1/nobody/x')).toMatchObject({ status: 404, body: { code: 'module-unknown' } });
  for (const path of ['/v1/narrow/..%2f..%2fmetrics', '/v1/narrow/%zz', '/v1/gateway/nothing', '/v1/NARROW/x', '/v1/clients/x']) {
    const { status, headers } = await caller.get(path);
    expect([path, [400, 404].includes(status), headers.get('content-type')]).toEqual([path, true, expect.stringContaining('application/problem+json')]);
  }
  expect(module.seen).toEqual([]);
});

it('says 410 once a module left, and routes again when it comes back', async () => {
  const module = await start((_seen, response) => json(response, 200, {}));
  await say.module('brief', { baseUrl: module.baseUrl });
  await listed('brief');
  await say.leave('brief');
  const gone = await eventually(() => caller.get('/v1/brief/x'), ({ status }) => status === 410);
  expect(gone.body).toMatchObject({ code: 'module-gone', status: 410 });
  expect((await caller.get('/v1/modules')).body.items.map((m: { module: string }) => m.module)).not.toContain('brief');
  await say.module('brief', { baseUrl: module.baseUrl });
  await eventually(() => caller.get('/v1/brief/x'), ({ status }) => status === 200);
});

it('says 503 with Retry-After for a module that is dead, breaks off, or does not answer in time', async () => {
  const abrupt = await start((_seen, response) => response.destroy());
  await say.module('dead', { baseUrl: 'http://127.0.0.1:1' });
  await say.module('abrupt', { baseUrl: abrupt.baseUrl });
  await say.module('slow', { baseUrl: (await start(() => undefined)).baseUrl });
  await listed('slow');
  for (const path of ['/v1/dead/x', '/v1/abrupt/x', '/v1/slow/x']) {
    for (const reply of [await caller.get(path), await caller.post(path, {})]) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'module-unavailable' } });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  }
});

it('hands a module’s own 503 on once, without asking again', async () => {
  const busy = await start((_seen, response) => json(response.setHeader('retry-after', '1'), 503, { code: 'busy' }));
  await say.module('busy', { baseUrl: busy.baseUrl });
  await listed('busy');
  expect(await caller.get('/v1/busy/x')).toMatchObject({ status: 503, body: { code: 'busy' } });
  expect(busy.seen).toHaveLength(1);
});

it('gives no token to an address that operations did not allow', async () => {
  const { baseUrl } = await start((_seen, response) => json(response, 200, {}));
  await say.module('elsewhere', { baseUrl: baseUrl.replace('127.0.0.1', 'localhost'), serves: ['openapi', 'plan-texts'] });
  await listed('elsewhere');
  expect(await caller.get('/v1/elsewhere/x')).toMatchObject({ status: 503, body: { code: 'upstream-not-allowed' } });
  expect(await caller.get('/openapi/elsewhere.json')).toMatchObject({ status: 503, body: { code: 'upstream-not-allowed' } });
  expect(modules.at(-1)?.seen).toEqual([]);
  expect(harness.log.some((line) => line.includes('upstream-not-allowed') && line.includes('elsewhere'))).toBe(true);
});

it('lists the modules, with what they offer and whether they were heard of late; not where they answer', async () => {
  await say.module('talking');
  await say.module('silent', { serves: ['openapi'] });
  await say.heard('talking');
  await say.heard('silent', '2026-03-02T08:00:00.000Z');
  await eventually(() => caller.get('/v1/modules'), ({ body }) => body.items.some((m: any) => m.module === 'talking' && !m.stale) && body.items.some((m: any) => m.staleSince));
  const { body } = await caller.get('/v1/modules');
  const by = (name: string) => body.items.find((m: { module: string }) => m.module === name);
  expect(by('talking')).toMatchObject({ titles: { en: 'The talking' }, lifecycle: 'active', version: '1.0.0', offers: [{ code: 'help' }], serves: [], stale: false });
  expect(by('talking')).not.toHaveProperty('openapi');
  expect(by('silent')).toMatchObject({ openapi: '/openapi/silent.json', stale: true, staleSince: '2026-03-02T08:00:00.000Z' });
  expect(JSON.stringify(body)).not.toContain('127.0.0.1');
});

it('refers to one API description per module, from here alone, and to a module that joins without a restart', async () => {
  const anybody = await harness.as('gateway', {});
  const module = await start((_seen, response) => json(response, 200, { openapi: '3.1.0', info: { title: 'Joined' } }));
  expect((await anybody.get('/reference')).body).not.toContain('/openapi/joined.json');
  await say.module('joined', { baseUrl: module.baseUrl, serves: ['openapi'], titles: { en: '<b>Joined</b>', ru: 'Пришёл' } });
  await listed('joined');
  const { body: page, headers } = await anybody.get('/reference');
  expect(page).toContain('<a href="/openapi/joined.json">&#60;b&#62;Joined&#60;/b&#62;</a>');
  expect(page).toContain('/openapi/gateway.json');
  expect(page).not.toMatch(/https?:\/\//);
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
  for (const asset of [...(page as string).matchAll(/(?:src|href)="(\/reference\/[^"]+)"/g)].map((m) => m[1]!)) {
    expect([asset, (await anybody.get(asset)).status]).toEqual([asset, 200]);
  }
  expect((await anybody.get('/reference/assets/package.json')).status).toBe(404);
  expect((await anybody.get('/openapi/joined.json')).body).toMatchObject({ info: { title: 'Joined' } });
  expect(module.seen[0]?.headers.authorization).toBeUndefined();
  const own = (await anybody.get('/openapi/gateway.json')).body;
  expect(Object.keys(own.paths)).toEqual(expect.arrayContaining(['/v1/clients/{id}/plan', '/v1/modules']));
  expect((await anybody.get('/openapi/nobody.json')).status).toBe(404);
});

it('writes no URL to the log', () => {
  expect(harness.log.join('\n')).not.toMatch(/deep=1|members|127\.0\.0\.1/);
});

it('lets no page of a module act under the gateway’s address', async () => {
  const module = await start((_seen, response) => response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<script>alert(1)</script>'));
  await say.module('pages', { baseUrl: module.baseUrl });
  await listed('pages');
  const { headers } = await caller.get('/v1/pages/x');
  expect(headers.get('set-cookie')).toBeNull();
  expect(headers.get('content-security-policy')).toContain('sandbox');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('refuses a body that no service would take, and a module that leads back here', async () => {
  const module = await start((_seen, response) => json(response, 200, {}));
  await say.module('small', { baseUrl: module.baseUrl });
  await say.module('mirror', { baseUrl: harness.url('gateway') });
  await listed('mirror');
  expect(await caller.post('/v1/small/x', JSON.stringify('x'.repeat(3_000_000)))).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  expect(module.seen).toEqual([]);
  expect(await caller.get('/v1/mirror/x')).toMatchObject({ status: 508, body: { code: 'forwarding-loop' } });
});
