import { given } from '@opora/domain';
import { addEvidence, close, confirm, enterInError, followGoals, identify, reassess, withdraw } from './need.js';
import type { Finding, Statement } from './need-evidence.js';
import { severityOf } from './need-evidence.js';
import { evolve, planEntries, type Need, type NeedFact } from './need-state.js';

const at = '2026-03-02T09:00:00.000Z';
const uuid = (n: number) => `01900000-0000-7000-8000-00000000000${n}`;
const known = { needId: uuid(1), clientId: uuid(2), agency: 'centre', code: 'housing' as const };
const finding = (screening: number, rule: number, more: Partial<Finding> = {}): Finding => ({
  source: 'screening', screeningId: uuid(screening), ruleId: uuid(rule), ruleVersion: 1, answers: ['place'], severity: 'high', explanation: { en: 'Home', ru: 'Дом' }, at, ...more });
const statement: Statement = { source: 'client', by: 'client-1', reason: 'They will put me out', severity: 'critical', at };

const history = (...decisions: ((need: Need | undefined) => NeedFact[])[]): NeedFact[] =>
  decisions.reduce<NeedFact[]>((facts, decide) => [...facts, ...decide(facts.reduce<Need | undefined>(evolve, undefined))], []);

const found = (n: Need | undefined) => identify(n, { ...known, evidence: [finding(3, 4)], at });
const said = (n: Need | undefined) => identify(n, { ...known, evidence: [statement], at });
const confirmed = (n: Need | undefined) => confirm(n, { withClient: true, at });
const goal = (n: number) => ({ module: 'counselling', id: uuid(n) });
const served = (...goals: number[]) => (n: Need | undefined) => followGoals(n, { goals: goals.map(goal), at });
const addressed = served(9);
const amended = (...findings: Finding[]) => (n: Need | undefined) => reassess(n, { basis: { screeningId: uuid(3) }, findings, reason: 'screening-amended', at });
const mistaken = (n: Need | undefined) => reassess(n, { basis: { screeningId: uuid(3) }, findings: [], reason: 'screening-entered-in-error', at });
const wrongRule = (n: Need | undefined) => reassess(n, { basis: { ruleId: uuid(4) }, findings: [], reason: 'rule-entered-in-error', at });
const joined = (n: Need | undefined) => addEvidence(n, { evidence: statement, at });
const withdrawn = (n: Need | undefined) => withdraw(n, { reason: 'client-disagrees', at });
const met = (n: Need | undefined) => close(n, { outcome: 'met', at });

type Decide = (n: Need | undefined) => NeedFact[];

it.each<[string, Decide[], Decide, Partial<Need> | string]>([
  ['a found need is confirmed', [found], confirmed, { status: 'confirmed' }],
  ['a need is confirmed with the client only', [found], (n) => confirm(n, { withClient: false, at }), 'client-not-involved'],
  ['a need is confirmed once', [found, confirmed], confirmed, 'wrong-status'],
  ['a goal addresses a confirmed need', [found, confirmed], addressed, { status: 'addressed', goals: [goal(9)] }],
  ['a second goal addresses it too', [found, confirmed, addressed], served(8, 9), { status: 'addressed', goals: [goal(9), goal(8)] }],
  ['one of two goals ends', [found, confirmed, served(8, 9)], served(8), { status: 'addressed' }],
  ['the last goal ends', [found, confirmed, served(8, 9), served(8)], served(), { status: 'confirmed', goals: [] }],
  ['a later goal addresses it again', [found, confirmed, addressed, served()], served(7), { status: 'addressed', goals: [goal(7)] }],
  ['the same goal, taken up again', [found, confirmed, addressed, served()], addressed, { status: 'addressed', goals: [goal(9)] }],
  ['the last goal ends after the need was met', [found, confirmed, addressed, met], served(), { status: 'met' }],
  ['a confirmed need is closed', [found, confirmed], met, { status: 'met' }],
  ['an addressed need is closed', [found, confirmed, addressed], (n) => close(n, { outcome: 'unmet', at }), { status: 'unmet' }],
  ['an unconfirmed need is not closed', [found], met, 'wrong-status'],
  ['an open need is withdrawn', [found, confirmed], withdrawn, { status: 'withdrawn', reason: 'client-disagrees' }],
  ['a closed need is not withdrawn', [found, confirmed, met], withdrawn, 'wrong-status'],
  ['a closed need takes no evidence', [found, confirmed, met], joined, 'wrong-status'],
  ['a mistaken need goes from any status', [found, confirmed, met], (n) => enterInError(n, { reason: 'other', at }), { status: 'entered-in-error' }],
  ['nothing is done with a mistaken need', [found, (n) => enterInError(n, { reason: 'other', at })], confirmed, 'not-found'],

  ['amending withdraws what nobody confirmed', [found], amended(), { status: 'withdrawn', reason: 'screening-amended' }],
  ['amending flags what the client confirmed', [found, confirmed], amended(), { status: 'confirmed', flag: 'screening-amended' }],
  ['amending leaves a closed need alone', [found, confirmed, met], amended(), { status: 'met' }],
  ['amending leaves a need that somebody also named', [found, joined], amended(), { status: 'identified' }],
  ['amending leaves what another screening found', [found, (n) => addEvidence(n, { evidence: finding(5, 4), at })], amended(), { status: 'identified' }],
  ['another rule takes over', [found], amended(finding(3, 6, { severity: 'low' })), { status: 'identified' }],
  ['confirming again settles a flag', [found, confirmed, addressed, amended()], confirmed, { status: 'addressed', flag: undefined }],
  ['finding again settles a flag', [found, confirmed, amended()], amended(finding(3, 4)), { status: 'confirmed', flag: undefined }],
  ['a mistaken screening takes its need', [found], mistaken, { status: 'entered-in-error' }],
  ['even when confirmed', [found, confirmed, addressed], mistaken, { status: 'entered-in-error' }],
  ['even when met', [found, confirmed, met], mistaken, { status: 'entered-in-error' }],
  ['even when amended away before', [found, amended()], mistaken, { status: 'entered-in-error' }],
  ['but not what somebody also named', [found, joined, confirmed], mistaken, { status: 'confirmed' }],
  ['a wrong rule withdraws', [found], wrongRule, { status: 'withdrawn', reason: 'rule-entered-in-error' }],
])('%s', (_, before, decide, then) => {
  const outcome = given(evolve, ...history(...before)).when(decide);
  if (typeof then === 'string') expect(outcome).toEqual({ refused: then });
  else expect({ flag: undefined, ...outcome.state }).toMatchObject(then);
});

it.each<[string, Decide[], Decide]>([
  ['the same finding again', [found], amended(finding(3, 4))],
  ['a goal for a need that is not confirmed', [found], addressed],
  ['the same goal again', [found, confirmed, addressed], addressed],
  ['no goal for a need that none served', [found, confirmed], served()],
  ['the end of goals heard twice', [found, confirmed, addressed, served()], served()],
  ['a rule that found nothing here', [said], wrongRule],
])('%s says nothing', (_, before, decide) => expect(given(evolve, ...history(...before)).when(decide).facts).toEqual([]));

it('an id stands for one need', () => expect(given(evolve, ...history(found)).when(found)).toEqual({ refused: 'id-taken' }));

it('is as grave as the gravest of what stands', () => {
  const { state } = given(evolve, ...history(found, joined));
  expect(severityOf(state!.evidence)).toBe('critical');
  const weaker = given(evolve, ...history(found)).when(amended(finding(3, 4, { severity: 'moderate', ruleVersion: 2 }))).state!;
  expect(weaker.evidence).toHaveLength(1);
  expect(severityOf(weaker.evidence)).toBe('moderate');
});

it.each<[string, Decide[], object]>([
  ['proposed', [found], { phase: 'proposed' }],
  ['active', [found, confirmed], { phase: 'active' }],
  ['still active', [found, confirmed, addressed], { phase: 'active' }],
  ['ended as met', [found, confirmed, met], { phase: 'ended', reason: { code: 'met' } }],
  ['ended as withdrawn', [found, amended()], { phase: 'ended', reason: { code: 'screening-amended' } }],
  ['ended as a mistake', [found, mistaken], { phase: 'ended', reason: { code: 'entered-in-error' } }],
])('in the plan it is %s', (_, before, entry) => expect(planEntries(given(evolve, ...history(...before)).state!)).toMatchObject([{ kind: 'need', entryId: known.needId, dataClass: 'D1', ...entry }]));

it('tells neither answers nor words', () => {
  const facts = history(found, joined, confirmed, mistaken);
  const entry = planEntries(given(evolve, ...facts).state!);
  expect(JSON.stringify([facts.map(({ data }) => data), entry])).not.toMatch(/place|put me out|Home|client-1/);
});
