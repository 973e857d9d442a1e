import { compileCondition, evaluateCondition } from './condition.js';
import { evaluateResponse } from './evaluation.js';
import type { Questionnaire, QuestionnaireResponse } from './fhir.js';

const now = '2026-03-01T09:30:00.000Z';
const questionnaire = {
  resourceType: 'Questionnaire',
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/variable', valueExpression: { name: 'a', language: 'text/fhirpath', expression: "%resource.item.where(linkId = 'a').answer.value" } }],
  item: [{ linkId: 'a', type: 'integer' }, { linkId: 'it\'s', type: 'string', repeats: true, item: [{ linkId: 'below', type: 'boolean' }] }, { linkId: 'total', type: 'integer', extension: [{
    url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression', valueExpression: { language: 'text/fhirpath', expression: '%a * 2' } }] }],
} as Questionnaire;
const { response, scores } = evaluateResponse(questionnaire, { resourceType: 'QuestionnaireResponse', item: [
  { linkId: 'a', answer: [{ valueInteger: 2 }] }, { linkId: 'it\'s', answer: [{ valueString: 'x' }, { valueString: 'y', item: [{ linkId: 'below', answer: [{ valueBoolean: true }] }] }] }] } as QuestionnaireResponse, { now });
const evaluate = (condition: string) => evaluateCondition(questionnaire, response, scores, condition, { now });

it.each<[string, boolean, string[]]>([
  ["score('total') >= 4", true, ['a']],
  ["score('total') > 4", false, ['a']],
  ["score('nobody') >= 0", false, []],
  ["answer('a') = 2", true, ['a']],
  ["answer('below')", true, ['below']],
  ["answer('it\\'s').count() = 2", true, ["it's"]],
  ["%resource.item.where(linkId = 'a').answer.value = 2 and %questionnaire.item.count() = 3", true, ['a']],
  ["item.where(linkId = 'a' or linkId = 'total').exists()", true, ['a']],
  ['today() = @2026-03-01', true, []],
  ["%loinc = 'http://loinc.org' and %sct.exists()", true, []],
  ['{}', false, []],
])('%s', (condition, met, read) => {
  expect(evaluate(condition)).toMatchObject({ met, answersRead: expect.arrayContaining(read) });
  expect(evaluate(condition).answersRead).toHaveLength(read.length);
  expect(compileCondition(condition)).toEqual([]);
});

it.each<[string, string]>([
  ["answer('it\\'s') > 'a'", 'expression-failed'],
  ["answer('a')", 'wrong-type'],
  ["answer('it\\'s')", 'several-values'],
  ['%patient.exists()', 'undefined-variable'],
])('%s cannot be told: not met, and why', (condition, reason) => expect(evaluate(condition)).toMatchObject({ met: false, reason }));

it.each<[string, string]>([
  ["score('total'", 'does-not-parse'], ['score()', 'wrong-arity'], ['scores()', 'unknown-function'], ['%patient.exists()', 'undefined-variable'],
  ['1 = 1'.padEnd(10_001), 'too-long'], ["score('nobody') > 1", 'unknown-linkId'],
])('%.30s is refused: %s', (condition, code) => expect(compileCondition(condition, questionnaire)).toEqual([{ pointer: '', code, detail: expect.any(String) }]));
