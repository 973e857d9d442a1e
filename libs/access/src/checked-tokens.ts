import { hash } from 'node:crypto';
import type { Actor } from './actor.js';
import { TokenRefused } from './token-refused.js';

/** What was found out about a token is believed so long, and never past its expiry. */
export const KEPT_MS = 30_000;
const MOST_KEPT = 10_000;

export interface Checked { readonly actor: Actor; readonly expiresAt: number }

interface Kept { readonly actor: Promise<Actor>; until: number }

/** Checks a token once, however many requests bring it; remembers it by its hash alone. Only what the issuer took back is remembered as refused. */
export class CheckedTokens {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly check: (token: string) => Promise<Checked>, private readonly now: () => number) {}

  actor(token: string): Promise<Actor> {
    const name = hash('sha256', token, 'base64url');
    const found = this.kept.get(name);
    if (found && this.now() < found.until) return found.actor;
    this.kept.delete(name);
    if (this.kept.size >= MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
    const until = this.now() + KEPT_MS;
    const checking = this.check(token);
    const entry: Kept = { actor: checking.then(({ actor }) => actor), until };
    this.kept.set(name, entry);
    checking.then(({ expiresAt }) => { entry.until = Math.min(until, expiresAt); }, (error: unknown) => {
      if (!(error instanceof TokenRefused && error.code === 'token-revoked')) this.kept.delete(name);
    });
    return entry.actor;
  }
}
