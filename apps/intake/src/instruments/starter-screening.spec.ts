import { checkQuestionnaire } from './check.js';
import { compileCondition, evaluateCondition } from './condition.js';
import type { Item, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { starterNeedRules } from './starter-need-rules.js';
import { needDomains, starterScreening } from './starter-screening.js';
import { completeResponse } from './validation.js';

const now = '2026-03-01T09:30:00.000Z';
const domains = (starterScreening.item ?? []).filter(({ type }) => type === 'group');
const choices = (item: Item) => (item.answerOption ?? []).map(({ valueCoding }) => valueCoding!.code!);
const questions = (domain: Item) => (domain.item ?? []).filter(({ type }) => type === 'choice');
const system = 'urn:opora:starter-screening-answer';

/** Codes by linkId, as a person would send them. */
const answer = (codes: Record<string, string>): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse', status: 'completed',
  item: domains.map((domain): ResponseItem => ({ linkId: domain.linkId, item: questions(domain).filter(({ linkId }) => codes[linkId])
    .map(({ linkId }) => ({ linkId, answer: [{ valueCoding: { system, code: codes[linkId] } }] })) })),
});

const needs = (codes: Record<string, string>, rules = starterNeedRules) => {
  const { troubles, evaluation } = completeResponse(starterScreening, answer(codes), { now, status: 'completed' });
  expect(troubles).toEqual([]);
  return rules.filter(({ condition }) => {
    const told = evaluateCondition(starterScreening, evaluation!.response, evaluation!.scores, condition, { now });
    expect(told.reason).toBeUndefined();
    return told.met;
  }).map(({ rule }) => rule);
};

it('passes the same check as any other questionnaire', () => expect(checkQuestionnaire(starterScreening)).toEqual({ problems: [], notComputed: [] }));

it('is plain JSON', () => expect(JSON.parse(JSON.stringify(starterScreening))).toEqual(starterScreening));

it('covers the common domains, each with a rule', () => {
  const codes = ['housing', 'food', 'income', 'employment', 'legal', 'safety', 'psychological', 'daily-living'];
  expect(domains.map(({ code }) => code?.[0])).toEqual(codes.map((code) => ({ system: needDomains, code })));
  expect([...new Set(starterNeedRules.map(({ need }) => need.code))]).toEqual(codes);
});

it('says everything in Russian too', () => {
  const shown = (element: unknown): string[] => (typeof element !== 'object' || element === null ? []
    : Object.entries(element).flatMap(([key, value]) => (['text', 'display', 'title'].includes(key) ? [JSON.stringify((element as Record<string, unknown>)[`_${key}`]) ?? 'missing'] : shown(value))));
  const translations = shown(starterScreening);
  expect(translations.length).toBeGreaterThan(70);
  expect(translations.filter((one) => !/"valueCode":"ru".*[а-яё]/i.test(one))).toEqual([]);
  expect(starterNeedRules.filter(({ explanation }) => !/[а-яё]/i.test(explanation.ru))).toEqual([]);
});

it.each(starterNeedRules)('the condition of $rule stands on items that exist', ({ condition }) => expect(compileCondition(condition, starterScreening)).toEqual([]));

it.each<[string, Record<string, string>, string[]]>([
  ['nothing answered', {}, []],
  ['nothing said', { 'housing-place': 'unsaid', 'safety-fear': 'unsaid', 'psychological-strain': 'unsaid' }, []],
  ['all well', { 'housing-place': 'settled', 'food-month': 'never', 'income-enough': 'always', 'legal-matter': 'none', 'daily-living-care': 'alone' }, []],
  ['no place to sleep', { 'housing-place': 'nowhere', 'housing-quality': 'bad' }, ['housing-critical']],
  ['a bad home only', { 'housing-quality': 'bad' }, ['housing-moderate']],
  ['no food now', { 'food-month': 'never', 'food-now': 'none' }, ['food-high']],
  ['a court date and papers missing', { 'legal-matter': 'dated', 'legal-papers': 'none' }, ['legal-high']],
  ['danger today', { 'safety-fear': 'yes', 'safety-today': 'yes' }, ['safety-critical']],
  ['self-harm', { 'psychological-harm': 'now', 'psychological-strain': 'always' }, ['psychological-critical']],
  ['several at once', { 'income-enough': 'never', 'income-debt': 'unpaid', 'employment-now': 'looking', 'daily-living-support': 'nobody' }, ['income-high', 'employment-moderate', 'daily-living-moderate']],
])('%s', (_, codes, expected) => expect(needs(codes)).toEqual(expected));

it.each(domains.map((domain) => [domain.linkId, domain] as const))('gives one need at most in %s, whatever is answered', (code, domain) => {
  const rules = starterNeedRules.filter(({ need }) => need.code === code);
  const combinations = questions(domain).reduce<Record<string, string>[]>((all, item) => all.flatMap((codes) => [codes, ...choices(item).map((code) => ({ ...codes, [item.linkId]: code }))]), [{}]);
  expect(combinations.filter((codes) => needs(codes, rules).length > 1)).toEqual([]);
});

it('points a need at the answers that produced it', () => {
  const { evaluation } = completeResponse(starterScreening, answer({ 'food-month': 'daily' }), { now, status: 'completed' });
  expect(evaluateCondition(starterScreening, evaluation!.response, evaluation!.scores, "score('food-score') >= 3", { now }))
    .toEqual({ met: true, answersRead: expect.arrayContaining(['food-month', 'food-now']), scoresRead: ['food-score'] });
  expect(evaluation!.scores).toEqual(expect.arrayContaining([expect.objectContaining({ linkId: 'total-score', value: 3, kind: 'calculated' })]));
});
