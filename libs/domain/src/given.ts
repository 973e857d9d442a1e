import type { Decide, Evolve, Fact } from './fact.js';
import { DomainError } from './domain-error.js';

export interface Outcome<S, F> {
  facts?: readonly F[];
  state?: S;
  /** The code of the refusal. */
  refused?: string;
}

/**
 * Given these facts, when this decision is taken, then… Answers with what a test compares:
 * `expect(given(evolve, opened).when(close)).toMatchObject({ refused: 'no-session-held' })`.
 */
export const given = <S, F extends Fact>(evolve: Evolve<S, F>, ...history: readonly F[]) => {
  const fold = (from: S | undefined, facts: readonly F[]) => facts.reduce<S | undefined>(evolve, from);
  const before = fold(undefined, history);
  return {
    state: before,
    when(decide: Decide<S, F>): Outcome<S, F> {
      try {
        const facts = decide(before);
        return { facts, state: fold(before, facts) };
      } catch (error) {
        if (error instanceof DomainError) return { refused: error.code };
        throw error;
      }
    },
  };
};
