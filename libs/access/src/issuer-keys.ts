import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';

/** So old may keys be while their issuer answers. Together with KEPT_MS a key that was taken back is good for a minute at most. */
const FRESH_MS = 30_000;
/** So old may they become while it does not: its restart is no outage of ours. */
const STALE_MS = 600_000;
/** So long nobody asks again after a key that was not there, or an issuer that did not answer. */
const COOLDOWN_MS = 5_000;

/** The published keys of one issuer. A new one is found by its first token; asking has its bounds, whatever names callers send. */
export const issuerKeys = (jwksUri: string, now: () => number): JWTVerifyGetKey => {
  let [askAgain, lookAgain] = [0, 0];
  let down: { readonly until: number; readonly why: Error } | undefined;
  const remote = createRemoteJWKSet(new URL(jwksUri), {
    cooldownDuration: Infinity, cacheMaxAge: STALE_MS, timeoutDuration: 5_000,
    [customFetch]: async (url, init) => {
      if (down && now() < down.until) throw down.why;
      try {
        const response = await fetch(url, { ...init, redirect: 'error' });
        if (!response.ok) throw new Error('The issuer refused its keys');
        down = undefined;
        return response;
      } catch (why) {
        down = { until: now() + COOLDOWN_MS, why: why as Error };
        throw why;
      }
    },
  });
  return async (header, token) => {
    if (now() >= askAgain) {
      askAgain = now() + FRESH_MS;
      await remote.reload().catch(() => undefined);
    }
    try {
      return await remote(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() < lookAgain) throw error;
      lookAgain = now() + COOLDOWN_MS;
      await remote.reload();
      return remote(header, token);
    }
  };
};
