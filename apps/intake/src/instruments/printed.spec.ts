import { printed, speaks, type Printed } from './printed.js';
import type { Item, Questionnaire } from './fhir.js';
import { starterScreening } from './starter-screening.js';

const core = 'http://hl7.org/fhir/StructureDefinition/';
const form = (...item: object[]): Questionnaire => ({ resourceType: 'Questionnaire', item: item as Item[] });
const lines = (item: object, more: object = {}, language: 'en' | 'ru' = 'en') => printed({ ...form({ linkId: 'a', text: 'A', ...item }), ...more }, language);
const ru = (content: string) => ({ extension: [{ url: `${core}translation`, extension: [{ url: 'lang', valueCode: 'ru' }, { url: 'content', valueString: content }] }] });

it.each<[string, object, Partial<Printed>]>([
  ['a text', { type: 'text' }, { kind: 'question', space: 'lines', choices: [] }],
  ['a day', { type: 'date' }, { space: 'boxes', hint: 'day . month . year' }],
  ['yes or no', { type: 'boolean' }, { choices: ['Yes', 'No'], space: 'none', several: false }],
  ['a choice', { type: 'choice', repeats: true, required: true, answerOption: [{ valueCoding: { code: 'x', display: 'Ex' } }, { valueInteger: 2 }] }, { choices: ['Ex', '2'], several: true, required: true }],
  ['an open choice', { type: 'open-choice', answerOption: [{ valueString: 'x' }] }, { choices: ['x'], space: 'line', hint: 'Other' }],
  ['an amount', { type: 'quantity', extension: [{ url: `${core}questionnaire-unit`, valueCoding: { code: 'kg' } }] }, { space: 'line', hint: 'kg' }],
  ['a heading', { type: 'group', repeats: true }, { kind: 'heading', again: true }],
  ['a note', { type: 'display' }, { kind: 'text', text: 'A' }],
])('%s has its place on paper', (_, item, expected) => expect(lines(item)).toMatchObject([expected]));

it('lists what a contained value set has, in the language asked for', () => {
  const contained = [{ resourceType: 'ValueSet', id: 'v', compose: { include: [{ system: 's', concept: [{ code: 'x', display: 'Ex', designation: [{ language: 'ru', value: 'Икс' }] }] }] } }];
  expect(lines({ type: 'choice', answerValueSet: '#v', _text: ru('А') }, { contained }, 'ru')).toMatchObject([{ text: 'А', choices: ['Икс'] }]);
});

it('leaves out what nobody fills in by hand', () => {
  expect(lines({ type: 'string', extension: [{ url: `${core}questionnaire-hidden`, valueBoolean: true }] })).toEqual([]);
  expect(printed(starterScreening, 'en').filter((line) => 'linkId' in line && line.linkId.endsWith('score'))).toEqual([]);
});

it('says when a question is to be answered', () => {
  const items = [{ linkId: 'a', text: 'Ill?', type: 'choice', answerOption: [{ valueCoding: { code: 'y', display: 'Yes, very' } }] },
    { linkId: 'b', text: 'Since?', type: 'date', enableWhen: [{ question: 'a', operator: '=', answerCoding: { code: 'y' } }] }];
  expect(printed(form(...items), 'en')[1]).toMatchObject({ when: 'Only if “Ill?” is “Yes, very”' });
  expect(printed(form(...items), 'ru')[1]).toMatchObject({ when: expect.stringContaining('Только если') });
});

it('knows which languages a form speaks', () => {
  expect((['en', 'ru'] as const).map((language) => speaks(starterScreening, language))).toEqual([true, true]);
  expect(speaks({ ...form({ linkId: 'a', type: 'string' }), language: 'en-US' }, 'ru')).toBe(false);
});
