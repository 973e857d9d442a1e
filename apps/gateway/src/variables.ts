import { Type } from 'typebox';

/** What the gateway alone reads from its environment. */
export const Variables = Type.Object({
  GATEWAY_UPSTREAMS: Type.String({ default: 'http://127.0.0.1:*', pattern: '^https?://[^/,\\s]+(,https?://[^/,\\s]+)*$', description: 'Addresses that the gateway may forward tokens to, comma-separated; * stands for a port' }),
  GATEWAY_UPSTREAM_TIMEOUT_MS: Type.Integer({ default: 10_000, minimum: 100, description: 'How long a module may take to begin its answer' }),
  GATEWAY_STALE_AFTER_MS: Type.Integer({ default: 60_000, minimum: 100, description: 'Silence of a module after which its plan section is called stale' }),
});
