import type { Random } from './random.js';

export const targets = ['service', 'relay leader', 'broker', 'PostgreSQL'] as const;
export type Target = (typeof targets)[number];

export interface Kill {
  /** After the beginning of the load. */
  readonly atMs: number;
  readonly target: Target;
  /** Which of those that there are: 0 ≤ x < 1. */
  readonly which: number;
  /** How long the broker stays away; the others are started again by themselves. */
  readonly awayMs: number;
}

/** So many in one round; three rounds have every target three times. */
const round: readonly Target[] = ['service', 'service', 'relay leader', 'relay leader', 'broker', 'PostgreSQL'];
const LONGEST_GAP_MS = 10_000;

/** Kills all over the time, at least three rounds of them. The same for the same seed. */
export const schedule = (random: Random, loadMs: number): Kill[] => {
  const rounds = Math.max(3, Math.ceil(loadMs / LONGEST_GAP_MS / round.length));
  const kills = Array.from({ length: rounds }, () => random.shuffled(round)).flat();
  const gap = loadMs / (kills.length + 1);
  return kills.map((target, i) => ({ target, atMs: Math.round((i + random.between(0.5, 1.5)) * gap), which: random.next(), awayMs: Math.round(random.between(200, 3_000)) }));
};
