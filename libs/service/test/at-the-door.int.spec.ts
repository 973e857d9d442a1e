import { caller, startHarness, type Caller, type Harness } from '@opora/testing';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { VisitsService } from './visits.js';

let harness: Harness;
beforeAll(async () => { harness = await startHarness([]); });
afterAll(() => harness?.close());

const path = '/v1/visits/visits';
const boot = (limits: object = {}) => harness.boot(VisitsService, { limits });
const worker = async (sub = 'worker-1') => caller(harness.url('visits'), await harness.mint({ sub, roles: ['visits:practitioner'] }));

/** What the server says over a socket until it closes it. */
const raw = async (write: (socket: Socket) => unknown, withinMs = 5_000): Promise<{ text: string; ms: number }> => {
  const socket = connect(Number(new URL(harness.url('visits')).port), '127.0.0.1');
  const from = performance.now();
  let text = '';
  socket.on('data', (chunk) => { text += String(chunk); }).on('error', () => undefined);
  await once(socket, 'connect');
  const timer = setTimeout(() => socket.destroy(), withinMs);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await write(socket);
  await closed;
  clearTimeout(timer);
  return { text, ms: performance.now() - from };
};

describe('A rate limit', () => {
  it('holds for one address before its token is looked at, whatever it guesses, and tells when to come again', async () => {
    const service = await boot({ perAddress: 5 });
    const statuses: number[] = [];
    let last!: Awaited<ReturnType<Caller['get']>>;
    for (let n = 0; n < 8; n += 1) statuses.push((last = await caller(service.url, `guess-${n}`).get(n % 2 ? path : '/nothing')).status);
    expect(statuses).toEqual([404, 401, 404, 401, 404, 429, 429, 429]);
    expect(last).toMatchObject({ status: 429, body: { type: 'urn:opora:problem:too-many-requests', code: 'too-many-requests', status: 429 } });
    expect(last.headers.get('content-type')).toContain('application/problem+json');
    expect([last.headers.get('ratelimit-limit'), last.headers.get('ratelimit-remaining')]).toEqual(['5', '0']);
    for (const name of ['retry-after', 'ratelimit-reset']) expect(Number(last.headers.get(name))).toBeGreaterThan(0);
    for (let n = 0; n < 10; n += 1) for (const free of ['/health/live', '/health/ready', '/metrics']) expect([free, (await caller(service.url).get(free)).status]).toEqual([free, 200]);
  });

  it('holds for one person with however many tokens, and not for the next', async () => {
    const service = await boot({ perSubject: 3 });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await caller(service.url, await harness.mint({ roles: ['visits:practitioner'], lifetime: 600 + n })).get(path)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const other = await (await worker('worker-2')).get(path);
    expect([other.status, other.headers.get('ratelimit-remaining')]).toEqual([200, '2']);
    expect((await caller(service.url, await harness.mint({ agency: 'bureau', roles: ['visits:practitioner'] })).get(path)).status).toBe(200);
  });

  it('counts a command that is repeated under its key once, though its answer is read anew', async () => {
    await boot({ perAddress: 3, perSubject: 3 });
    const me = await worker('worker-3');
    for (let n = 0; n < 3; n += 1) {
      const reply = await me.post(path, { clientId: '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b', note: 'x', minutes: 5 }, { 'idempotency-key': 'once' });
      expect([reply.status, reply.body.note]).toEqual([201, 'x']);
    }
  });

  it('believes nobody who says for whom he comes, but the proxies that it knows', async () => {
    const forged = async (n: number) => (await caller(harness.url('visits')).get(path, { 'x-forwarded-for': `203.0.113.${n}` })).status;
    await boot({ perAddress: 2, trustedProxies: 'none' });
    expect([await forged(1), await forged(2), await forged(3)]).toEqual([401, 401, 429]);
    await boot({ perAddress: 2, trustedProxies: 'loopback' });
    expect([await forged(1), await forged(2), await forged(3), await forged(3), await forged(3)]).toEqual([401, 401, 401, 401, 429]);
    const behind = (n: number) => caller(harness.url('visits')).get(path, { 'x-forwarded-for': `203.0.113.${n}, 198.51.100.7` });
    expect([(await behind(1)).status, (await behind(2)).status, (await behind(3)).status]).toEqual([401, 401, 429]);
  });
});

describe('A connection', () => {
  const answered = (text: string) => [text.split('\r\n')[0], /"code":"([a-z-]+)"/.exec(text)?.[1]];

  it('is closed when its headers do not come in time, however busy it looks', async () => {
    await boot({ headersMs: 400 });
    const { text, ms } = await raw(async (socket) => {
      socket.write('GET /v1/visits/count HTTP/1.1\r\nhost: x\r\n');
      for (let n = 0; n < 30 && socket.writable; n += 1) { socket.write(`x-${n}: 1\r\n`); await new Promise((resolve) => setTimeout(resolve, 50)); }
    });
    expect(answered(text)).toEqual(['HTTP/1.1 408 Request Timeout', 'request-too-slow']);
    expect(ms).toBeLessThan(2_000);
  });

  it('is closed when its body does not come in time', async () => {
    await boot({ requestMs: 500, headersMs: 400 });
    const token = await harness.mint({ roles: ['visits:practitioner'] });
    const { text, ms } = await raw(async (socket) => {
      socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`);
      for (let n = 0; n < 40 && socket.writable; n += 1) { socket.write(' '); await new Promise((resolve) => setTimeout(resolve, 50)); }
    });
    expect(answered(text)[0]).toBe('HTTP/1.1 408 Request Timeout');
    expect(ms).toBeLessThan(2_500);
  });

  it('that is slow keeps nobody else waiting', async () => {
    await boot({ headersMs: 800 });
    const slow = Array.from({ length: 300 }, () => raw((socket) => socket.write('GET / HTTP/1.1\r\nx: ')));
    const me = await worker();
    const from = performance.now();
    for (let n = 0; n < 10; n += 1) expect((await me.get(path)).status).toBe(200);
    expect(performance.now() - from).toBeLessThan(2_000);
    for (const { text } of await Promise.all(slow)) expect(answered(text)[0]).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('is one of so many, and the next is closed as it comes', async () => {
    await boot({ connections: 10 });
    const open = Array.from({ length: 10 }, () => connect(Number(new URL(harness.url('visits')).port), '127.0.0.1'));
    await Promise.all(open.map((socket) => once(socket, 'connect')));
    expect((await raw((socket) => socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'))).text).toBe('');
    for (const socket of open) socket.destroy();
  });

  it.each<[string, string, string, string]>([
    ['headers larger than 16 KB', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'HTTP/1.1 431 Request Header Fields Too Large', 'headers-too-large'],
    ['what is not HTTP', 'hello\r\n\r\n', 'HTTP/1.1 400 Bad Request', 'not-http'],
    ['two lengths of one body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345', 'HTTP/1.1 400 Bad Request', 'not-http'],
    ['a length and chunks', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 'HTTP/1.1 400 Bad Request', 'not-http'],
    ['a header with a line of its own in it', 'GET / HTTP/1.1\r\nhost: x\r\nx: a\rb: c\r\n\r\n', 'HTTP/1.1 400 Bad Request', 'not-http'],
  ])('is refused and closed for %s', async (_, request, line, code) => {
    await boot();
    const { text } = await raw((socket) => socket.write(request));
    expect(answered(text)).toEqual([line, code]);
    expect(text).toContain('connection: close');
    expect(text).not.toContain('yyy');
  });
});

describe('A body', () => {
  const visit = { clientId: '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b', note: 'x', minutes: 5 };

  it.each<[string, string, number]>([
    ['with a prototype', '{"__proto__": {"admin": true}, "note": "x"}', 400],
    ['with a prototype deep within', JSON.stringify({ ...visit, form: {} }).replace('{}', '{"a": [{"__proto__": {"x": 1}}]}'), 400],
    ['with a constructor’s prototype', '{"constructor": {"prototype": {"admin": true}}}', 400],
    ['with a constructor', JSON.stringify({ ...visit, constructor: 'x' }), 422],
    ['of a hundred thousand brackets', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 422],
    ['nested deeper than any form', JSON.stringify({ ...visit, form: {} }).replace('{}', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`), 422],
    ['larger than 512 KB', JSON.stringify({ ...visit, note: 'x'.repeat(512 * 1024) }), 413],
    ['that names the fields twice', '{"note": "x", "note": {"a": 1}}', 422],
  ])('%s is refused', async (_, body, status) => {
    await boot();
    expect((await (await worker()).post(path, body)).status).toBe(status);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('An answer', () => {
  it('says how it wants to be treated, whatever it is', async () => {
    await boot({ perAddress: 20 });
    const me = await worker();
    const nobody = caller(harness.url('visits'));
    const replies = [await me.get(path), await me.post(path, {}), await me.get(`${path}/x`), await nobody.get(path), await nobody.get('/nothing'), await nobody.get('/openapi.json'), await nobody.get('/health/live'), await nobody.get('/metrics'), await nobody.get('/v1/%zz')];
    for (let n = 0; n < 20; n += 1) replies.push(await nobody.get(path));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400, 401, 404, 422, 429]));
    for (const { headers } of replies) {
      expect(Object.fromEntries(['cache-control', 'x-content-type-options', 'referrer-policy', 'content-security-policy', 'strict-transport-security', 'cross-origin-resource-policy'].map((name) => [name, headers.get(name)]))).toEqual({
        'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'strict-transport-security': 'max-age=31536000; includeSubDomains', 'cross-origin-resource-policy': 'same-origin',
      });
      for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'set-cookie']) expect(headers.get(name)).toBeNull();
    }
  });

  it('lets no page of another site read it, and answers to no method that nobody needs', async () => {
    await boot();
    const ask = (method: string, headers: Record<string, string> = {}) => fetch(harness.url('visits') + path, { method, headers: { origin: 'https://evil.example', ...headers } });
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const { headers } = await ask(method, { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    for (const method of ['OPTIONS', 'DELETE', 'PATCH', 'PROPFIND']) expect((await ask(method)).status).toBe(404);
    expect((await raw((socket) => socket.write('TRACE / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer s3cret\r\nconnection: close\r\n\r\n'))).text).not.toContain('s3cret');
  });
});

it('writes one line to the log for each request, whatever its address, headers and ids try', async () => {
  await boot();
  const before = harness.log.length;
  const forged = '{"level":"error","event":"forged"}';
  const me = await worker();
  await me.get(`${path}/%0A${encodeURIComponent(forged)}`);
  await me.get(`/nothing%0d%0a${encodeURIComponent(forged)}`, { 'request-id': forged, 'x-request-id': forged, traceparent: forged, 'user-agent': forged });
  await me.post(path, { note: `x\n${forged}` }, { 'idempotency-key': 'a' });
  const lines = harness.log.slice(before).filter((line) => JSON.parse(line).event === 'request');
  expect(lines).toHaveLength(3);
  expect(harness.log.slice(before).join('\n')).not.toContain('forged');
  expect(lines.map((line) => JSON.parse(line).route)).toEqual([`${path}/:id`, 'none', path]);
});
