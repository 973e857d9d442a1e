import { checkQuestionnaire } from './check.js';
import type { Item, Questionnaire, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { completeResponse } from './validation.js';

// Forms built as published ones are, in wording of our own: each has something that makes engines stumble.
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const core = 'http://hl7.org/fhir/StructureDefinition/';
const input = { now: '2026-03-01T09:30:00.000Z', status: 'completed' as const };
const expression = (url: string, text: string, name?: string, language = 'text/fhirpath') => ({ url, valueExpression: { ...(name && { name }), language, expression: text } });
const calculated = (text: string, name?: string) => expression(`${sdc}calculatedExpression`, text, name);
const variable = (name: string, text: string) => expression(`${core}variable`, text, name);
const points = (value: number) => [{ url: `${core}ordinalValue`, valueDecimal: value }];
const answered = (linkId: string, ...answer: object[]) => ({ linkId, answer }) as ResponseItem;
const coded = (code: string, system?: string) => ({ valueCoding: { ...(system && { system }), code } });
const options = (...codes: [string, number?][]) => codes.map(([code, value]) => ({ valueCoding: { code, display: `Says ${code}` }, ...(value !== undefined && { extension: points(value) }) }));

const evaluate = (form: object, items: object[]) => {
  const questionnaire = { resourceType: 'Questionnaire', ...form } as Questionnaire;
  expect(checkQuestionnaire(questionnaire).problems).toEqual([]);
  const { troubles, evaluation } = completeResponse(questionnaire, { resourceType: 'QuestionnaireResponse', item: items } as QuestionnaireResponse, input);
  expect(troubles).toEqual([]);
  return {
    ...evaluation!,
    valueOf: (linkId: string) => evaluation!.calculated.filter((one) => one.linkId === linkId).map(({ value }) => value),
    reasonOf: (linkId: string) => evaluation!.notComputed.find((one) => one.linkId === linkId)?.reason,
  };
};

const nine = Array.from({ length: 9 }, (_, i) => `q${i + 1}`);

describe('nine questions on mood', () => {
  const questions = nine.map((linkId) => ({ linkId, type: 'choice', answerOption: options(['never', 0], ['days', 1], ['half', 2], ['daily', 3]) }));
  const hindrance = { linkId: 'hindrance', type: 'choice', answerOption: options(['none', 0], ['some', 1], ['much', 2], ['very', 3]) };
  const worst = nine.map((linkId) => answered(linkId, coded('daily')));
  const band = "iif(%score.exists(), iif(%score >= 20, 'very heavy', iif(%score >= 10, 'heavy', 'light')), {})";
  const total = { linkId: 'total', type: 'integer', extension: [calculated('%score')] };
  const inWords = { linkId: 'band', type: 'string', extension: [calculated(band)] };

  it.each<[string, string]>([
    ['by weight()', `%resource.item.where(${nine.map((id) => `linkId = '${id}'`).join(' or ')}).answer.value.weight().sum()`],
    ['by the extension on the answer', `%resource.item.where(linkId.startsWith('q')).answer.valueCoding.extension('${core}ordinalValue').valueDecimal.sum()`],
    ['by looking the options up', nine.map((id) => `%questionnaire.item.where(linkId = '${id}').answerOption.where(valueCoding.code = %resource.item.where(linkId = '${id}').answer.valueCoding.code).extension.where(url = '${core}ordinalValue').valueDecimal`).join(' + ')],
  ])('are scored %s, without the question on hindrance', (_, score) => {
    const form = { extension: [variable('score', score)], item: [...questions, hindrance, total, inWords] };
    const evaluation = evaluate(form, [...worst, answered('hindrance', coded('very'))]);
    expect([evaluation.valueOf('total'), evaluation.valueOf('band')]).toEqual([[27], ['very heavy']]);
  });

  it('have a sum of ordinals that is never offered as the total', () => {
    const { scores, ordinalSum } = evaluate({ item: [...questions, hindrance] }, [...worst, answered('hindrance', coded('very'))]);
    expect(ordinalSum).toBe(30);
    expect(scores).toMatchObject([{ linkId: null, kind: 'ordinal-sum', value: 30 }]);
  });

  it('have no total where only the display tells the points', () => {
    const bare = nine.map((linkId) => ({ linkId, type: 'choice', answerOption: [{ valueCoding: { code: 'daily', display: 'Nearly every day (3 points)' } }] }));
    const evaluation = evaluate({ item: [...bare, { linkId: 'total', type: 'decimal', extension: [calculated('%resource.item.answer.value.ordinal().aggregate($this + $total, 0)')] }] }, worst);
    expect([evaluation.valueOf('total'), evaluation.scores, evaluation.reasonOf('total')]).toEqual([[], [], 'no-score']);
  });

  it('are taken in with CQL, which is said to be not computed', () => {
    const cql = { linkId: 'total', type: 'decimal', extension: [expression(`${sdc}calculatedExpression`, 'Total', undefined, 'text/cql')] };
    const form = { resourceType: 'Questionnaire', item: [...questions, cql] };
    expect(checkQuestionnaire(form)).toEqual({ problems: [], notComputed: [{ linkId: 'total', language: 'text/cql', reason: 'language-not-evaluated' }] });
    expect(evaluate(form, worst).scores).toMatchObject([{ kind: 'ordinal-sum', value: 27 }]);
  });
});

it('takes the points of a value set made of others, in two systems that share a code', () => {
  const contained = [
    { resourceType: 'ValueSet', id: 'all', url: 'urn:vs:all', version: '2', compose: { include: [{ valueSet: ['#one'] }, { valueSet: ['urn:vs:two|1'] }], exclude: [{ system: 'urn:b', concept: [{ code: 'gone' }] }] } },
    { resourceType: 'ValueSet', id: 'one', compose: { include: [{ system: 'urn:a', concept: [{ code: 'x', extension: points(1) }] }] } },
    { resourceType: 'ValueSet', id: 'two', url: 'urn:vs:two', version: '1', expansion: { contains: [{ abstract: true, contains: [{ system: 'urn:b', code: 'x', extension: points(5) }, { system: 'urn:b', code: 'gone' }] }] } },
  ];
  const form = { contained, item: [{ linkId: 'q', type: 'choice', repeats: true, answerValueSet: 'urn:vs:all|2' }] };
  expect(evaluate(form, [answered('q', coded('x', 'urn:a'), coded('x', 'urn:b'))]).ordinalSum).toBe(6);
  const refused = completeResponse({ resourceType: 'Questionnaire', ...form } as Questionnaire, { resourceType: 'QuestionnaireResponse', item: [answered('q', coded('gone', 'urn:b'))] } as QuestionnaireResponse, input);
  expect(refused.troubles).toMatchObject([{ code: 'not-an-option' }]);
});

it('counts five signs of a newborn at one and at five minutes, each group for itself', () => {
  const signs = ['colour', 'pulse', 'reflex', 'tone', 'breath'];
  const sign = (at: string) => signs.map((name) => ({ linkId: `${name}-${at}`, type: 'choice', answerOption: [0, 1, 2].map((value) => ({ valueInteger: value, extension: points(value) })) }));
  const minute = (at: string) => ({ linkId: at, type: 'group', item: [...sign(at), { linkId: `sum-${at}`, type: 'integer', extension: [calculated(`%resource.item.where(linkId = '${at}').item.where(linkId.startsWith('sum').not()).answer.value.ordinal().sum()`)] }] });
  const given = (at: string, value: number) => ({ linkId: at, item: signs.map((name) => answered(`${name}-${at}`, { valueInteger: value })) });
  const evaluation = evaluate({ item: [minute('1'), minute('5')] }, [given('1', 1), given('5', 2)]);
  expect([evaluation.valueOf('sum-1'), evaluation.valueOf('sum-5')]).toEqual([[5], [10]]);
});

it('bands by a variable that is empty for whom it is not known, and says no value rather than a wrong band', () => {
  const form = { extension: [variable('limit', "iif(%patient.gender = 'female', 7, iif(%patient.gender = 'male', 8, {}))")], item: [
    { linkId: 'drinks', type: 'integer' }, { linkId: 'band', type: 'string', extension: [calculated("%resource.item.where(linkId = 'drinks').answer.value.select(iif(%limit.exists(), iif($this >= %limit, 'risk', 'low'), {}))")] }] };
  const evaluation = evaluate(form, [answered('drinks', { valueInteger: 9 })]);
  expect([evaluation.valueOf('band'), evaluation.reasonOf('band')]).toEqual([[], 'empty']);
});

it('gives a risk as a coding of the item’s own options, and reads its own question', () => {
  const risk = { linkId: 'risk', type: 'choice', answerOption: options(['at-risk'], ['no-risk']),
    extension: [calculated("iif(%resource.item.where(linkId = 'q').answer.exists(), %qitem.answerOption.value.where(code = iif(%resource.item.where(linkId = 'q').answer.value.code = 'often', 'at-risk', 'no-risk')), {})")] };
  const form = { item: [{ linkId: 'q', type: 'choice', answerOption: options(['often'], ['never']) }, risk] };
  expect(evaluate(form, [answered('q', coded('often'))]).valueOf('risk')).toEqual([{ code: 'at-risk', display: 'Says at-risk' }]);
  expect(evaluate(form, []).reasonOf('risk')).toBe('empty');
});

it('takes a form of 300 items in seven levels, in Russian, with names that programs fear', () => {
  const names = ['__proto__', 'constructor', 'toString', 'вопрос №1', "it's", 'a/b~c', '%20', '../..'];
  const level = (depth: number): Item => ({ linkId: `уровень ${depth}`, type: 'group', item: depth < 6 ? [level(depth + 1)] : names.map((linkId) => ({ linkId, type: 'string', text: 'Как вы живёте?' })) });
  const many: Item[] = Array.from({ length: 280 }, (_, i) => ({ linkId: `п${i}`, type: 'choice', answerOption: [{ valueCoding: { code: 'да' } }], ...(i ? { enableWhen: [{ question: `п${i - 1}`, operator: '=' as const, answerCoding: { code: 'да' } }] } : {}) }));
  const nest = (depth: number): ResponseItem => ({ linkId: `уровень ${depth}`, item: depth < 6 ? [nest(depth + 1)] : names.map((linkId) => answered(linkId, { valueString: 'Хорошо' })) });
  const form = { item: [level(0), ...many, { linkId: 'сколько', type: 'integer', extension: [calculated("%resource.item.answer.value.ofType(Coding).count()")] }] };
  const evaluation = evaluate(form, [nest(0), ...many.map(({ linkId }) => answered(linkId, coded('да')))]);
  expect(evaluation.valueOf('сколько')).toEqual([280]);
});
