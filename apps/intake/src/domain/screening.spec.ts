import { given } from '@opora/domain';
import { starterNeedRules, starterScreening, tasks, type QuestionnaireResponse } from '../instruments/index.js';
import { accepted, findings, mustName, resultOf, type Sent } from './assessment.js';
import type { NeedRule } from './need-rule.js';
import { amend, answersOf, complete, enterInError, evolve, plan, save, type Screening, type ScreeningFact } from './screening.js';

const at = '2026-03-02T09:00:00.000Z';
const uuid = (n: number) => `01900000-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`;
const known = { screeningId: uuid(1), clientId: uuid(2), agency: 'centre', instrumentId: uuid(3), instrumentVersion: 1 };
const rules: NeedRule[] = starterNeedRules.map(({ condition, need, severity, explanation }, i) => ({
  ruleId: uuid(10 + i), instrumentId: uuid(3), agency: 'centre', status: 'active', versions: [{ condition, need: need.code as 'food', severity, explanation, at }] }));

const answered = (group: string, linkId: string, code: string): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse', item: [{ linkId: group, item: [{ linkId, answer: [{ valueCoding: { system: 'urn:opora:starter-screening-answer', code } }] }] }] });
const sent = (response: unknown = answered('food', 'food-now', 'none')): Sent => ({ response, pointer: '/response' });

/** As the service does it, in this process. */
const questionnaire = JSON.stringify(starterScreening);
const evaluated = (one: Sent, status: 'in-progress' | 'completed' | 'amended') => {
  mustName({ url: starterScreening.url, documentVersion: starterScreening.version }, one);
  return accepted(tasks.respond({ questionnaire, response: one.response, status, now: at }, { step: () => {} }), one.pointer, status);
};
const worked = (one: Sent, status: 'completed' | 'amended') => {
  const evaluation = evaluated(one, status);
  const { response, scores } = evaluation;
  const conditions = rules.map(({ versions }) => versions[0]!.condition);
  return { result: resultOf(evaluation, rules, tasks.conditions({ questionnaire, response: response, scores, conditions, now: at }, { step: () => {} }), []), at };
};

const planned = plan(undefined, { ...known, published: true, at });
const after = (facts: ScreeningFact[], decide: (s: Screening | undefined) => ScreeningFact[]) => [...facts, ...decide(facts.reduce<Screening | undefined>(evolve, undefined))];
const saved = after(planned, (s) => save(s, { evaluation: evaluated(sent(), 'in-progress'), at }));
const completed = after(saved, (s) => complete(s, worked(sent(), 'completed')));

type Decide = (s: Screening | undefined) => ScreeningFact[];

it.each<[string, ScreeningFact[], Decide, string]>([
  ['a planned one is begun', planned, (s) => save(s, { evaluation: evaluated(sent(), 'in-progress'), at }), 'in-progress'],
  ['a planned one is completed at once', planned, (s) => complete(s, worked(sent(), 'completed')), 'completed'],
  ['what was saved is completed', saved, (s) => complete(s, { ...worked(sent(answersOf(s, 'complete', undefined)), 'completed'), saved: answersOf(s, 'complete', undefined) }), 'completed'],
  ['a completed one is amended', completed, (s) => amend(s, worked(sent(answered('food', 'food-now', 'enough')), 'amended')), 'amended'],
  ['a completed one goes when it was a mistake', completed, (s) => enterInError(s, { reason: 'wrong-person', at }), 'entered-in-error'],
])('%s', (_, history, decide, status) => expect(given(evolve, ...history).when(decide).state).toMatchObject({ status }));

it.each<[string, ScreeningFact[], Decide, string]>([
  ['an unpublished instrument', [], (s) => plan(s, { ...known, published: false, at }), 'instrument-not-published'],
  ['an id that stands for another one', planned, (s) => plan(s, { ...known, published: true, at }), 'id-taken'],
  ['completing twice', completed, (s) => complete(s, worked(sent(), 'completed')), 'wrong-status'],
  ['saving after completion', completed, (s) => save(s, { evaluation: evaluated(sent(), 'in-progress'), at }), 'wrong-status'],
  ['amending what is not complete', saved, (s) => amend(s, worked(sent(), 'amended')), 'wrong-status'],
  ['completing without any answers', planned, (s) => complete(s, worked({ ...sent(), response: answersOf(s, 'complete', undefined) }, 'completed')), 'response-invalid'],
  ['answers that were saved by somebody else meanwhile', saved, (s) => complete(s, { ...worked(sent(), 'completed'), saved: answered('food', 'food-now', 'enough') }), 'changed-at-once'],
  ['work on a mistake', after(completed, (s) => enterInError(s, { reason: 'wrong-person', at })), (s) => amend(s, worked(sent(), 'amended')), 'not-found'],
])('refuses %s', (_, history, decide, refused) => expect(given(evolve, ...history).when(decide)).toEqual({ refused }));

it.each<[string, unknown, string, string]>([
  ['an answer that is not offered', answered('food', 'food-now', 'plenty'), 'not-an-option', '/response/item/0/item/0/answer/0/valueCoding'],
  ['an item that is not asked', answered('food', 'food-yesterday', 'none'), 'unknown-linkId', '/response/item/0/item/0/linkId'],
  ['another form’s answers', { resourceType: 'QuestionnaireResponse', questionnaire: 'http://example.org/phq-9' }, 'other-questionnaire', '/response/questionnaire'],
  ['another version’s answers', { resourceType: 'QuestionnaireResponse', questionnaire: `${starterScreening.url}|0.9` }, 'other-questionnaire', '/response/questionnaire'],
  ['what is no response', { resourceType: 'Patient' }, 'not-a-response', '/response'],
])('refuses %s, and says where without repeating it', (_, response, code, pointer) => {
  let refusal: unknown;
  try { worked(sent(response), 'completed'); } catch (error) { refusal = error; }
  expect(refusal).toMatchObject({ code: 'response-invalid', errors: [{ code, pointer }] });
  expect(JSON.stringify((refusal as { errors: unknown }).errors)).not.toMatch(/plenty|phq|yesterday|Patient/);
});

it('scores the answers and finds the need, with the rule’s version and the questions it read', () => {
  const { state } = given(evolve, ...completed);
  if (state?.status !== 'completed') throw new Error('not completed');
  expect(state.result.scores).toEqual(expect.arrayContaining([expect.objectContaining({ linkId: 'food-score', value: 3, kind: 'calculated' })]));
  expect([...findings(known.screeningId, state.result, rules, at)]).toEqual([
    ['food', [expect.objectContaining({ severity: 'high', ruleVersion: 1, answers: expect.arrayContaining(['food-now']), screeningId: known.screeningId })]],
  ]);
});

it('keeps answers out of its facts, and out of the state once it was a mistake', () => {
  const facts = after(completed, (s) => enterInError(s, { reason: 'wrong-person', at }));
  expect(JSON.stringify(facts.map(({ data }) => data))).not.toMatch(/food|answer|score/);
  expect(JSON.stringify(given(evolve, ...facts).state)).not.toMatch(/food/);
});

it.each<[string, ScreeningFact[], Parameters<typeof answersOf>[1], string]>([
  ['saving after completion', completed, 'save', 'wrong-status'], ['completing twice', completed, 'complete', 'wrong-status'], ['amending too early', saved, 'amend', 'wrong-status'], ['what is not there', [], 'complete', 'not-found'],
])('refuses %s before anything is worked out', (_, history, command, refused) => {
  expect(() => answersOf(history.reduce<Screening | undefined>(evolve, undefined), command, {})).toThrow(expect.objectContaining({ code: refused }));
});

it.each(['Questionnaire/4711', 'starter.json', starterScreening.url!, `${starterScreening.url}|${starterScreening.version}#a`])('takes answers that name their form %s', (questionnaire) =>
  expect(() => mustName({ url: starterScreening.url, documentVersion: starterScreening.version }, sent({ questionnaire }))).not.toThrow());

it('keeps what was worked out before the last amendment, and how the answers came', () => {
  const facts = after(completed, (s) => amend(s, { ...worked(sent(answered('food', 'food-now', 'enough')), 'amended'), channel: 'paper' }));
  expect(given(evolve, ...facts).state).toMatchObject({ status: 'amended', channel: 'paper', before: { scores: expect.arrayContaining([expect.objectContaining({ linkId: 'food-score', value: 3 })]) } });
});
