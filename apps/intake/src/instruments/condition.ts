import type { Trouble } from '@opora/domain';
import { plain } from './conversion.js';
import { Expressions } from './expressions.js';
import type { Questionnaire, QuestionnaireResponse } from './fhir.js';
import { core, fhirpathIn, readForm, type Form } from './form.js';
import { readExpression, type OwnFunctions } from './reading.js';
import type { ConditionOutcome, EvaluationInput, Reason, Score } from './results.js';
import { codeSystems, functionsFor } from './scope.js';

/**
 * The condition of a need rule: FHIRPath over an evaluated response, with `%resource` (also the context), `%questionnaire`, and two functions:
 * `score('linkId')`, the calculated scores of that item, and `answer('linkId')`, the values answered to it anywhere in the response.
 * `score('total') >= 3`; `answer('housing-place').code = 'street'`.
 */
const ownFunctions: OwnFunctions = new Map([['score', [1]], ['answer', [1]]]);

const details: Partial<Record<Reason, string>> = {
  'too-long': 'At most 10,000 characters are accepted',
  'does-not-parse': 'This is not FHIRPath',
  'unknown-function': 'Besides FHIRPath there are score(linkId) and answer(linkId)',
  'wrong-arity': 'A function is called with a wrong number of arguments',
  'undefined-variable': 'A condition may use %resource and %questionnaire',
};

const variables = ['resource', 'rootResource', 'questionnaire', 'context', 'ucum', ...Object.keys(codeSystems)];

/** With the questionnaire at hand it also tells when `score` or `answer` name an item that is not there. Pointers are the expression itself. */
export const compileCondition = (expression: string, questionnaire?: Questionnaire): Trouble[] => {
  const { wrong, variables: used, calls } = readExpression(expression, ownFunctions);
  const say = (code: string, detail: string): Trouble[] => [{ pointer: '', code, detail }];
  if (wrong) return say(wrong, details[wrong]!);
  const defined = calls.flatMap(({ name, argument }) => (name === 'defineVariable' && argument ? [argument] : []));
  if (used.some((name) => !variables.includes(name) && !defined.includes(name))) return say('undefined-variable', details['undefined-variable']!);
  if (!questionnaire) return [];
  const { byLinkId } = readForm(questionnaire);
  return calls.some(({ name, argument }) => ownFunctions.has(name) && argument !== undefined && !byLinkId.has(argument))
    ? say('unknown-linkId', 'The condition names an item that the questionnaire does not have') : [];
};

/** Questions whose answers an expression reads: the linkIds among its string literals; a calculated item stands for what it is computed from. */
const answersRead = (form: Form, expression: string, seen = new Set<string>()): string[] => {
  const { strings, variables: used } = readExpression(expression, ownFunctions);
  const around = [form.questionnaire, ...[...form.byLinkId.values()].map(({ item }) => item)];
  const behind = used.filter((name) => !seen.has(`%${name}`)).flatMap((name) => {
    seen.add(`%${name}`);
    return around.flatMap((element) => fhirpathIn(element, `${core}variable`)).filter((variable) => variable.name === name);
  });
  const direct = strings.flatMap((text) => {
    const named = form.byLinkId.get(text);
    if (!named || seen.has(text)) return [];
    seen.add(text);
    return named.calculated ? answersRead(form, named.calculated.expression, seen) : [text];
  });
  return [...new Set([...direct, ...behind.flatMap((variable) => answersRead(form, variable.expression, seen))])];
};

const answerPath = (linkId: string): string => `descendants().where(linkId = '${linkId.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}').answer.value`;

/** linkIds of the items whose scores it asks for by name. */
const scoresRead = (expression: string): string[] => [...new Set(readExpression(expression, ownFunctions).calls.flatMap(({ name, argument }) => (name === 'score' && argument !== undefined ? [argument] : [])))];

/** A condition is met only when it gives exactly `true`. `response` and `scores` are those of an `Evaluation`. */
export const evaluateCondition = (
  questionnaire: Questionnaire, response: QuestionnaireResponse, scores: readonly Score[], expression: string, input: Pick<EvaluationInput, 'now'>,
): ConditionOutcome => conditionOver(readForm(questionnaire), response, scores, expression, input);

export const conditionOver = (
  form: Form, response: QuestionnaireResponse, scores: readonly Score[], expression: string, { now }: Pick<EvaluationInput, 'now'>,
): ConditionOutcome => {
  const { questionnaire } = form;
  const given = { ...codeSystems, resource: response, rootResource: response, questionnaire };
  const expressions: Expressions = new Expressions({
    ...functionsFor(form, now),
    score: { arity: { 1: ['String'] }, fn: (_: unknown, linkId: string) => scores.filter((one) => one.linkId === linkId).map(({ value }) => value) },
    answer: { arity: { 1: ['String'] }, internalStructures: true, fn: (_: unknown, linkId: string) => {
      const found = expressions.run(answerPath(linkId), response, given);
      return 'values' in found ? found.values : [];
    } },
  }, ownFunctions);
  const outcome = expressions.run(expression, response, given);
  const read = { answersRead: answersRead(form, expression), scoresRead: scoresRead(expression) };
  if ('reason' in outcome) return { met: false, reason: outcome.reason, ...read };
  const [told, ...more] = outcome.values.map(plain);
  if (more.length || (told !== undefined && typeof told !== 'boolean')) return { met: false, reason: more.length ? 'several-values' : 'wrong-type', ...read };
  return { met: told === true, ...read };
};
