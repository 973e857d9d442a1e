import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Issuer } from './token.js';

export interface TokenClaims {
  readonly sub: string;
  readonly agency: string;
  readonly roles: readonly string[];
  /** With the role `client`: the client's id. */
  readonly opora_client?: string;
  /** A program that asks in its own name. */
  readonly client_id?: string;
  /** Seconds until it expires; 12 hours unless said. */
  readonly lifetime?: number;
}

export interface DevelopmentIssuer extends Issuer {
  mint(claims: TokenClaims): Promise<string>;
  close(): Promise<void>;
}

export interface DevelopmentIssuerOptions {
  readonly host?: string;
  readonly port?: number;
  /** The `iss` of its tokens; its own address unless said. */
  readonly name?: string;
  readonly keyFile?: string;
  readonly audience: string;
}

interface Keys { privateJwk: JWK; publicJwk: JWK }

const makeKeys = async (): Promise<Keys> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = crypto.randomUUID();
  return { privateJwk: { ...(await exportJWK(privateKey)), kid, alg: 'ES256' }, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
};

const loadKeys = async (file: string | undefined): Promise<Keys> => {
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Keys;
  const keys = await makeKeys();
  if (file !== undefined) writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) if ((body += String(chunk)).length > 10_000) throw new Error('too long');
  return body;
};

/**
 * Gives a token to whoever asks on this machine, so that a newcomer can try everything. `GET /jwks`, and
 * `POST /tokens {sub, agency, roles, opora_client?}` → `{token}`. Never starts in production.
 */
export const startDevelopmentIssuer = async ({ host = '127.0.0.1', port = 0, name, keyFile, audience }: DevelopmentIssuerOptions): Promise<DevelopmentIssuer> => {
  if (process.env['NODE_ENV'] === 'production') throw new Error('The development issuer gives tokens to anyone: it does not start with NODE_ENV=production');
  const { privateJwk, publicJwk } = await loadKeys(keyFile);
  const key = await importJWK(privateJwk, 'ES256');

  const mint = ({ lifetime = 12 * 3600, ...claims }: TokenClaims): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: publicJwk.kid! })
      .setIssuer(issuer).setAudience(audience).setIssuedAt().setExpirationTime(Math.floor(Date.now() / 1000) + lifetime).sign(key);

  const answer = (response: ServerResponse, status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method === 'GET' && request.url === '/jwks') return answer(response, 200, { keys: [publicJwk] });
      if (request.method === 'POST' && request.url === '/tokens' && request.headers.origin === undefined) {
        return answer(response, 200, { token: await mint(JSON.parse(await readBody(request)) as TokenClaims) });
      }
      return answer(response, 404, { detail: 'GET /jwks or POST /tokens' });
    })().catch(() => answer(response, 400, { detail: 'Send {sub, agency, roles, opora_client?}' }));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = name ?? address;
  return {
    issuer, jwksUri: `${address}/jwks`, mint,
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
};
