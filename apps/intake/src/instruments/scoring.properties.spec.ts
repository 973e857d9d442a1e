import fc from 'fast-check';
import type { Answer, Item, Questionnaire, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { completeResponse } from './validation.js';

const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';
const ordinalValue = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const input = { now: '2026-03-01T09:30:00.000Z', status: 'completed' as const };
const calculated = (linkId: string, type: string, expression: string): Item => ({ linkId, type, extension: [{ url: sdc, valueExpression: { language: 'text/fhirpath', expression } }] });

/** Questions in groups, one of which repeats; and calculations that would tell one order from another. */
const scored = (linkId: string, points: number[]): Item => ({
  linkId, type: 'choice', answerOption: points.map((valueDecimal, index) => ({ extension: [{ url: ordinalValue, valueDecimal }], valueCoding: { system: 'urn:s', code: `${index}` } })) });

const forms = fc.array(fc.array(fc.double({ min: -9, max: 9, noNaN: true, noDefaultInfinity: true }).map((points) => Math.round(points * 10) / 10), { minLength: 2, maxLength: 4 }), { minLength: 2, maxLength: 6 })
  .map((questions): Questionnaire => ({
    resourceType: 'Questionnaire', item: [
      { linkId: 'group', type: 'group', item: questions.map((points, index) => scored(`q${index}`, points)) },
      { linkId: 'visit', type: 'group', repeats: true, item: [scored('how', [0, 1, 2]), calculated('double', 'decimal', "item.where(linkId = 'how').answer.value.ordinal() * 2")] },
      scored('last', [1, 2]),
      calculated('total', 'decimal', '%resource.descendants().where(linkId.exists()).answer.value.ordinal().sum()'),
      calculated('in-words', 'string', "%resource.descendants().where(linkId.exists()).answer.value.ofType(Coding).code.join(' ')"),
      calculated('first', 'string', '%resource.item.first().item.first().linkId'),
    ],
  }));

const answers = ({ item }: Questionnaire) => {
  const code = (linkId: string, most: number) => fc.option(fc.integer({ min: 0, max: most - 1 }), { nil: undefined }).map((chosen): ResponseItem[] =>
    (chosen === undefined ? [] : [{ linkId, answer: [{ valueCoding: { system: 'urn:s', code: `${chosen}` } }] }]));
  const questions = item![0]!.item!;
  return fc.record({
    group: fc.tuple(...questions.map(({ linkId, answerOption }) => code(linkId, answerOption!.length))).map((items) => items.flat()),
    visits: fc.array(code('how', 3), { maxLength: 3 }), last: code('last', 2),
  }).map(({ group, visits, last }): QuestionnaireResponse => ({
    resourceType: 'QuestionnaireResponse', item: [{ linkId: 'group', item: group }, ...visits.map((visit): ResponseItem => ({ linkId: 'visit', item: visit })), ...last] }));
};

const given = forms.chain((form) => answers(form).map((response) => ({ form, response })));

/** In another order; repetitions keep theirs, which means something. */
const shuffled = (items: ResponseItem[], turn: number): ResponseItem[] => {
  const byLinkId = [...Map.groupBy(items.map((item) => (item.item ? { ...item, item: shuffled(item.item, turn + 1) } : item)), ({ linkId }) => linkId).values()];
  const at = byLinkId.length ? turn % byLinkId.length : 0;
  return [...byLinkId.slice(at), ...byLinkId.slice(0, at).reverse()].flat();
};

const scoresOf = (form: Questionnaire, response: QuestionnaireResponse) => {
  const { troubles, evaluation } = completeResponse(form, response, input);
  expect(troubles).toEqual([]);
  return evaluation;
};

it('the same answers give the same results', () => fc.assert(fc.property(given, ({ form, response }) =>
  expect(scoresOf(structuredClone(form), structuredClone(response))).toEqual(scoresOf(form, response))), { numRuns: 60 }));

it('whatever order the items of a response come in', () => fc.assert(fc.property(given, fc.nat({ max: 7 }), ({ form, response }, turn) =>
  expect(scoresOf(form, { ...response, item: shuffled(response.item!, turn) })).toEqual(scoresOf(form, response))), { numRuns: 120 }));

it('whatever scores, displays and calculated values the client sends', () => fc.assert(fc.property(given, fc.double({ noNaN: true, noDefaultInfinity: true }), ({ form, response }, points) => {
  const lie = (items: ResponseItem[]): ResponseItem[] => items.map((item) => ({
    ...item, ...(item.item && { item: lie(item.item) }),
    ...(item.answer && { answer: item.answer.map(({ valueCoding }) => ({ valueCoding: { ...valueCoding, display: 'No', extension: [{ url: ordinalValue, valueDecimal: points }] } })) }) }));
  expect(scoresOf(form, { ...response, item: [...lie(response.item!), { linkId: 'total', answer: [{ valueDecimal: points }] }] })).toEqual(scoresOf(form, response));
}), { numRuns: 60 }));

const itemWeight = 'http://hl7.org/fhir/StructureDefinition/itemWeight';
const codes = ['none', 'three'].map((code) => ({ valueCoding: { system: 'urn:s', code }, ...(code === 'three' && { extension: [{ url: itemWeight, valueDecimal: 3 }] }) }));
const total = '%resource.descendants().where(linkId.exists()).answer.value';
const open: Questionnaire = {
  resourceType: 'Questionnaire', item: [
    { linkId: 'asked', type: 'choice', answerOption: codes }, { linkId: 'outside', type: 'choice', answerValueSet: 'urn:elsewhere' },
    calculated('weighed', 'decimal', "%resource.item.where(linkId = 'asked').answer.weight().sum()"), calculated('weighed-value', 'decimal', "%resource.item.where(linkId = 'asked').answer.value.weight().sum()"),
    calculated('read', 'decimal', `(${total}.extension('${itemWeight}').value | ${total}.extension('${ordinalValue}').value).sum()`),
    calculated('read-anywhere', 'decimal', `%resource.descendants().where(url = '${itemWeight}').value.sum()`),
    calculated('read-value', 'string', "%resource.item.where(linkId = 'asked').answer.value.code"),
    calculated('from-outside', 'decimal', "%resource.item.where(linkId = 'outside').answer.weight().sum()"),
  ],
};
const weightOf = (points: number, url = itemWeight) => ({ url, valueDecimal: points });
const r5 = { url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-CodeSystem.concept.property', extension: [{ url: 'code', valueCode: 'itemWeight' }, { url: 'value', valueDecimal: 99 }] };

describe.each(['none', 'three'])('with the option %s', (code) => {
  const valueCoding = { system: 'urn:s', code };
  const results = (answer: object, more: object = {}) => {
    const outside = { ...answer, valueCoding: { ...(answer as Answer).valueCoding, system: 'urn:other' } };
    const evaluation = scoresOf(open, { resourceType: 'QuestionnaireResponse', ...more, item: [{ linkId: 'asked', answer: [answer as Answer] }, { linkId: 'outside', answer: [outside as Answer] }] });
    return { scores: evaluation!.scores, ordinalSum: evaluation!.ordinalSum, notComputed: evaluation!.notComputed, calculated: evaluation!.calculated.map(({ linkId, value }) => [linkId, value]) };
  };

  it.each<[string, object, object]>([
    ['beside the null of another type', { valueInteger: null, _valueInteger: { extension: [weightOf(0)] }, valueCoding }, {}],
    ['beside a value without a type', { value: 1, _value: { extension: [weightOf(0)] }, valueCoding }, {}],
    ['beside the coding', { _valueCoding: { extension: [weightOf(99)] }, valueCoding }, {}],
    ['in a property', { valueCoding: { ...valueCoding, property: [{ code: 'itemWeight', valueDecimal: 99 }] } }, {}],
    ['in an R5 property', { valueCoding: { ...valueCoding, extension: [r5] } }, {}],
    ['in an extension that is no list', { valueCoding: { ...valueCoding, extension: weightOf(99) } }, {}],
    ['beside its code', { valueCoding: { ...valueCoding, _code: { extension: [weightOf(99)] } } }, {}],
    ['inside another extension', { extension: [{ url: 'urn:x', extension: [weightOf(99)] }], valueCoding }, {}],
    ['on the response', { valueCoding }, { extension: [weightOf(99)] }],
    ['nowhere, but a null that stumbles', { valueCoding: { ...valueCoding, extension: [null] } }, {}],
  ])('a client scores nothing %s', (_, answer, more) => {
    const honest = results({ valueCoding });
    expect(results(answer, more)).toEqual(honest);
    const values = Object.fromEntries(honest.calculated) as Record<string, unknown>;
    for (const linkId of ['weighed', 'weighed-value', 'read', 'read-anywhere']) expect(values[linkId]).toBe(code === 'three' ? 3 : undefined);
    expect(honest.ordinalSum).toBe(code === 'three' ? 3 : null);
    expect(honest.notComputed).toContainEqual({ linkId: 'from-outside', reason: 'no-score' });
  });
});

it('what else a client sends with an answer stays', () => {
  const answer = { id: 'a', extension: [{ url: 'urn:x', valueString: 'x' }], valueCoding: { system: 'urn:s', code: 'none', userSelected: true } };
  expect(scoresOf(open, { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'asked', answer: [answer] }] })!.response.item![0]!.answer).toEqual([answer]);
});
