import type { NeedCode } from '@opora/contracts';
import { DomainError, type Instant } from '@opora/domain';
import type { ConditionOutcome, Evaluation, Responded, Score } from '../instruments/index.js';
import { agreed, type Agreed, type Interpretation } from './interpretation.js';
import type { NeedRule } from './need-rule.js';
import type { Finding } from './need-evidence.js';

/** What one rule said of the answers. With a `reason` it could not tell: a person should look. */
export type Told = ConditionOutcome & { readonly ruleId: string; readonly ruleVersion: number };

/** With what the agency had agreed on then; without, no interpretation is agreed. */
export type Interpreted = Score & { readonly interpretation?: Agreed };

/** What was worked out from the answers, once they were found to be in order. */
export type Result = Omit<Evaluation, 'scores'> & { readonly scores: readonly Interpreted[]; readonly rules: readonly Told[] };

/** What came in, and where it stands in what the caller sent (a JSON Pointer). */
export interface Sent {
  readonly response: unknown;
  readonly pointer: string;
}

const refuse = (errors: DomainError['errors']): never => {
  throw new DomainError('invalid', 'response-invalid', 'The answers do not fit the questionnaire of this screening', errors.slice(0, 50));
};

/**
 * The answers of another form may fit by chance; a response that names its form must name this one. A relative name says only where the
 * form lay on somebody else's server.
 */
export const mustName = ({ url, documentVersion }: { url?: string; documentVersion?: string }, { response, pointer }: Sent): void => {
  const named = typeof response === 'object' && response !== null ? (response as { questionnaire?: unknown }).questionnaire : undefined;
  if (named === undefined || url === undefined) return;
  const [theirs, version] = typeof named === 'string' ? named.split('#')[0]!.split('|') : [];
  if (theirs === url && (version === undefined || documentVersion === undefined || version === documentVersion)) return;
  if (theirs !== undefined && !/^[a-z][a-z0-9+.-]*:/i.test(theirs)) return;
  refuse([{ pointer: `${pointer}/questionnaire`, code: 'other-questionnaire', detail: 'Name the url and version of the instrument that this screening pins, or leave it out' }]);
};

/** Refuses with `response-invalid` and pointers into what was sent. */
export const accepted = ({ troubles, evaluation }: Responded, pointer: string, status: 'in-progress' | 'completed' | 'amended'): Evaluation => {
  if (!evaluation) {
    return refuse(troubles.map(({ pointer: at, code, detail, linkId }) => ({
      pointer: pointer + at, code, detail: linkId === undefined || detail.includes(linkId) ? detail : `${detail} (item ${linkId})` })));
  }
  return { ...evaluation, response: { ...evaluation.response, status } };
};

/** `outcomes`: what the conditions of the rules gave, in the order of the rules. */
export const resultOf = (evaluation: Evaluation, rules: readonly NeedRule[], outcomes: readonly ConditionOutcome[], interpretations: readonly Interpretation[]): Result => ({
  ...evaluation,
  scores: evaluation.scores.map((score) => {
    const interpretation = agreed(interpretations, score);
    return interpretation ? { ...score, interpretation } : score;
  }),
  rules: rules.map(({ ruleId, versions }, index) => ({ ...outcomes[index]!, ruleId, ruleVersion: versions.length })),
});

/** The needs that the answers point to, by code. */
export const findings = (screeningId: string, { rules: told }: Result, rules: readonly NeedRule[], at: Instant): ReadonlyMap<NeedCode, readonly Finding[]> => {
  const byCode = new Map<NeedCode, Finding[]>();
  for (const { ruleId, ruleVersion, met, answersRead } of told) {
    const text = rules.find((rule) => rule.ruleId === ruleId)?.versions[ruleVersion - 1];
    if (!met || !text) continue;
    const { need, severity, explanation } = text;
    byCode.set(need, [...(byCode.get(need) ?? []), { source: 'screening', screeningId, ruleId, ruleVersion, answers: answersRead, severity, explanation, at }]);
  }
  return byCode;
};
