/**
 * Something that happened, named in the past tense. `data` is what everybody may hear: ids, codes, dates. `own` holds
 * what must not leave the schema of the service that decided it: names, contacts, free text.
 */
export interface Fact<T extends string = string, D extends object = object, O extends object = object> {
  readonly type: T;
  readonly data: D;
  readonly own?: O;
}

/** The rule: looks at the state and the command, answers with facts or refuses with a DomainError. Never changes anything. */
export type Decide<S, F extends Fact> = (state: S | undefined) => readonly F[];

/** The record: writes a fact into the state. Never refuses, never computes what a decision should have said. */
export type Evolve<S, F extends Fact> = (state: S | undefined, fact: F) => S;

/** RFC 3339, UTC, milliseconds: `2026-03-01T09:30:00.000Z`. */
export type Instant = string;

/** A calendar day without a time zone: `2026-03-01`. */
export type Day = string;

/** Who records something, and when it happened. */
export interface Act {
  /** Of the token: a person or a module. */
  readonly by: string;
  readonly recordedAt: Instant;
  /** When it happened; may be earlier than it is recorded, never later. */
  readonly at: Instant;
  /** For whom the recording person speaks: a client on paper, a relative on the phone. */
  readonly onBehalfOf?: string;
}
