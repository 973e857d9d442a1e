import type { NeedCode } from '@opora/contracts';
import { DomainError, type Instant } from '@opora/domain';
import { completeResponse, evaluateCondition, type ConditionOutcome, type Evaluation, type Questionnaire, type QuestionnaireResponse } from '../instruments/index.js';
import type { NeedRule } from './need-rule.js';
import type { Finding } from './need-evidence.js';

/** What one rule said of the answers. With a `reason` it could not tell: a person should look. */
export type Told = ConditionOutcome & { readonly ruleId: string; readonly ruleVersion: number };

/** What was worked out from the answers, once they were found to be in order. */
export type Result = Evaluation & { readonly rules: readonly Told[] };

export interface Sent {
  readonly questionnaire: Questionnaire;
  readonly response: unknown;
  /** JSON Pointer to the response within what the caller sent. */
  readonly pointer: string;
  readonly at: Instant;
}

const refuse = (errors: DomainError['errors']): never => {
  throw new DomainError('invalid', 'response-invalid', 'The answers do not fit the questionnaire of this screening', errors.slice(0, 50));
};

/** The answers of another form may fit by chance; a response that names its form must name this one. */
const mustAnswer = ({ questionnaire, response, pointer }: Sent): void => {
  const named = typeof response === 'object' && response !== null ? (response as { questionnaire?: unknown }).questionnaire : undefined;
  if (named === undefined || questionnaire.url === undefined) return;
  const [url, version] = typeof named === 'string' ? named.split('#')[0]!.split('|') : [];
  if (url === questionnaire.url && (version === undefined || questionnaire.version === undefined || version === questionnaire.version)) return;
  refuse([{ pointer: `${pointer}/questionnaire`, code: 'other-questionnaire', detail: 'Name the url and version of the instrument that this screening pins, or leave it out' }]);
};

/** Refuses with `response-invalid` and pointers into what was sent. With `in-progress` answers may still be missing. */
export const evaluate = (sent: Sent, status: 'in-progress' | 'completed' | 'amended'): Evaluation => {
  mustAnswer(sent);
  const { troubles, evaluation } = completeResponse(sent.questionnaire, sent.response as QuestionnaireResponse, { now: sent.at, status });
  if (!evaluation) {
    return refuse(troubles.map(({ pointer, code, detail, linkId }) => ({
      pointer: sent.pointer + pointer, code, detail: linkId === undefined || detail.includes(linkId) ? detail : `${detail} (item ${linkId})` })));
  }
  return { ...evaluation, response: { ...evaluation.response, status } };
};

export const assess = (sent: Sent, status: 'completed' | 'amended', rules: readonly NeedRule[]): Result => {
  const evaluation = evaluate(sent, status);
  return {
    ...evaluation,
    rules: rules.map(({ ruleId, versions }) => ({
      ...evaluateCondition(sent.questionnaire, evaluation.response, evaluation.scores, versions.at(-1)!.condition, { now: sent.at }),
      ruleId, ruleVersion: versions.length,
    })),
  };
};

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
