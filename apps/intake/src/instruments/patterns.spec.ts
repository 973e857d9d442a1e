import { isRunnable, patternOf } from './patterns.js';
import { readExpression } from './reading.js';

const literal = (pattern: string) => `'${pattern.replace(/[\\']/g, '\\$&')}'`;
const wrong = (expression: string) => readExpression(expression).wrong;

it.each([
  '(a+)+', '(a*)*$', '(a|aa)+', '((a)|b)*', '(?:a+)+', '(?<x>a+){2,}', '(a{1,})*', '(a+){30}', '(a?){40}a', '((a+)b)*', '((ab|c)d){2}', '(?=a+)+', '(a+)+?', '(.*,){11}P',
])('a regex like %s could take time without end', (pattern) => expect(isRunnable(pattern)).toBe(false));

it.each([
  'abc', '^[^@\\s]+@[^@\\s]+$', '^\\d{1,2}\\.\\d{1,2}\\.\\d{2,4}$', '^\\s*yes\\s*$', 'a|b|c|d|e|f', '.*street', '^\\+?\\d?[ -]?\\(?\\d{3}\\)?[ -]?\\d{3}[ -]?\\d{2}[ -]?\\d{2}$', '(\\d{3}-){2}\\d{3} ?\\d{2}', '(a|b)c*', '(?:a|b)?x', '(ab)+', '^[\\w.%+-]+@[\\w.-]+\\.[A-Za-z]{2,}$', '^a*a*a*b', '^\\(a+\\)+', '[(a+)]+', '^(a+)b+', 'a+?b',
])('a regex like %s is run', (pattern) =>
  expect(patternOf({ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: pattern }] })).toBeInstanceOf(RegExp));

it.each(['^[\\w.-]+@([\\w-]+\\.)+[a-z]{2,}$', '^(ab|cd)+$', '(a+)+'])('in an expression, %s is taken in: the worker stops what overruns', (pattern) => {
  for (const call of [`matches(${literal(pattern)})`, `matchesFull(${literal(pattern)})`, `replaceMatches(${literal(pattern)}, '')`]) expect(wrong(`item.text.${call}`)).toBeUndefined();
});

it.each(["'a'.matches(%pattern)", 'repeat(select(item))', 'repeat(item | answer.item)', '1.repeat($this + 1)'])('%s is taken in', (expression) => expect(wrong(expression)).toBeUndefined());
