import type { Probe } from './probe.js';

/** Longer than a broker's restart; a reader that has been behind for so long is worth a look. */
const BEHIND_MS = 15_000;

export interface Check {
  readonly name: 'service' | 'database' | 'broker';
  readonly status: 'up' | 'starting' | 'stopping' | 'down' | 'behind';
}

export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  /** Why not: names to go by. Empty when ready. */
  readonly reasons: readonly string[];
  readonly checks: readonly Check[];
}

/**
 * Whether the service can answer requests. Without its broker it can: facts wait in the outbox, and what it hears comes later. So the
 * broker is named and takes nobody out of a balancer.
 */
export class Health {
  phase: 'starting' | 'up' | 'stopping' = 'starting';

  constructor(private readonly probe: Pick<Probe, 'answers'>, private readonly behindMs: () => number) {}

  async checks(): Promise<Check[]> {
    return [
      { name: 'service', status: this.phase },
      { name: 'database', status: await this.probe.answers() ? 'up' : 'down' },
      { name: 'broker', status: this.behindMs() > BEHIND_MS ? 'behind' : 'up' },
    ];
  }

  async readiness(): Promise<Readiness> {
    const checks = await this.checks();
    const reasons = checks.filter(({ name, status }) => name !== 'broker' && status !== 'up').map(({ name, status }) => (name === 'service' ? status : name));
    return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons, checks };
  }
}
