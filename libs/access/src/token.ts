import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Actor } from './actor.js';
import { CheckedTokens, type Checked } from './checked-tokens.js';
import { mustStillStand, type Introspection } from './introspection.js';
import { issuerKeys } from './issuer-keys.js';
import { TokenRefused } from './token-refused.js';

export interface Issuer {
  readonly issuer: string;
  readonly jwksUri: string;
  /** Without it a token that was taken back is good until it expires. */
  readonly introspection?: Introspection | undefined;
}

export interface TokenRules {
  readonly issuers: readonly Issuer[];
  readonly audience: string;
}

/** Signatures only, by key pair: `none` and shared secrets are never accepted. */
const algorithms = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'];
const LONGEST = 8_192;
const SKEW_SECONDS = 5;

const unverifiedIssuer = (token: string): unknown => {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
};

/** jose's own errors are about the token, but for these: the key set did not come, or is none. */
const issuersFault = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === errors.JOSEError.code;

const nonEmpty = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Neither an identity, a refresh nor a logout token; nor one that is good only together with a proof of possession, which nobody checks here. */
const isAccessToken = (headerType: string | undefined, { typ, events, cnf }: JWTPayload): boolean =>
  ['jwt', 'at+jwt', 'application/at+jwt'].includes((headerType ?? 'JWT').toLowerCase()) && (typ === undefined || typ === 'Bearer') && events === undefined && cnf === undefined;

/** Keycloak's two signs of a program that asks in its own name; either is enough, for a program may do less. */
const isService = ({ client_id, preferred_username: name }: JWTPayload): boolean => client_id !== undefined || (typeof name === 'string' && name.startsWith('service-account-'));

const toActor = (claims: JWTPayload): Actor => {
  const { sub, agency, roles, opora_client: clientId } = claims;
  if (!nonEmpty(sub) || !nonEmpty(agency) || !Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) throw new TokenRefused('token-invalid');
  const channel = isService(claims) ? 'service' : 'interactive';
  if (!roles.includes('client')) return { sub, agency, roles, channel };
  if (!nonEmpty(clientId) || roles.length > 1 || channel === 'service') throw new TokenRefused('token-invalid');
  return { sub, agency, roles, channel, clientId };
};

/**
 * Checks bearer tokens against the configured issuers: signature by the issuer's published keys, kind, audience, expiry (5 s
 * of clock skew), and whether the issuer still stands by them. Answers with the actor or throws TokenRefused.
 */
export const tokenCheck = (rules: TokenRules, now: () => number = Date.now): ((token: string | undefined) => Promise<Actor>) => {
  const issuers = new Map<unknown, Issuer & { readonly keys: JWTVerifyGetKey }>(rules.issuers.map((one) => [one.issuer, { ...one, keys: issuerKeys(one.jwksUri, now) }]));

  const check = async (token: string): Promise<Checked> => {
    const from = issuers.get(unverifiedIssuer(token));
    if (!from) throw new TokenRefused('token-invalid');
    try {
      const { payload, protectedHeader } = await jwtVerify(token, from.keys, {
        issuer: from.issuer, audience: rules.audience, algorithms, clockTolerance: SKEW_SECONDS, requiredClaims: ['exp', 'sub'], currentDate: new Date(now()),
      });
      if (!isAccessToken(protectedHeader.typ, payload)) throw new TokenRefused('token-invalid');
      const actor = toActor(payload);
      if (from.introspection) await mustStillStand(token, from.introspection);
      return { actor, expiresAt: payload.exp! * 1000 };
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      if (error instanceof errors.JWTExpired) throw new TokenRefused('token-expired');
      if (issuersFault(error)) throw new TokenRefused('issuer-unreachable');
      throw new TokenRefused('token-invalid');
    }
  };

  const checked = new CheckedTokens(check, now);
  return async (token) => {
    if (!token) throw new TokenRefused('token-missing');
    if (token.length > LONGEST) throw new TokenRefused('token-invalid');
    return checked.actor(token);
  };
};
