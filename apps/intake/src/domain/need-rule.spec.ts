import { given } from '@opora/domain';
import { compileCondition, type Questionnaire } from '../instruments/index.js';
import { enterInError, evolve, retire, revise, write, type NeedRule, type NeedRuleFact, type RuleText } from './need-rule.js';

const at = '2026-03-02T09:00:00.000Z';
const questionnaire: Questionnaire = { resourceType: 'Questionnaire', item: [{ linkId: 'sleep', type: 'boolean' }] };
const ids = { ruleId: '01900000-0000-7000-8000-000000000001', instrumentId: '01900000-0000-7000-8000-000000000002', agency: 'centre' };
const text: RuleText = { condition: `answer('sleep') = true`, need: 'housing', severity: 'high', explanation: { en: 'No place', ru: 'Негде' } };
const written = write(undefined, { ...ids, troubles: [], text, at });
const retired = retire(written.reduce<NeedRule | undefined>(evolve, undefined), { at });

it('keeps every version, and counts them in what it says', () => {
  const { facts, state } = given(evolve, ...written).when((r) => revise(r, { troubles: [], text: { ...text, severity: 'low' }, at }));
  expect(facts).toMatchObject([{ type: 'intake.need-rule-revised', data: { ruleVersion: 2, severity: 'low' } }]);
  expect(state!.versions.map(({ severity }) => severity)).toEqual(['high', 'low']);
});

it.each<[string, string, string]>([
  ['is not FHIRPath', 'answer(', 'does-not-parse'],
  ['names an item that is not there', `answer('food').exists()`, 'unknown-linkId'],
  ['calls what does not exist', 'fetch(1)', 'unknown-function'],
])('refuses a condition that %s', (_, condition, code) => {
  const refusal = expect.objectContaining({ kind: 'invalid', code: 'condition-invalid', errors: [expect.objectContaining({ pointer: '/condition', code })] });
  expect(() => write(undefined, { ...ids, troubles: compileCondition(condition, questionnaire), text: { ...text, condition }, at })).toThrow(refusal);
});

it.each<[string, NeedRuleFact[], (r: NeedRule | undefined) => NeedRuleFact[], string]>([
  ['a retired rule has no new versions', [...written, ...retired], (r) => revise(r, { troubles: [], text, at }), 'wrong-status'],
  ['a rule is retired once', [...written, ...retired], (r) => retire(r, { at }), 'wrong-status'],
  ['what is not there is not retired', [], (r) => retire(r, { at }), 'not-found'],
])('%s', (_, history, decide, refused) => expect(given(evolve, ...history).when(decide)).toMatchObject({ refused }));

it('says nothing of its own words in its facts', () => {
  const { facts } = given(evolve, ...written).when((r) => enterInError(r, { reason: 'other', at }));
  expect(JSON.stringify([...written, ...facts!].map(({ data }) => data))).not.toMatch(/answer|No place|Негде/);
});
