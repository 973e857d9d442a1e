import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Actor } from './actor.js';

export interface Issuer {
  readonly issuer: string;
  readonly jwksUri: string;
}

export interface TokenRules {
  readonly issuers: readonly Issuer[];
  readonly audience: string;
}

/** Why a token was not taken. The code goes to the caller; nothing of the token does. */
export class TokenRefused extends Error {
  constructor(readonly code: 'token-missing' | 'token-invalid' | 'token-expired' | 'issuer-unreachable') {
    super(code);
  }
}

/** Signatures only, by key pair: `none` and shared secrets are never accepted. */
const algorithms = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'];

const unverifiedIssuer = (token: string): string | undefined => {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload).iss;
  } catch {
    return undefined;
  }
};

/** jose's own errors are about the token, but for these: the key set did not come, or is none. */
const issuersFault = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === errors.JOSEError.code;

const toActor = (claims: JWTPayload): Actor => {
  const { sub, agency, roles, opora_client: clientId } = claims;
  const named = typeof sub === 'string' && sub !== '' && typeof agency === 'string' && agency !== '';
  if (!named || !Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) throw new TokenRefused('token-invalid');
  const client = roles.includes('client');
  if (client && (typeof clientId !== 'string' || clientId === '' || roles.length > 1)) throw new TokenRefused('token-invalid');
  return { sub, agency, roles: roles as string[], ...(client && { clientId: clientId as string }) };
};

/**
 * Checks bearer tokens against the configured issuers: signature by the issuer's published keys, audience, expiry (5 s
 * of clock skew). Answers with the actor or throws TokenRefused.
 */
export const tokenCheck = (rules: TokenRules): ((token: string | undefined) => Promise<Actor>) => {
  const keys = new Map<string, JWTVerifyGetKey>(rules.issuers.map(({ issuer, jwksUri }) => [issuer, createRemoteJWKSet(new URL(jwksUri))]));
  return async (token) => {
    if (!token) throw new TokenRefused('token-missing');
    const issuer = unverifiedIssuer(token);
    const key = issuer === undefined ? undefined : keys.get(issuer);
    if (!key || issuer === undefined) throw new TokenRefused('token-invalid');
    try {
      const { payload } = await jwtVerify(token, key, { issuer, audience: rules.audience, algorithms, clockTolerance: 5, requiredClaims: ['exp', 'sub'] });
      return toActor(payload);
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      if (error instanceof errors.JWTExpired) throw new TokenRefused('token-expired');
      if (issuersFault(error)) throw new TokenRefused('issuer-unreachable');
      throw new TokenRefused('token-invalid');
    }
  };
};
