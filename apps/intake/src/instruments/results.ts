import type { Instant, Trouble } from '@opora/domain';
import type { QuestionnaireResponse } from './fhir.js';

/** Why there is no value. Codes are stable; the message of the FHIRPath library is never passed on, it may quote answers. */
export type Reason =
  | 'language-not-evaluated' | 'reference-not-fetched' | 'not-supported' | 'no-expression'
  | 'too-long' | 'does-not-parse' | 'unknown-function' | 'wrong-arity' | 'undefined-variable'
  | 'expression-failed' | 'no-score' | 'does-not-settle' | 'limit-exceeded'
  | 'empty' | 'several-values' | 'not-finite' | 'wrong-type' | 'not-an-option' | 'no-place' | 'not-enabled';

/** Something in a questionnaire that this engine takes in but does not compute. `linkId` is absent for the root. */
export interface NotComputed {
  linkId?: string;
  language: string;
  reason: Reason | 'external-value-set';
}

/** A trouble in a response; `linkId` names the questionnaire's item, also where the response has nothing to point at. */
export interface ResponseTrouble extends Trouble {
  readonly linkId?: string;
}

/** What one expression gave at one place. `linkId` is absent for the root. */
export interface Traced {
  kind: 'variable' | 'calculated' | 'enablement' | 'constraint';
  linkId?: string;
  name?: string;
  expression: string;
  values?: unknown[];
  reason?: Reason;
}

/** Whoever runs expressions that may take too long wants to know where they are: `step` gets the pointer to the item before each expression. */
export interface Watch {
  step(pointer: string): void;
  trace?(traced: Traced): void;
}

/** `launchContext`: FHIR resources by name (`patient`, `user`, …); absent ones are empty collections. */
export interface EvaluationInput {
  now: Instant;
  launchContext?: Record<string, unknown>;
  watch?: Watch;
}

/** One entry per answer. `pointer` leads into the evaluated response; `value` is a JSON value, a Coding or a Quantity. */
export interface Calculated {
  linkId: string;
  pointer: string;
  type: string;
  value: unknown;
  expression: string;
}

/** `linkId` is null for the sum of the ordinals, which belongs to no item and is nobody's published total. */
export interface Score {
  linkId: string | null;
  code?: { system?: string; code?: string };
  value: number;
  kind: 'calculated' | 'ordinal-sum';
  explanation: string;
}

export interface Evaluation {
  /** The response with the questionnaire's own displays and scores, and with the calculated values in place of the submitted ones. */
  response: QuestionnaireResponse;
  calculated: Calculated[];
  scores: Score[];
  ordinalSum: number | null;
  /** Once per place: a repetition may have a value while its neighbour has none. */
  notComputed: { linkId?: string; reason: Reason }[];
  /** Pointers to codings from value sets that the questionnaire does not carry: taken on trust, without a score. */
  notVerified: string[];
}

/** `reason` says why a condition could not be told; it then counts as not met, and a person should look. */
export interface ConditionOutcome {
  met: boolean;
  reason?: Reason;
  /** linkIds of the questions whose answers the condition reads, directly or through calculated items. */
  answersRead: string[];
  /** linkIds of the items whose scores it asks for. */
  scoresRead?: string[];
}
