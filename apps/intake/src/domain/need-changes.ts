import type { NeedCode } from '@opora/contracts';
import type { Told } from './assessment.js';
import { stands, type Finding } from './need-evidence.js';
import type { Need } from './need-state.js';
import type { Screening } from './screening.js';

/** What one rule said before the answers were amended, and says now. */
export interface Reason {
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly was: Outcome;
  readonly is: Outcome;
  /** linkIds of the questions that the rule read. */
  readonly answers: readonly string[];
}

type Outcome = 'met' | 'not-met' | 'not-told' | 'no-rule';

/** What an amendment did to a need. `flagged`: it was confirmed with the client, so a person should look. */
export interface NeedChange {
  readonly needId: string;
  readonly needCode: NeedCode;
  readonly change: 'found' | 'evidence-added' | 'evidence-withdrawn' | 'evidence-changed' | 'withdrawn' | 'flagged';
  readonly because: readonly Reason[];
}

export const outcomeOf = (told: Told | undefined): Outcome => (!told ? 'no-rule' : told.reason ? 'not-told' : told.met ? 'met' : 'not-met');

const said = (told: Told | undefined): string => JSON.stringify([outcomeOf(told), told?.met && [told.ruleVersion, told.answersRead]]);

/** Which needs the last amendment changed, and by which rules; nothing for a screening that was not amended. */
export const needChanges = (screening: Screening, needs: readonly { id: string; state: Need }[]): NeedChange[] => {
  if (!('result' in screening) || !screening.before) return [];
  const { screeningId, result, before } = screening;
  const told = (rules: readonly Told[], ruleId: string) => rules.find((one) => one.ruleId === ruleId);
  return needs.flatMap(({ id: needId, state }): NeedChange[] => {
    const ours = state.evidence.filter((one): one is Finding => one.source === 'screening' && one.screeningId === screeningId);
    const moved = ours.flatMap(({ ruleId, ruleVersion, answers }) => {
      const [earlier, now] = [told(before.rules, ruleId), told(result.rules, ruleId)];
      return said(earlier) === said(now) ? [] : [{ ruleId, ruleVersion: now?.ruleVersion ?? ruleVersion, was: outcomeOf(earlier), is: outcomeOf(now), answers: now?.answersRead ?? answers }];
    });
    return moved.length === 0 ? [] : [{ needId, needCode: state.code, change: kindOf(state, ours, moved), because: moved }];
  });
};

const kindOf = (need: Need, ours: readonly Finding[], moved: readonly Reason[]): NeedChange['change'] => {
  const [gained, lost] = [moved.some(({ is, was }) => is === 'met' && was !== 'met'), moved.some(({ is, was }) => was === 'met' && is !== 'met')];
  if (lost && need.flag !== undefined) return 'flagged';
  if (lost && need.status === 'withdrawn' && !ours.some(stands)) return 'withdrawn';
  if (gained && !lost) return need.evidence.length === moved.length ? 'found' : 'evidence-added';
  return lost && !gained ? 'evidence-withdrawn' : 'evidence-changed';
};
