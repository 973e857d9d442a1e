import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import type { JWK } from 'jose';

export const b64 = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
export const now = (): number => Math.floor(Date.now() / 1000);

/** An issuer whose private keys the test holds, so that it can sign what an honest one never would. */
export const keyPair = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk: JWK = { ...publicKey.export({ format: 'jwk' }) as JWK, kid, alg: 'ES256', use: 'sig' };
  const token = (claims: object, header: object = {}): string => {
    const signed = `${b64({ alg: 'ES256', kid, ...header })}.${b64(claims)}`;
    return `${signed}.${signBytes('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  return { jwk, publicKey, token };
};
