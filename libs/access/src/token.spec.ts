import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startDevelopmentIssuer, type DevelopmentIssuer } from './development-issuer.js';
import { b64, keyPair, now } from '../test/forged-tokens.js';
import { TokenRefused } from './token-refused.js';
import { tokenCheck } from './token.js';

const audience = 'opora';
describe('tokenCheck', () => {
  const ours = keyPair('ours');
  const second = keyPair('second');
  const stranger = keyPair('ours');
  const servers: Server[] = [];
  let asked = 0;
  let check: ReturnType<typeof tokenCheck>;
  let issuer: string;
  let other: string;
  let broken: string;

  const serve = async (answer: () => [status: number, body: string]): Promise<string> => {
    const server = createServer((_, response) => { const [status, body] = answer(); response.writeHead(status, { 'content-type': 'application/json' }).end(body); });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  beforeAll(async () => {
    issuer = await serve(() => { asked += 1; return [200, JSON.stringify({ keys: [ours.jwk] })]; });
    other = await serve(() => [200, JSON.stringify({ keys: [second.jwk] })]);
    broken = await serve(() => [502, 'Bad gateway']);
    check = tokenCheck({ audience, issuers: [...[issuer, other, broken].map((url) => ({ issuer: url, jwksUri: `${url}/jwks` })), { issuer: 'http://127.0.0.1:9', jwksUri: 'http://127.0.0.1:9/jwks' }] });
  });
  afterAll(() => servers.forEach((server) => { server.close(); server.closeAllConnections(); }));

  const claims = (more: object = {}) => ({ iss: issuer, aud: audience, sub: 'worker-1', agency: 'centre', roles: ['counsellor'], iat: now(), exp: now() + 60, ...more });
  const outcome = (token: string | undefined) => check(token).then((actor) => actor as unknown, (error: unknown) => error instanceof TokenRefused ? error.code : error);

  it('answers with the actor, and nothing else of the token', async () => {
    expect(await outcome(ours.token(claims({ name: 'Anna', email: 'a@b.c' })))).toEqual({ sub: 'worker-1', agency: 'centre', roles: ['counsellor'], channel: 'interactive' });
    expect(await outcome(second.token(claims({ iss: other, aud: ['else', audience] })))).toEqual({ sub: 'worker-1', agency: 'centre', roles: ['counsellor'], channel: 'interactive' });
    expect(await outcome(ours.token(claims({ roles: ['client'], opora_client: 'c-1' })))).toEqual({ sub: 'worker-1', agency: 'centre', roles: ['client'], channel: 'interactive', clientId: 'c-1' });
  });

  it('gives a client id to no one but a client', async () => {
    expect(await outcome(ours.token(claims({ opora_client: 'c-1' })))).toEqual({ sub: 'worker-1', agency: 'centre', roles: ['counsellor'], channel: 'interactive' });
  });

  it.each<[string, object]>([
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['no expiry', { exp: undefined }],
    ['a time not yet come', { nbf: 9_999_999_999 }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['no agency', { agency: undefined }],
    ['an empty agency', { agency: '' }],
    ['an agency that is no text', { agency: ['centre'] }],
    ['no roles', { roles: undefined }],
    ['roles as one text', { roles: 'admin' }],
    ['roles that are no texts', { roles: [{ admin: true }] }],
    ['a client without a client id', { roles: ['client'] }],
    ['a client whose id is no text', { roles: ['client'], opora_client: ['c-1'] }],
    ['a client with an empty id', { roles: ['client'], opora_client: '' }],
    ['a client who is also staff', { roles: ['client', 'counsellor'], opora_client: 'c-1' }],
    ['staff who is also a client', { roles: ['admin', 'client'], opora_client: 'c-1' }],
    ['an unknown issuer', { iss: 'https://elsewhere.example' }],
    ['no issuer', { iss: undefined }],
    ['an issuer that is no text', { iss: ['x'] }],
    ['the identity token’s kind', { typ: 'ID' }],
    ['the refresh token’s kind', { typ: 'Refresh' }],
    ['the event of a logout', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['a key of which the caller would have to show possession', { cnf: { jkt: 'x' } }],
    ['a client’s role for a program', { roles: ['client'], opora_client: 'c-1', client_id: 'partner' }],
    ['an issuer named like what every object has', { iss: 'constructor' }],
  ])('refuses a token with %s', async (_, more) => {
    expect(await outcome(ours.token(claims(more)))).toBe('token-invalid');
  });

  it('says so when a token has expired, five seconds of skew apart', async () => {
    expect(await outcome(ours.token(claims({ exp: now() - 30 })))).toBe('token-expired');
    expect(await outcome(ours.token(claims({ exp: now() - 1 })))).toMatchObject({ sub: 'worker-1' });
  });

  it.each([undefined, ''])('asks for a token when there is none: %p', async (token) => {
    expect(await outcome(token)).toBe('token-missing');
  });

  it.each(['x', '.', '..', 'a.b', 'a.b.c', 'a.b.c.d.e', `${b64('null')}.${b64('null')}.`, `.${b64({ iss: 'x' })}.`, '💥'])('refuses what is no token: %p', async (token) => {
    expect(await outcome(token)).toBe('token-invalid');
  });

  it('refuses what is not signed, under every spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', '', undefined, null, 0]) {
      for (const signature of ['', ours.token(claims()).split('.')[2]!]) expect(await outcome(`${b64({ alg, kid: 'ours' })}.${b64(claims())}.${signature}`)).toBe('token-invalid');
    }
  });

  it('refuses a shared-secret signature made with the public key in any of its forms', async () => {
    const pem = ours.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const forms = [pem, pem.trim(), JSON.stringify(ours.publicKey.export({ format: 'jwk' })), JSON.stringify(ours.jwk), ours.publicKey.export({ format: 'der', type: 'spki' })];
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      for (const secret of forms) {
        const signed = `${b64({ alg, kid: 'ours' })}.${b64(claims())}`;
        expect(await outcome(`${signed}.${createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url')}`)).toBe('token-invalid');
      }
    }
  });

  it.each<[string, () => string]>([
    ['a stranger’s key under our key’s name', () => stranger.token(claims())],
    ['a key that the header brings along', () => stranger.token(claims(), { jwk: stranger.jwk })],
    ['a key set that the header points to', () => stranger.token(claims(), { jku: `${other}/jwks` })],
    ['a key of another issuer', () => second.token(claims())],
    ['a key of another issuer, named as ours', () => second.token(claims(), { kid: 'ours' })],
    ['an unknown key name', () => ours.token(claims(), { kid: 'unknown' })],
    ['a key name like a path', () => ours.token(claims(), { kid: '../../../../dev/null' })],
    ['a key name like a query', () => ours.token(claims(), { kid: `' union select 'x` })],
    ['an extension that must be understood', () => ours.token(claims(), { crit: ['exp'], exp: 1 })],
    ['a certificate that the header brings along', () => stranger.token(claims(), { x5c: ['MIIB'], x5t: 'x' })],
    ['a certificate that the header points to', () => stranger.token(claims(), { x5u: `${other}/certificate` })],
    ['a key name that is no text', () => stranger.token(claims(), { kid: { $ne: null } })],
    ['a key name that every object has', () => ours.token(claims(), { kid: '__proto__' })],
    ['a payload that is not encoded', () => ours.token(claims(), { b64: false, crit: ['b64'] })],
    ['another key’s algorithm', () => ours.token(claims(), { alg: 'RS256' })],
  ])('refuses a signature by %s', async (_, token) => {
    expect(await outcome(token())).toBe('token-invalid');
  });

  it('refuses a token of a kind that its header names otherwise, and one of any size', async () => {
    for (const typ of ['JWT', 'at+jwt', 'application/at+jwt']) expect(await outcome(ours.token(claims(), { typ }))).toMatchObject({ sub: 'worker-1' });
    for (const typ of ['dpop+jwt', 'logout+jwt', 'JOSE', '']) expect([typ, await outcome(ours.token(claims(), { typ }))]).toEqual([typ, 'token-invalid']);
    const before = asked;
    expect(await outcome(ours.token(claims({ roles: ['counsellor', 'x'.repeat(9_000)] })))).toBe('token-invalid');
    expect(await outcome('x'.repeat(20_000_000))).toBe('token-invalid');
    expect(asked).toBe(before);
  });

  it.each<[string, object]>([
    ['Keycloak’s scope `service_account`', { client_id: 'partner' }],
    ['the name that Keycloak gives it', { preferred_username: 'service-account-partner' }],
  ])('knows a program that asks in its own name by %s', async (_, more) => {
    expect(await outcome(ours.token(claims({ ...more, roles: ['module'] })))).toEqual({ sub: 'worker-1', agency: 'centre', roles: ['module'], channel: 'service' });
  });

  it('refuses a token of which a part was changed', async () => {
    const [header, , signature] = ours.token(claims()).split('.');
    expect(await outcome(`${header}.${b64(claims({ roles: ['admin'] }))}.${signature}`)).toBe('token-invalid');
  });

  it('blames the issuer, not the caller, when its keys cannot be had', async () => {
    expect(await outcome(ours.token(claims({ iss: 'http://127.0.0.1:9' })))).toBe('issuer-unreachable');
    expect(await outcome(ours.token(claims({ iss: broken })))).toBe('issuer-unreachable');
  });

  it('asks the issuer for its keys once, not with every token, nor for every unknown key name', async () => {
    const before = asked;
    for (let n = 0; n < 20; n += 1) await outcome(ours.token(claims(), { kid: n % 2 ? 'ours' : `unknown-${n}` }));
    expect(asked - before).toBeLessThanOrEqual(1);
  });
});

describe('The development issuer', () => {
  let running: DevelopmentIssuer | undefined;
  afterEach(async () => { await running?.close(); running = undefined; });

  it('gives tokens that our services take', async () => {
    running = await startDevelopmentIssuer({ audience });
    const response = await fetch(`${running.issuer}/tokens`, { method: 'POST', body: JSON.stringify({ sub: 'anna', agency: 'centre', roles: ['client'], opora_client: 'c-1', iss: 'x', aud: 'y' }) });
    const { token } = await response.json() as { token: string };
    expect(await tokenCheck({ issuers: [running], audience })(token)).toEqual({ sub: 'anna', agency: 'centre', roles: ['client'], channel: 'interactive', clientId: 'c-1' });
  });

  it('gives none to a page of another site, and none for what is no request', async () => {
    running = await startDevelopmentIssuer({ audience });
    const ask = async (init: RequestInit, path = '/tokens') => (await fetch(running!.issuer + path, init)).status;
    expect(await ask({ method: 'POST', body: '{"sub":"x"}', headers: { origin: 'https://evil.example' } })).toBe(404);
    expect(await ask({ method: 'POST', body: 'no json' })).toBe(400);
    expect(await ask({ method: 'POST', body: 'null' })).toBe(400);
    expect(await ask({ method: 'POST', body: `"${'x'.repeat(20_000)}"` })).toBe(400);
    expect(await ask({ method: 'GET' }, '/jwks')).toBe(200);
    expect(JSON.stringify(await (await fetch(`${running.issuer}/jwks`)).json())).not.toContain('"d"');
  });

  it('does not start in production', async () => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    try {
      await expect(startDevelopmentIssuer({ audience })).rejects.toThrow('does not start with NODE_ENV=production');
    } finally {
      process.env['NODE_ENV'] = before;
    }
  });
});
