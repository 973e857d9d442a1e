import { checkQuestionnaire } from './check.js';
import type { Questionnaire, QuestionnaireResponse } from './fhir.js';
import { patternOf } from './patterns.js';
import { readExpression } from './reading.js';
import { validateResponse } from './validation.js';

const literal = (pattern: string) => `'${pattern.replace(/[\\']/g, '\\$&')}'`;
const wrong = (expression: string) => readExpression(expression).wrong;
const regex = (valueString: string) => ({ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString }] });
const form = (pattern: string) => ({ resourceType: 'Questionnaire', item: [{ linkId: 'a', type: 'group', item: [{ linkId: 'b', type: 'string', ...regex(pattern) }] }] }) as Questionnaire;
const said = (pattern: string, text: string, step?: (at: string) => void) =>
  validateResponse(form(pattern), { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'a', item: [{ linkId: 'b', answer: [{ valueString: text }] }] }] } as QuestionnaireResponse,
    { status: 'completed', now: '2026-03-01T09:30:00.000Z', watch: { step: step ?? (() => undefined) } }).map(({ code, pointer }) => [code, pointer]);

it.each([
  ['^[\\w.-]+@([\\w-]+\\.)+[a-z]{2,}$', 'a.b@mail.example.org', 'a.b@mail'],
  ['[^@\\s]+@[^@\\s]+', 'a@b', 'a@b c'], ['\\d{6}', '101000', '1010001'], ['(\\d{3}-){2}\\d{3} ?\\d{2}', '112-233-445 95', '112-233-44595x'],
  ['[\\w\\_\\@]+', 'a_b@c', 'a b'], ['(a+)+', 'aaa', 'aab'], ['Да|Нет', 'Да', 'да'],
])('a regex like %s asks for the whole answer to match', (pattern, right, other) => {
  expect(checkQuestionnaire(form(pattern)).notComputed).toEqual([]);
  expect(said(pattern, right)).toEqual([]);
  expect(said(pattern, other)).toEqual([['pattern-mismatch', '/item/0/item/0/answer/0/valueString']]);
});

it('says where it is before a pattern that may never end', () => {
  const steps: string[] = [];
  said('(a+)+', 'a', (at) => steps.push(at));
  expect(steps).toContain('/item/0/item/0');
});

it('of another language is listed, and holds up no answer', () => {
  expect(patternOf(regex('(?i)a'))).toBeUndefined();
  expect(checkQuestionnaire(form('(?i)a')).notComputed).toEqual([{ linkId: 'b', language: 'regex', reason: 'not-supported' }]);
  expect(said('(?i)a', 'x')).toEqual([]);
});

it.each(['^[\\w.-]+@([\\w-]+\\.)+[a-z]{2,}$', '^(ab|cd)+$', '(a+)+'])('in an expression, %s is taken in: the worker stops what overruns', (pattern) => {
  for (const call of [`matches(${literal(pattern)})`, `matchesFull(${literal(pattern)})`, `replaceMatches(${literal(pattern)}, '')`]) expect(wrong(`item.text.${call}`)).toBeUndefined();
});

it.each(["'a'.matches(%pattern)", 'repeat(select(item))', 'repeat(item | answer.item)', '1.repeat($this + 1)'])('%s is taken in', (expression) => expect(wrong(expression)).toBeUndefined());
