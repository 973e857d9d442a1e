import { jest } from '@jest/globals';
import { evaluateResponse } from './evaluation.js';
import type { Extension, Questionnaire, QuestionnaireResponse, ResponseItem } from './fhir.js';

const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const ordinalValue = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const itemWeight = 'http://hl7.org/fhir/StructureDefinition/itemWeight';
const input = { now: '2026-03-01T09:30:00.000Z' };

const calculated = (expression: string, name?: string): Extension => ({ url: `${sdc}calculatedExpression`, valueExpression: { name, language: 'text/fhirpath', expression } });
const variable = (name: string, expression: string): Extension => ({ url: 'http://hl7.org/fhir/StructureDefinition/variable', valueExpression: { name, language: 'text/fhirpath', expression } });
const answered = (linkId: string, ...answer: object[]) => ({ linkId, answer }) as ResponseItem;
const total = (type: string, expression: string, more: object = {}) => ({ linkId: 'total', type, extension: [calculated(expression)], ...more });
const evaluate = (form: object, items: object[] = [], more: object = {}) =>
  evaluateResponse({ resourceType: 'Questionnaire', ...form } as Questionnaire, { resourceType: 'QuestionnaireResponse', item: items } as QuestionnaireResponse, { ...input, ...more });
const valuesOf = (evaluation: ReturnType<typeof evaluate>, linkId = 'total') => evaluation.calculated.filter((one) => one.linkId === linkId).map(({ value }) => value);
const reasonOf = (evaluation: ReturnType<typeof evaluate>, linkId = 'total') => evaluation.notComputed.find((one) => one.linkId === linkId)?.reason;

describe('a score stands', () => {
  const weight = (url: string, valueDecimal: number) => [{ url, valueDecimal }];
  const inValueSet = (set: object) => ({ contained: [{ resourceType: 'ValueSet', id: 'vs', url: 'urn:vs', ...set }] });
  const r5 = [{ url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property', extension: [{ url: 'code', valueCode: 'itemWeight' }, { url: 'value', valueDecimal: 3 }] }];
  it.each<[string, object, object]>([
    ['on the option', { answerOption: [{ extension: weight(ordinalValue, 3), valueCoding: { code: 'a' } }] }, {}],
    ['on the option, as itemWeight', { answerOption: [{ extension: weight(itemWeight, 3), valueCoding: { code: 'a' } }] }, {}],
    ['on the coding of the option', { answerOption: [{ valueCoding: { extension: weight(ordinalValue, 3), code: 'a' } }] }, {}],
    ['on the concept of a contained set', { answerValueSet: '#vs' }, inValueSet({ compose: { include: [{ concept: [{ code: 'a', extension: weight(ordinalValue, 3) }] }] } })],
    ['in the expansion alone', { answerValueSet: 'urn:vs' }, inValueSet({ expansion: { contains: [{ code: 'a', extension: weight(itemWeight, 3) }] } })],
    ['in an R5 property', { answerValueSet: 'urn:vs|1' }, inValueSet({ expansion: { contains: [{ code: 'a', extension: r5 }] } })],
  ])('%s', (_, item, form) => {
    const evaluation = evaluate({ item: [{ linkId: 'q', type: 'choice', ...item }, total('decimal', "%resource.item.where(linkId='q').answer.value.weight()")], ...form }, [answered('q', { valueCoding: { code: 'a' } })]);
    expect(valuesOf(evaluation)).toEqual([3]);
    expect(evaluation.ordinalSum).toBe(3);
  });

  it('on the code system that the form carries', () => {
    const contained = [{ resourceType: 'CodeSystem', url: 'urn:cs', concept: [{ code: 'top', concept: [{ code: 'a', extension: weight(ordinalValue, 3) }] }] }];
    expect(evaluate({ contained, item: [{ linkId: 'q', type: 'choice', answerOption: [{ valueCoding: { system: 'urn:cs', code: 'a' } }] }] }, [answered('q', { valueCoding: { system: 'urn:cs', code: 'a' } })]).ordinalSum).toBe(3);
  });

  it('on options that are numbers', () => {
    const item = [{ linkId: 'q', type: 'choice', answerOption: [{ valueInteger: 7, extension: weight(ordinalValue, 3) }] }, total('integer', 'item.answer.value.weight()')];
    const evaluation = evaluate({ item: [item[0], total('integer', "%resource.item.where(linkId='q').answer.value.ordinal()")] }, [answered('q', { valueInteger: 7 })]);
    expect([valuesOf(evaluation), evaluation.ordinalSum]).toEqual([[3], 3]);
  });

  it('in this version of a form, whatever another with the same url said', () => {
    const version = (points: number) => ({ url: 'urn:form', contained: [{ resourceType: 'ValueSet', id: 'vs', compose: { include: [{ concept: [{ code: 'a', extension: weight(ordinalValue, points) }] }] } }],
      item: [{ linkId: 'q', type: 'choice', answerValueSet: '#vs' }, total('decimal', '%resource.item.answer.value.weight().sum()')] });
    expect([1, 2].map((points) => valuesOf(evaluate(version(points), [answered('q', { valueCoding: { code: 'a' } })])))).toEqual([[1], [2]]);
  });

  it('nowhere: then there is no total, and not 0', () => {
    const item = [{ linkId: 'q', type: 'choice', answerOption: [{ valueCoding: { system: 'http://loinc.org', code: 'a' } }] }, total('integer', '%resource.item.answer.value.weight().aggregate($this + $total, 0)')];
    const evaluation = evaluate({ item }, [answered('q', { valueCoding: { system: 'http://loinc.org', code: 'a' } })]);
    expect([evaluation.calculated, evaluation.scores, evaluation.ordinalSum, reasonOf(evaluation)]).toEqual([[], [], null, 'no-score']);
  });
});

it('a total over all items is not upset by a band without a score that the form itself calculates from it', () => {
  const item = [{ linkId: 'q', type: 'choice', answerOption: [{ extension: [{ url: ordinalValue, valueDecimal: 3 }], valueCoding: { code: 'a' } }] },
    total('integer', '%sum'), { linkId: 'zone', type: 'choice', answerOption: [{ valueCoding: { code: 'low' } }, { valueCoding: { code: 'high' } }],
      extension: [calculated("%questionnaire.item.where(linkId = 'zone').answerOption.value.where(code = iif(%sum < 3, 'low', 'high'))")] }];
  const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/variable', valueExpression: { name: 'sum', language: 'text/fhirpath', expression: '%resource.item.answer.value.weight().sum()' } }];
  const evaluation = evaluate({ item, extension }, [answered('q', { valueCoding: { code: 'a' } })]);
  expect([valuesOf(evaluation), valuesOf(evaluation, 'zone'), evaluation.notComputed]).toEqual([[3], [expect.objectContaining({ code: 'high' })], []]);
});

describe('what the client sends is not believed', () => {
  const item = [{ linkId: 'q', type: 'choice', answerOption: [{ extension: [{ url: ordinalValue, valueDecimal: 3 }], valueCoding: { code: 'a', display: 'Often' } }] },
    { linkId: 'sum', type: 'decimal', extension: [calculated("%resource.item.where(linkId='q').answer.value.weight().sum()")] },
    { linkId: 'shown', type: 'string', extension: [calculated("%resource.item.where(linkId='q').answer.value.display")] }];
  const sent = [answered('q', { valueCoding: { code: 'a', display: 'Never', extension: [{ url: ordinalValue, valueDecimal: 0 }] } }), answered('sum', { valueDecimal: 99 })];
  it('neither scores nor displays nor calculated values', () => {
    const before = JSON.stringify(sent);
    const evaluation = evaluate({ item }, sent);
    expect([valuesOf(evaluation, 'sum'), valuesOf(evaluation, 'shown')]).toEqual([[3], ['Often']]);
    expect(evaluation.response.item?.map(({ answer }) => answer?.[0])).toEqual([
      { valueCoding: { extension: [{ url: ordinalValue, valueDecimal: 3 }], code: 'a', display: 'Often' } }, { valueDecimal: 3 }, { valueString: 'Often' }]);
    expect(JSON.stringify(sent)).toBe(before);
  });
  it('not even in the item that calculates itself', () => {
    expect(valuesOf(evaluate({ item: [total('integer', '1 + iif(answer.exists(), answer.value, 0)')] }, [answered('total', { valueInteger: 41 })]))).toEqual([1]);
  });
});

describe('a result', () => {
  it.each<[string, string, object, unknown]>([
    ['decimal', '(1.005).round(2)', {}, 1.01], ['integer', '4 / 2', {}, 2], ['quantity', '3', {}, { value: 3 }], ['quantity', "1.5 'kg'", {}, { value: 1.5, unit: 'kg' }],
    ['string', "'a' & 'b'", {}, 'ab'], ['string', '12', {}, '12'], ['boolean', '1 > 0', {}, true], ['date', 'today() - 1 day', {}, '2026-02-28'],
    ['dateTime', 'now()', {}, '2026-03-01T09:30:00.000Z'], ['choice', '%qitem.answerOption.value.where(code = \'b\')', { answerOption: [{ valueCoding: { code: 'a' } }, { valueCoding: { code: 'b', display: 'B' } }] }, { code: 'b', display: 'B' }],
    ['open-choice', "'own words'", {}, 'own words'],
  ])('of a %s from %s', (type, expression, more, expected) => expect(valuesOf(evaluate({ item: [total(type, expression, more)] }))).toEqual([expected]));

  it.each<[string, string, string, object?]>([
    ['empty', 'integer', '{}'], ['empty', 'integer', '1 / 0'], ['empty', 'integer', '%patient.birthDate'], ['several-values', 'integer', '1 | 2'], ['not-finite', 'decimal', '(0).ln()'], ['wrong-type', 'integer', '1.5'],
    ['wrong-type', 'integer', "'1'"], ['not-an-option', 'choice', "%questionnaire.item.answerOption.valueCoding.first().select(Coding { code: 'z' })", { answerOption: [{ valueCoding: { code: 'a' } }] }],
    ['expression-failed', 'integer', "'a' * 2"], ['undefined-variable', 'integer', '%nobody + 1'], ['wrong-arity', 'integer', 'iif(true)'], ['unknown-function', 'integer', 'fetch()'],
  ])('is absent because %s: a %s from %s', (reason, type, expression, more = {}) => {
    const warn = jest.spyOn(console, 'warn');
    const evaluation = evaluate({ item: [total(type, expression, more)] });
    expect([evaluation.calculated, evaluation.scores, reasonOf(evaluation), evaluation.response.item]).toEqual([[], [], reason, []]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('that the database cannot hold is none', () => {
    expect(reasonOf(evaluate({ item: [total('string', "'a\\u0000b'")] }))).toBe('wrong-type');
  });

  it('of a quantity has the unit that the form says', () => {
    const unit = { url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit', valueCoding: { system: 'http://unitsofmeasure.org', code: 'kg/m2', display: 'kg/m²' } };
    expect(valuesOf(evaluate({ item: [{ linkId: 'total', type: 'quantity', extension: [calculated('24.5'), unit] }] }))).toEqual([{ value: 24.5, unit: 'kg/m²', system: 'http://unitsofmeasure.org', code: 'kg/m2' }]);
  });

  it('of trace goes nowhere', () => {
    const log = jest.spyOn(console, 'log');
    expect(valuesOf(evaluate({ item: [total('integer', "(1).trace('x')")] }))).toEqual([1]);
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });
});

describe('order', () => {
  it('does not matter for the variables of one place', () => {
    expect(valuesOf(evaluate({ extension: [variable('c', '%b + 1'), variable('b', '%a + 1'), variable('a', '1')], item: [total('integer', '%c')] }))).toEqual([3]);
  });
  it('matters not for items that depend on later ones', () => {
    const of = (linkId: string) => `%resource.item.where(linkId='${linkId}').answer.value + 1`;
    const item = [{ linkId: 'a', type: 'integer', extension: [calculated(of('b'))] }, { linkId: 'b', type: 'integer', extension: [calculated(of('c'))] }, { linkId: 'c', type: 'integer', extension: [calculated('1')] }];
    expect(evaluate({ item }).calculated.map(({ linkId, value }) => [linkId, value])).toEqual([['a', 3], ['b', 2], ['c', 1]]);
  });
  it('a variable of a sibling is out of reach', () => {
    const group = (linkId: string, extension: Extension[], item: object[]) => ({ linkId, type: 'group', extension, item });
    expect(reasonOf(evaluate({ item: [group('one', [variable('y', '1')], []), group('two', [], [total('integer', '%y')])] }))).toBe('undefined-variable');
  });
  it('a loop that does not settle has no value', () => {
    const of = (linkId: string) => `iif(%resource.item.where(linkId='${linkId}').answer.value = 1, 2, 1)`;
    const item = [{ linkId: 'a', type: 'integer', extension: [calculated(of('a-too'))] }, { linkId: 'a-too', type: 'integer', extension: [calculated("%resource.item.where(linkId='a').answer.value")] }, total('integer', '7')];
    const evaluation = evaluate({ item });
    expect([reasonOf(evaluation, 'a'), valuesOf(evaluation)]).toEqual(['does-not-settle', [7]]);
  });
});

describe('repetitions', () => {
  const item = [{ linkId: 'g', type: 'group', repeats: true, extension: [variable('n', "item.where(linkId='n').answer.value")], item: [{ linkId: 'n', type: 'integer' }, { linkId: 'double', type: 'integer', extension: [calculated('%n * 2')] }] }];
  it('calculate each for itself', () => {
    const evaluation = evaluate({ item }, [3, 5].map((valueInteger) => ({ linkId: 'g', item: [answered('n', { valueInteger })] })));
    expect(evaluation.calculated.map(({ pointer, value }) => [pointer, value])).toEqual([['/item/0/item/1/answer/0', 6], ['/item/1/item/1/answer/0', 10]]);
  });
  it('that are not there yet calculate nothing and add nothing', () => expect(evaluate({ item }).response.item).toEqual([]));
  it('get a group around a value where there was none', () => {
    const evaluation = evaluate({ item: [{ linkId: 'g', type: 'group', item: [total('integer', '1')] }] });
    expect(evaluation.response.item).toEqual([{ linkId: 'g', item: [{ linkId: 'total', answer: [{ valueInteger: 1 }] }] }]);
  });
});

it('calculates nothing for what is not enabled', () => {
  const form = { item: [{ linkId: 'a', type: 'boolean' }, total('integer', '1', { enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] })] };
  expect(reasonOf(evaluate(form, [answered('a', { valueBoolean: false })]))).toBe('not-enabled');
  expect(valuesOf(evaluate(form, [answered('a', { valueBoolean: true })]))).toEqual([1]);
});

it('marks a coding from outside as not verified, and gives it no score', () => {
  const item = [{ linkId: 'q', type: 'choice', answerValueSet: 'http://loinc.org/vs/LL1' }, total('integer', '%resource.item.answer.value.weight().sum()')];
  const evaluation = evaluate({ item }, [answered('q', { valueCoding: { system: 'http://loinc.org', code: 'LA1', extension: [{ url: ordinalValue, valueDecimal: 9 }] } })]);
  expect([evaluation.notVerified, evaluation.ordinalSum, reasonOf(evaluation)]).toEqual([['/item/0/answer/0'], null, 'no-score']);
});

it('reads a launch context that is handed in', () => {
  expect(valuesOf(evaluate({ item: [total('string', '%patient.gender')] }, [], { launchContext: { patient: { resourceType: 'Patient', gender: 'female' } } }))).toEqual(['female']);
});
