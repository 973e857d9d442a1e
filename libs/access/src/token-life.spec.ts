import { jest } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { b64, keyPair } from '../test/forged-tokens.js';
import { TokenRefused } from './token-refused.js';
import { tokenCheck } from './token.js';

/** How long what was once true of a token, its key or its client stays believed. Time is the test's own. */
describe('A token in the course of time', () => {
  const start = 1_800_000_000_000;
  let time = start;
  let server: Server;
  let issuer: string;
  let up = true;
  let keys = [keyPair('first')];
  let asked = { keys: 0, tokens: 0 };
  let introspect: (request: IncomingMessage, body: string) => [status: number, answer: unknown];
  let check: ReturnType<typeof tokenCheck>;

  const rules = (introspection: boolean) => ({
    audience: 'opora',
    issuers: [{ issuer, jwksUri: `${issuer}/jwks`, ...(introspection && { introspection: { uri: `${issuer}/introspect`, clientId: 'opora', clientSecret: 'a secret: with + and %' } }) }],
  });
  const fresh = (introspection = false) => { check = tokenCheck(rules(introspection), () => time); };
  const pass = (seconds: number) => { time += seconds * 1000; };
  const claims = (more: object = {}) => ({ iss: issuer, aud: 'opora', sub: 'worker-1', agency: 'centre', roles: ['counsellor'], exp: time / 1000 + 300, ...more });
  const outcome = (token: string) => check(token).then(() => 'taken', (error: unknown) => (error instanceof TokenRefused ? error.code : String(error)));

  beforeAll(async () => {
    server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        if (!up) return request.socket.destroy();
        const keySet = request.url === '/jwks';
        asked[keySet ? 'keys' : 'tokens'] += 1;
        const [status, answer] = keySet ? [200, { keys: keys.map(({ jwk }) => jwk) }] : introspect(request, body);
        return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    // jose asks the machine's own clock how old its keys are.
    jest.spyOn(Date, 'now').mockImplementation(() => time);
    [time, up, keys, asked] = [start, true, [keyPair('first')], { keys: 0, tokens: 0 }];
    introspect = () => [200, { active: true }];
    fresh();
  });
  afterEach(() => { jest.restoreAllMocks(); });
  afterAll(() => { server.close(); server.closeAllConnections(); });

  it('is taken at once when a new key signed it, and the old key’s tokens go on while it is published', async () => {
    const [old] = keys;
    expect(await outcome(old!.token(claims()))).toBe('taken');
    const next = keyPair('next');
    keys = [next, old!];
    expect(await outcome(next.token(claims()))).toBe('taken');
    expect(await outcome(old!.token(claims({ jti: '2' })))).toBe('taken');
    expect(asked.keys).toBe(2);
  });

  it('is refused within a minute once its key was taken back', async () => {
    const token = keys[0]!.token(claims());
    expect(await outcome(token)).toBe('taken');
    pass(29);
    expect(await outcome(keys[0]!.token(claims({ jti: '2' })))).toBe('taken');
    keys = [keyPair('next')];
    pass(31);
    expect(await outcome(token)).toBe('token-invalid');
  });

  it('cannot make us ask for keys again and again', async () => {
    expect(await outcome(keys[0]!.token(claims()))).toBe('taken');
    for (let n = 0; n < 200; n += 1) {
      pass(0.1);
      expect(await outcome(keys[0]!.token(claims(), { kid: `unknown-${n}` }))).toBe('token-invalid');
    }
    expect(asked.keys).toBeLessThanOrEqual(6);
  });

  it('is taken while its issuer is away for a few minutes, if its key was known; nobody knocks meanwhile with every token', async () => {
    expect(await outcome(keys[0]!.token(claims()))).toBe('taken');
    up = false;
    pass(120);
    expect(await outcome(keys[0]!.token(claims()))).toBe('taken');
    expect(await outcome(keyPair('next').token(claims()))).toBe('issuer-unreachable');
    pass(600);
    expect(await outcome(keys[0]!.token(claims()))).toBe('issuer-unreachable');
    up = true;
    pass(6);
    expect(await outcome(keys[0]!.token(claims()))).toBe('taken');
  });

  it('is refused the moment after its expiry, however lately it was looked at', async () => {
    const token = keys[0]!.token(claims({ exp: time / 1000 + 20 }));
    expect(await outcome(token)).toBe('taken');
    pass(26);
    expect(await outcome(token)).toBe('token-expired');
  });

  it('is asked about once by many requests, and again after half a minute', async () => {
    fresh(true);
    const token = keys[0]!.token(claims());
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => outcome(token))))).toEqual(new Set(['taken']));
    pass(29);
    expect(await outcome(token)).toBe('taken');
    expect(asked.tokens).toBe(1);
    pass(2);
    expect(await outcome(token)).toBe('taken');
    expect(asked.tokens).toBe(2);
  });

  it('is refused once the issuer has taken it back, and nobody is asked with every request that still brings it', async () => {
    fresh(true);
    const token = keys[0]!.token(claims());
    expect(await outcome(token)).toBe('taken');
    introspect = () => [200, { active: false }];
    pass(31);
    for (let n = 0; n < 20; n += 1) expect(await outcome(token)).toBe('token-revoked');
    expect(asked.tokens).toBe(2);
  });

  it('is shown to the issuer by us as ourselves, and only once its signature is right', async () => {
    fresh(true);
    let seen: unknown;
    introspect = ({ headers, method, url }, body) => {
      const [client, secret] = Buffer.from(headers.authorization!.split(' ')[1]!, 'base64').toString().split(':');
      seen = [method, url, client, decodeURIComponent(secret!), new URLSearchParams(body).get('token')];
      return [200, { active: true }];
    };
    expect(await outcome(keyPair('first').token(claims()))).toBe('token-invalid');
    expect(await outcome(`${b64({ alg: 'none' })}.${b64(claims())}.`)).toBe('token-invalid');
    expect(asked.tokens).toBe(0);
    const token = keys[0]!.token(claims());
    expect(await outcome(token)).toBe('taken');
    expect(seen).toEqual(['POST', '/introspect', 'opora', 'a secret: with + and %', token]);
  });

  it.each<[string, number, unknown]>([
    ['an error', 500, { active: true }], ['a refusal of ourselves', 401, { error: 'invalid_client' }], ['no answer to the question', 200, {}],
    ['a text for a yes', 200, { active: 'true' }], ['nothing', 200, null], ['a redirect', 302, {}],
  ])('is not taken when the issuer says %s, and is asked about anew', async (_, status, answer) => {
    fresh(true);
    introspect = () => [status, answer];
    const token = keys[0]!.token(claims());
    expect(await outcome(token)).toBe('issuer-unreachable');
    introspect = () => [200, { active: true }];
    expect(await outcome(token)).toBe('taken');
  });
});
