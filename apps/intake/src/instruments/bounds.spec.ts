import { Expressions } from './expressions.js';
import { readExpression } from './reading.js';

const literal = (pattern: string) => `'${pattern.replace(/[\\']/g, '\\$&')}'`;
const wrong = (expression: string) => readExpression(expression).wrong;

it.each([
  '(a+)+', '(a*)*$', '(a|aa)+', '((a)|b)*', '(?:a+)+', '(?<x>a+){2,}', '(a{1,})*', '(a+){30}', '(a?){40}a', '((a+)b)*', '((ab|c)d){2}', '(?=a+)+', '(a+)+?', '(.*,){11}P',
])('a pattern like %s could take time without end', (pattern) => {
  for (const call of [`matches(${literal(pattern)})`, `matchesFull(${literal(pattern)})`, `replaceMatches(${literal(pattern)}, '')`]) expect(wrong(`item.text.${call}`)).toBe('expression-unbounded');
});

it.each([
  'abc', '^[^@\\s]+@[^@\\s]+$', '^\\d{1,2}\\.\\d{1,2}\\.\\d{2,4}$', '^\\s*yes\\s*$', 'a|b|c|d|e|f', '.*street', '^\\+?\\d?[ -]?\\(?\\d{3}\\)?[ -]?\\d{3}[ -]?\\d{2}[ -]?\\d{2}$', '(\\d{3}-){2}\\d{3} ?\\d{2}', '(a|b)c*', '(?:a|b)?x', '(ab)+', '^[\\w.%+-]+@[\\w.-]+\\.[A-Za-z]{2,}$', '^a*a*a*b', '^\\(a+\\)+', '[(a+)]+', '^(a+)b+', 'a+?b',
])('a pattern like %s is taken', (pattern) => {
  expect(wrong(`item.text.matches(${literal(pattern)})`)).toBeUndefined();
  new RegExp(pattern, 'u');
});

it.each(["'a'.matches(item.text)", "'a'.matches('(a' & '+)+')", "'a'.matches(%pattern)", "'a'.`matches`('(a+)+')", "'a'.replaceMatches(iif(true, 'a', 'b'), '')"])(
  '%s: a pattern is a text written out', (expression) => expect(wrong(expression)).toBe('expression-unbounded'));

it.each(['repeat($this)', "repeat('a' & $this)", '1.repeat($this + 1)', 'repeat(item | $this.linkId & 1)', 'repeat(iif(true, item, 1))', 'repeat(where(true))', 'repeat(%resource.item)', 'repeat(item.select($this))', 'repeat(now())', 'repeat(item.count())'])(
  '%s does not move down', (expression) => expect(wrong(expression)).toBe('expression-unbounded'));

it.each(['%resource.repeat(item)', 'repeat(item | answer.item)', "repeat($this.item.where(linkId = 'a'))", 'repeat((item | answer).item[0])', 'repeat(children())', 'repeat(item.first())', 'repeat(`item`)'])(
  '%s moves down', (expression) => expect(wrong(expression)).toBeUndefined());

it('is not run where it got in before', () =>
  expect(new Expressions({}).run("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')", {}, {})).toEqual({ reason: 'expression-unbounded' }));
