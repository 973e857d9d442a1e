import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { jest } from '@jest/globals';
import dns from 'node:dns';
import { request } from 'node:http';
import { Gateway } from '../src/gateway.module.js';
import { json, startModule, type LittleModule } from './little-module.js';
import { speaker } from './said.js';

let harness: Harness;
let say: ReturnType<typeof speaker>;
let caller: Caller;
let authorization: string;
const modules: LittleModule[] = [];

const start = async (...args: Parameters<typeof startModule>): Promise<LittleModule> => {
  const module = await startModule(...args);
  modules.push(module);
  return module;
};

beforeAll(async () => {
  harness = await startHarness([Gateway], { environment: { GATEWAY_UPSTREAM_TIMEOUT_MS: '1500', GATEWAY_UPSTREAMS: 'http://127.0.0.1:*,http://*.modules.example:*' } });
  say = speaker(harness);
  caller = await harness.as('gateway', { roles: ['counsellor'] });
  authorization = `Bearer ${await harness.mint({ roles: ['counsellor'] })}`;
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
  for (const method of ['DELETE', 'PATCH', 'OPTIONS']) await fetch(`${harness.url('gateway')}/v1/job-club/members/x`, { method, headers: { authorization } });
  expect(module.seen.slice(1).map(({ method }) => method)).toEqual(['DELETE', 'PATCH', 'OPTIONS']);
});

it('streams a body while it is being sent: nothing is held back', async () => {
  const module = await start((_seen, response, incoming) => { response.writeHead(200, { 'content-type': 'text/plain' }); incoming.pipe(response); }, { streams: true });
  await say.module('echo', { baseUrl: module.baseUrl });
  await listed('echo');
  const sending = request(`${harness.url('gateway')}/v1/echo/back`, { method: 'POST', headers: { authorization, 'content-type': 'application/octet-stream' } });
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

it.each([['127.0.0.1', 'loops'], ['::1', 'loops-six'], ['::ffff:127.0.0.1', 'loops-mapped'], ['169.254.169.254', 'metadata'], ['fd00:ec2::254', 'metadata-six'], ['0.0.0.0', 'nowhere'], ['fe80::1', 'cable'], ['64:ff9b::7f00:1', 'translated']])(
  'connects to no name that stands for %s, though its name is allowed', async (address, name) => {
    const { lookup } = dns;
    let asked = 0;
    const faked = jest.spyOn(dns, 'lookup').mockImplementation(((host: string, ...rest: [object, (error: null, found: object[]) => void]) => {
      if (!host.endsWith('.modules.example')) return lookup(host, ...rest as unknown as [dns.LookupAllOptions, () => void]);
      asked += 1;
      return rest[1](null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    }) as never);
    try {
      const module = await start((_seen, response) => json(response, 200, { openapi: '3.1.0' }));
      await say.module(name, { baseUrl: module.baseUrl.replace('127.0.0.1', `${name}.modules.example`), serves: ['openapi'] });
      await listed(name);
      expect(await caller.get(`/v1/${name}/x`)).toMatchObject({ status: 503, body: { code: 'module-unavailable' } });
      expect(await caller.get(`/openapi/${name}.json`)).toMatchObject({ status: 503, body: { code: 'module-unavailable' } });
      expect(module.seen).toEqual([]);
      expect(asked).toBeGreaterThan(0);
    } finally {
      faked.mockRestore();
    }
  });

it('follows no redirect with a token, but hands it to the caller', async () => {
  const elsewhere = await start((_seen, response) => json(response, 200, {}));
  const module = await start((_seen, response) => response.writeHead(302, { location: `${elsewhere.baseUrl}/v1/redirects/x` }).end());
  await say.module('redirects', { baseUrl: module.baseUrl, serves: ['openapi', 'plan-texts', 'clients:display'] });
  await listed('redirects');
  expect((await fetch(`${harness.url('gateway')}/v1/redirects/x`, { redirect: 'manual', headers: { authorization } })).status).toBe(302);
  expect((await caller.get('/openapi/redirects.json')).status).toBe(503);
  await caller.get('/v1/clients/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b/plan?expand=person');
  expect(elsewhere.seen).toEqual([]);
});

it('says itself where a caller comes from, whatever he says', async () => {
  const module = await start((_seen, response) => json(response, 200, {}));
  await say.module('where', { baseUrl: module.baseUrl });
  await listed('where');
  await caller.get('/v1/where/x', { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'for=203.0.113.1', 'x-real-ip': '203.0.113.1' });
  const { headers } = module.seen[0]!;
  expect(Object.keys(headers).filter((name) => /forwarded|real-ip/.test(name)).sort()).toEqual(['opora-forwarded', 'x-forwarded-for']);
  expect(headers['x-forwarded-for']).toBe('127.0.0.1');
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
