import type { Ref } from '@opora/contracts';
import { absent, DomainError, idTaken, wrongStatus, type Instant } from '@opora/domain';
import { isKnown, replaces, restsOn, stands, thin, type Basis, type Evidence, type Finding } from './need-evidence.js';
import { evolve, isOpen, open, type Known, type Need, type NeedFact } from './need-state.js';
import type { WithdrawalReason } from './need-titles.js';

/** Why findings that are no longer made do not stand. */
type Reassessed = 'screening-amended' | 'screening-entered-in-error' | 'rule-entered-in-error';

const mustExist = (need: Need | undefined): Need => {
  if (!need || need.status === 'entered-in-error') throw absent('need');
  return need;
};

const must = (need: Need | undefined, ...statuses: readonly Need['status'][]): Need => {
  const known = mustExist(need);
  if (!statuses.includes(known.status)) throw wrongStatus('need', known.status, statuses.join(' or '));
  return known;
};

const about = ({ needId, clientId }: Pick<Known, 'needId' | 'clientId'>, at: Instant) => ({ needId, clientId, at });

const added = (need: Known, evidence: Evidence, at: Instant): NeedFact =>
  ({ type: 'intake.need-evidence-added', data: { ...about(need, at), severity: evidence.severity, source: evidence.source, ...thin(evidence) }, own: { evidence } });

export const identify = (need: Need | undefined, { evidence, at, ...known }: Omit<Known, 'evidence'> & { evidence: readonly [Evidence, ...Evidence[]]; at: Instant }): NeedFact[] => {
  if (need) throw idTaken();
  const [first, ...more] = evidence;
  const { agency, code } = known;
  const identified = { ...about(known, at), need: code, severity: first.severity, source: first.source, ...thin(first) };
  return [{ type: 'intake.need-identified', data: identified, own: { agency, evidence: first } }, ...more.map((one) => added({ ...known, evidence: [] }, one, at))];
};

export const addEvidence = (need: Need | undefined, { evidence, at }: { evidence: Evidence; at: Instant }): NeedFact[] =>
  [added(must(need, ...open), evidence, at)];

/**
 * What a screening or a rule says now takes the place of what it said before. When nothing stands any more, a need that nobody confirmed
 * is withdrawn; a confirmed one is the client's too, so it is only flagged. With a screening recorded by mistake every need goes that has
 * nothing else to stand on, whatever became of it.
 */
export const reassess = (need: Need | undefined, { basis, findings, reason, at }: { basis: Basis; findings: readonly Finding[]; reason: Reassessed; at: Instant }): NeedFact[] => {
  const known = mustExist(need);
  const mistaken = reason === 'screening-entered-in-error';
  const found = isOpen(known) ? findings : [];
  const gone = known.evidence.filter(restsOn(basis)).filter((older) => (mistaken || stands(older)) && !found.some((finding) => replaces(finding)(older)));
  const facts = [
    ...found.filter((finding) => !isKnown(finding, known.evidence)).map((finding) => added(known, finding, at)),
    ...gone.map((evidence): NeedFact => ({ type: 'intake.need-evidence-withdrawn', data: { ...about(known, at), ...thin(evidence), reason } })),
  ];
  const left = facts.reduce<Need>(evolve, known).evidence.some(stands);
  if (gone.length === 0 || left) return facts;
  if (reason === 'screening-entered-in-error') return [...facts, ...enterInError(known, { reason, at })];
  if (known.status === 'identified') return [...facts, ...withdraw(known, { reason, at })];
  return isOpen(known) ? [...facts, { type: 'intake.need-flagged', data: { ...about(known, at), reason } }] : facts;
};

/** With the client, that is: said by the client, in the client's presence, or on the client's behalf. A flag is settled by confirming again. */
export const confirm = (need: Need | undefined, { withClient, at }: { withClient: boolean; at: Instant }): NeedFact[] => {
  const known = must(need, ...open);
  if (known.status !== 'identified' && known.flag === undefined) throw wrongStatus('need', known.status, 'identified');
  if (!withClient) {
    throw new DomainError('invalid', 'client-not-involved', 'A need is confirmed with the client', [
      { pointer: '/withClient', code: 'client-not-involved', detail: 'say that it was with the client, or for whom you record it' }]);
  }
  return [{ type: 'intake.need-confirmed', data: about(known, at) }];
};

/**
 * `goals`: the active ones that name this need, as they are known now. Each is told once while any of them lasts; when none is left, the
 * confirmed need stands open again. Says nothing of a need that is not confirmed or has ended.
 */
export const followGoals = (need: Need | undefined, { goals, at }: { goals: readonly Ref[]; at: Instant }): NeedFact[] => {
  if (need?.status !== 'confirmed' && need?.status !== 'addressed') return [];
  const isKnown = (goal: Ref) => need.goals?.some(({ module, id }) => module === goal.module && id === goal.id) ?? false;
  if (goals.length > 0) return goals.filter((goal) => !isKnown(goal)).map(({ module, id: goalId }) => ({ type: 'intake.need-addressed', data: { ...about(need, at), module, goalId } }));
  return need.status === 'addressed' ? [{ type: 'intake.need-reopened', data: about(need, at) }] : [];
};

export const close = (need: Need | undefined, { outcome, at }: { outcome: 'met' | 'unmet'; at: Instant }): NeedFact[] =>
  [{ type: 'intake.need-closed', data: { ...about(must(need, 'confirmed', 'addressed'), at), outcome } }];

export const withdraw = (need: Need | undefined, { reason, at }: { reason: WithdrawalReason; at: Instant }): NeedFact[] =>
  [{ type: 'intake.need-withdrawn', data: { ...about(must(need, ...open), at), reason } }];

export const enterInError = (need: Need | undefined, { reason, at }: { reason: string; at: Instant }): NeedFact[] =>
  [{ type: 'intake.need-entered-in-error', data: { ...about(mustExist(need), at), reason } }];
