import type {
  DataOf, needAddressed, needClosed, NeedCode, needConfirmed, needEnteredInError, needEvidenceAdded, needEvidenceWithdrawn, needFlagged, needIdentified, needReopened, needWithdrawn,
  PlanEntryBody, Ref,
} from '@opora/contracts';
import type { Fact } from '@opora/domain';
import { replaces, type Evidence } from './need-evidence.js';
import { needDataClass, needTitle, outcomeTitle, withdrawal, type WithdrawalReason } from './need-titles.js';
import { entered } from './titles.js';

export interface Known {
  readonly needId: string;
  readonly clientId: string;
  readonly agency: string;
  readonly code: NeedCode;
  /** Oldest first; what no longer stands stays with the reason. */
  readonly evidence: readonly Evidence[];
  /** The confirmed need stands on nothing any more, and why: a person should look. */
  readonly flag?: string;
  /** Those that have addressed it since it was last open: some of them may have ended. */
  readonly goals?: readonly Ref[];
}

/** Of one code a client has at most one open need: what is found or named again is further evidence of it. */
export type Need = Known & (
  | { readonly status: 'identified' | 'confirmed' | 'addressed' | 'met' | 'unmet' | 'entered-in-error' }
  | { readonly status: 'withdrawn'; readonly reason: WithdrawalReason }
);

export type NeedFact =
  | Fact<'intake.need-identified', DataOf<typeof needIdentified>, { agency: string; evidence: Evidence }>
  | Fact<'intake.need-evidence-added', DataOf<typeof needEvidenceAdded>, { evidence: Evidence }>
  | Fact<'intake.need-evidence-withdrawn', DataOf<typeof needEvidenceWithdrawn>>
  | Fact<'intake.need-flagged', DataOf<typeof needFlagged>>
  | Fact<'intake.need-confirmed', DataOf<typeof needConfirmed>>
  | Fact<'intake.need-addressed', DataOf<typeof needAddressed>>
  | Fact<'intake.need-reopened', DataOf<typeof needReopened>>
  | Fact<'intake.need-closed', DataOf<typeof needClosed>>
  | Fact<'intake.need-withdrawn', DataOf<typeof needWithdrawn>>
  | Fact<'intake.need-entered-in-error', DataOf<typeof needEnteredInError>>;

export const open = ['identified', 'confirmed', 'addressed'] as const satisfies Need['status'][];

export const isOpen = ({ status }: Need): boolean => (open as readonly string[]).includes(status);

const without = ({ flag: _, ...need }: Need): Need => need as Need;

export const evolve = (need: Need | undefined, fact: NeedFact): Need => {
  if (fact.type === 'intake.need-identified') {
    const { needId, clientId, need: code } = fact.data;
    return { needId, clientId, agency: fact.own!.agency, code, status: 'identified', evidence: [fact.own!.evidence] };
  }
  const known = need!;
  switch (fact.type) {
    case 'intake.need-evidence-added': {
      const { evidence } = fact.own!;
      return { ...without(known), evidence: [...known.evidence.filter((older) => !replaces(evidence)(older)), evidence] };
    }
    case 'intake.need-evidence-withdrawn': {
      const { screeningId, ruleId, reason: withdrawn } = fact.data;
      const meant = (one: Evidence) => one.source === 'screening' && one.screeningId === screeningId && one.ruleId === ruleId;
      return { ...known, evidence: known.evidence.map((one) => (meant(one) ? { ...one, withdrawn } : one)) };
    }
    case 'intake.need-flagged': return { ...known, flag: fact.data.reason };
    case 'intake.need-confirmed': return { ...without(known), status: known.status === 'addressed' ? 'addressed' : 'confirmed' } as Need;
    case 'intake.need-addressed': return { ...known, status: 'addressed', goals: [...known.goals ?? [], { module: fact.data.module, id: fact.data.goalId }] } as Need;
    case 'intake.need-reopened': return { ...known, status: 'confirmed', goals: [] } as Need;
    case 'intake.need-closed': return { ...without(known), status: fact.data.outcome } as Need;
    case 'intake.need-withdrawn': return { ...without(known), status: 'withdrawn', reason: fact.data.reason as WithdrawalReason };
    case 'intake.need-entered-in-error': return { ...without(known), status: 'entered-in-error' } as Need;
    default: return fact satisfies never;
  }
};

const endOf = (need: Need) => {
  switch (need.status) {
    case 'met': case 'unmet': return outcomeTitle(need.status);
    case 'withdrawn': return withdrawal(need.reason);
    case 'entered-in-error': return entered;
    default: return undefined;
  }
};

/** The plan shows the kind of need and nothing of what was answered or said. */
export const planEntries = (need: Need): PlanEntryBody[] => {
  const { needId, clientId, agency, code, status } = need;
  const reason = endOf(need);
  return [{
    entryId: needId, clientId, agency, kind: 'need', phase: reason ? 'ended' : status === 'identified' ? 'proposed' : 'active', ...(reason && { reason }),
    title: needTitle(code), dataClass: needDataClass(code), because: [], needs: [], actions: [],
  }];
};
