import { TokenRefused } from './token-refused.js';

/** Where and as whom to ask whether a token still stands (RFC 7662). */
export interface Introspection {
  readonly uri: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const TIMEOUT_MS = 3_000;

const basic = ({ clientId, clientSecret }: Introspection): string =>
  `Basic ${Buffer.from([clientId, clientSecret].map((part) => encodeURIComponent(part)).join(':')).toString('base64')}`;

/** Refuses a token that its issuer has taken back. An issuer that does not say is not taken for a yes. */
export const mustStillStand = async (token: string, at: Introspection): Promise<void> => {
  const answer = await fetch(at.uri, {
    method: 'POST', redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { authorization: basic(at), accept: 'application/json' }, body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
  }).then(async (response) => (response.ok ? await response.json() as { active?: unknown } : undefined), () => undefined).catch(() => undefined);
  if (typeof answer?.active !== 'boolean') throw new TokenRefused('issuer-unreachable');
  if (!answer.active) throw new TokenRefused('token-revoked');
};
