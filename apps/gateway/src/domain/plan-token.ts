import { DomainError } from '@opora/domain';

/** What a command answered in `Opora-Plan-Entry`: `<module>/<entryId>@<version>`. */
export interface PlanToken {
  readonly key: string;
  readonly version: number;
}

const TOKEN = /^([a-z][a-z0-9-]{1,39}\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@([1-9]\d{0,8})$/;

export const parsePlanToken = (text: string): PlanToken => {
  const [, key, version] = TOKEN.exec(text) ?? [];
  if (key !== undefined) return { key, version: Number(version) };
  throw new DomainError('invalid', 'plan-token-malformed', 'Send what a command answered in Opora-Plan-Entry', [
    { pointer: '/after', code: 'plan-token-malformed', detail: 'must be <module>/<entryId>@<version>' },
  ]);
};

/** Seconds to wait by `Prefer: wait=…` (RFC 7240); undefined when the caller prefers nothing. */
export const waitOf = (prefer: string | undefined): number | undefined => {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})"?\s*(?:$|[,;])/i.exec(prefer ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), 5);
};
