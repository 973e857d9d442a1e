import { checkQuestionnaire } from './check.js';
import type { Item, Questionnaire, QuestionnaireResponse } from './fhir.js';
import { completeResponse, validateResponse } from './validation.js';

// What docs/questionnaires.md promises and the other tests of the engine do not name one by one.
const core = 'http://hl7.org/fhir/StructureDefinition/';
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const fhirpath = (url: string, expression: string) => ({ url, valueExpression: { language: 'text/fhirpath', expression } });
const form = (...item: object[]) => ({ resourceType: 'Questionnaire', item }) as Questionnaire;
const input = { status: 'completed' as const, now: '2026-03-01T09:30:00.000Z' };
const response = (item?: object[]) => ({ resourceType: 'QuestionnaireResponse', item }) as QuestionnaireResponse;
const codes = (item: object, answers?: object[]) => validateResponse(form(item), response(answers), input).map(({ code }) => code);
const problems = (document: unknown) => checkQuestionnaire(document).problems.map(({ code, pointer }) => [code, pointer]);
const listed = (...item: object[]) => checkQuestionnaire(form(...item)).notComputed.map(({ reason }) => reason);

it('fills in no default: an initial value and an option that is initially selected answer nothing', () => {
  const item = [
    { linkId: 'a', type: 'string', initial: [{ valueString: 'x' }] }, { linkId: 'b', type: 'choice', answerOption: [{ valueString: 'y', initialSelected: true }] },
    { linkId: 'n', type: 'integer', extension: [fhirpath(`${sdc}calculatedExpression`, '%resource.item.answer.where(value is string).count()')] },
  ];
  expect(completeResponse(form(...item), response(), input).evaluation!.calculated).toMatchObject([{ linkId: 'n', value: 0 }]);
});

it('asks for a hidden item as for any other', () => {
  const hidden = { linkId: 'a', type: 'string', required: true, extension: [{ url: `${core}questionnaire-hidden`, valueBoolean: true }] };
  expect(codes(hidden)).toEqual(['required-missing']);
});

it('asks for as many answers as minOccurs says, of one that is answered or required', () => {
  const item = { linkId: 'a', type: 'string', required: true, repeats: true, extension: [{ url: `${core}questionnaire-minOccurs`, valueInteger: 2 }] };
  expect(codes(item, [{ linkId: 'a', answer: [{ valueString: 'x' }] }])).toEqual(['too-few-answers']);
});

it('keeps dates, quantities and decimals between the least and the most', () => {
  const day = { linkId: 'a', type: 'date', extension: [{ url: `${core}minValue`, valueDate: '2026-01-01' }, { url: `${core}maxValue`, valueDate: '2026-12-31' }] };
  expect(['2025-12-31', '2026-01-01', '2027-01-01'].map((valueDate) => codes(day, [{ linkId: 'a', answer: [{ valueDate }] }]))).toEqual([['too-small'], [], ['too-large']]);
  const most = { linkId: 'a', type: 'quantity', extension: [{ url: `${sdc}maxQuantity`, valueQuantity: { value: 2, code: 'kg' } }] };
  expect(codes(most, [{ linkId: 'a', answer: [{ valueQuantity: { value: 2.5, code: 'kg' } }] }])).toEqual(['too-large']);
});

it('lists a least or most that is computed', () => {
  const url = `${core}maxValue`;
  expect(listed({ linkId: 'a', type: 'date', extension: [{ url, _valueDate: { extension: [fhirpath(`${core}cqf-expression`, 'today()')] } }] })).toEqual(['not-supported']);
});

it('stops nobody for a constraint whose severity is a warning', () => {
  const constraint = (severity: string) => ({ linkId: 'a', type: 'integer', extension: [{ url: `${core}targetConstraint`, extension: [{ url: 'severity', valueCode: severity }, fhirpath('expression', 'false')] }] });
  const answers = [{ linkId: 'a', answer: [{ valueInteger: 1 }] }];
  expect([codes(constraint('warning'), answers), codes(constraint('error'), answers)]).toEqual([[], ['constraint-violated']]);
});

it('keeps nothing from a constraint that is no constraint: nulls among its parts, or no parts at all', () => {
  const broken = (extension: unknown) => ({ linkId: 'a', type: 'integer', extension: [{ url: `${core}targetConstraint`, extension }] });
  const answers = [{ linkId: 'a', answer: [{ valueInteger: 1 }] }];
  expect([null, true, [null], 'x', [null, { url: 'severity', valueCode: 'error' }, fhirpath('expression', 'false')]].map((extension) => codes(broken(extension), answers))).toEqual([[], [], [], [], ['constraint-violated']]);
});

it('refuses what may change any meaning: implicit rules, a modifier extension on the form, an item or a condition', () => {
  const modifierExtension = [{ url: 'urn:not' }];
  expect(problems({ ...form(), implicitRules: 'urn:rules' })).toEqual([['unknown-modifier', '/implicitRules']]);
  expect(problems({ ...form(), modifierExtension })).toEqual([['unknown-modifier', '/modifierExtension']]);
  expect(problems(form({ linkId: 'a', type: 'boolean' }, { linkId: 'b', type: 'string', modifierExtension, enableWhen: [{ question: 'a', operator: '=', answerBoolean: true, modifierExtension }] })))
    .toEqual([['unknown-modifier', '/item/1/modifierExtension'], ['unknown-modifier', '/item/1/enableWhen/0/modifierExtension']]);
});

it.each(['resolve()', "memberOf('urn:vs')", "conformsTo('urn:profile')", "%terminologies.expand('urn:vs')"])('refuses %s, or lists it: nothing asks the network', (call) => {
  const document = form({ linkId: 'a', type: 'string', extension: [fhirpath(`${sdc}calculatedExpression`, `%resource.item.answer.value.select(${call}).exists()`)] } as unknown as Item);
  const { problems: refused, notComputed } = checkQuestionnaire(document);
  expect([...refused.map(({ code }) => code), ...notComputed.map(({ reason }) => reason)].length).toBeGreaterThan(0);
});

it.each(['initialExpression', 'candidateExpression', 'answerExpression', 'itemPopulationContext', 'itemExtractionContext', 'contextExpression'])('lists %s', (name) =>
  expect(listed({ linkId: 'a', type: 'choice', extension: [fhirpath(`${sdc}${name}`, '%patient.name')] })).toEqual(['not-supported']));

it.each([
  ...['sourceQueries', 'lookupQuestionnaire', 'questionnaireAdaptive'].map((name) => sdc + name), ...['unitValueSet', 'unitOption', 'signatureRequired', 'referenceResource'].map((name) => `${core}questionnaire-${name}`),
  `${core}cqf-library`, 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.item.answerConstraint',
])('lists %s', (url) =>
  expect(listed({ linkId: 'a', type: 'quantity', extension: [{ url, valueUri: 'urn:x' }] })).toEqual(['not-supported']));
