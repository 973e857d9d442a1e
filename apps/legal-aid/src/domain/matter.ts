import type {
  conflictChecked, DataOf, deadlineSet, eligibilityDecided, matterActivated, matterClosed, matterDeclined, matterEnteredInError, matterOpened, matterPaused,
  matterResolved, matterResumed, Ref, RejectionCode, summaryWritten,
} from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Day, type Fact, type Instant } from '@opora/domain';

interface Known {
  readonly matterId: string;
  readonly clientId: string;
  readonly referralId: string;
  readonly offer: string;
  readonly agency: string;
  readonly needs: readonly Ref[];
  /** Other parties of the dispute; they never leave this schema. */
  readonly adverseParties: readonly string[];
  /** What the client reads in the plan, oldest first, and since when it could be read. */
  readonly summaries: readonly { readonly text: string; readonly at: Instant }[];
}

/** An active matter has a next deadline or says why there is none. */
export type Next = { readonly day: Day; readonly responsible: string } | { readonly none: string };

/** Nothing more will be done under these. */
export const over: readonly Matter['status'][] = ['resolved', 'closed', 'declined', 'entered-in-error'];

interface Working { readonly next: Next; readonly deadlineId: string }

export type Matter = Known & (
  | { readonly status: 'conflict-check' | 'eligibility' | 'accepted' | 'entered-in-error' }
  | { readonly status: 'declined'; readonly reason: RejectionCode }
  | ({ readonly status: 'active' | 'awaiting-third-party' } & Working)
  | ({ readonly status: 'resolved' | 'closed'; readonly outcome: string } & Working)
);

export type MatterFact =
  | Fact<'legal-aid.matter-opened', DataOf<typeof matterOpened>, Omit<Known, 'summaries'>>
  | Fact<'legal-aid.conflict-checked', DataOf<typeof conflictChecked>, { adverseParties: readonly string[] }>
  | Fact<'legal-aid.eligibility-decided', DataOf<typeof eligibilityDecided>>
  | Fact<'legal-aid.matter-declined', DataOf<typeof matterDeclined>>
  | Fact<'legal-aid.matter-activated', DataOf<typeof matterActivated>, Working>
  | Fact<'legal-aid.deadline-set', DataOf<typeof deadlineSet>, Working>
  | Fact<'legal-aid.matter-awaiting-third-party', DataOf<typeof matterPaused>>
  | Fact<'legal-aid.matter-resumed', DataOf<typeof matterResumed>>
  | Fact<'legal-aid.summary-written', DataOf<typeof summaryWritten>, { text: string; recordedAt: Instant }>
  | Fact<'legal-aid.matter-resolved', DataOf<typeof matterResolved>>
  | Fact<'legal-aid.matter-closed', DataOf<typeof matterClosed>>
  | Fact<'legal-aid.matter-entered-in-error', DataOf<typeof matterEnteredInError>>;

const mustExist = (matter: Matter | undefined): Matter => {
  if (!matter || matter.status === 'entered-in-error') throw absent('matter');
  return matter;
};

/** Refuses unless the matter is in one of these statuses. */
const must = <K extends Matter['status']>(matter: Matter | undefined, ...statuses: K[]): Extract<Matter, { status: K }> => {
  const known = mustExist(matter);
  if (!(statuses as string[]).includes(known.status)) throw wrongStatus('matter', known.status, statuses.join(' or '));
  return known as Extract<Matter, { status: K }>;
};

const about = ({ matterId, clientId }: Pick<Known, 'matterId' | 'clientId'>, at: Instant) => ({ matterId, clientId, at });

const said = (next: Next) => 'day' in next ? { nextDeadline: next.day } : { noDeadlineReason: next.none };

export const open = (matter: Matter | undefined, input: Omit<Known, 'summaries' | 'adverseParties'> & { at: Instant }): MatterFact[] => {
  if (matter) throw new DomainError('conflict', 'already-open', 'This matter is already open');
  const { at, ...known } = input;
  const { referralId, offer } = known;
  return [{ type: 'legal-aid.matter-opened', data: { ...about(known, at), referralId, offer }, own: { ...known, adverseParties: [] } }];
};

export const checkConflict = (matter: Matter | undefined, input: { outcome: 'clear' | 'conflict'; adverseParties: readonly string[]; at: Instant }): MatterFact[] => {
  const checked = must(matter, 'conflict-check');
  const { outcome, adverseParties, at } = input;
  return [
    { type: 'legal-aid.conflict-checked', data: { ...about(checked, at), outcome }, own: { adverseParties } },
    ...(outcome === 'conflict' ? [{ type: 'legal-aid.matter-declined' as const, data: { ...about(checked, at), reason: 'conflict-of-interest' } }] : []),
  ];
};

export const decideEligibility = (matter: Matter | undefined, input: { outcome: 'eligible' | 'not-eligible'; ground: string; at: Instant }): MatterFact[] => {
  if (mustExist(matter).status === 'conflict-check') {
    throw new DomainError('conflict', 'conflict-not-checked', 'Record a clear conflict check first; until then nothing of substance may be done');
  }
  const decided = must(matter, 'eligibility');
  const { outcome, ground, at } = input;
  return [
    { type: 'legal-aid.eligibility-decided', data: { ...about(decided, at), outcome, ground } },
    ...(outcome === 'not-eligible' ? [{ type: 'legal-aid.matter-declined' as const, data: { ...about(decided, at), reason: 'not-eligible' } }] : []),
  ];
};

export const activate = (matter: Matter | undefined, input: { next: Next; deadlineId: string; at: Instant }): MatterFact[] => {
  const { next, deadlineId, at } = input;
  return [{ type: 'legal-aid.matter-activated', data: { ...about(must(matter, 'accepted'), at), ...said(next) }, own: { next, deadlineId } }];
};

export const setDeadline = (matter: Matter | undefined, input: { next: Next; deadlineId: string; at: Instant }): MatterFact[] => {
  const { next, deadlineId, at } = input;
  return [{ type: 'legal-aid.deadline-set', data: { ...about(must(matter, 'active', 'awaiting-third-party'), at), ...said(next) }, own: { next, deadlineId } }];
};

export const awaitThirdParty = (matter: Matter | undefined, { at }: { at: Instant }): MatterFact[] =>
  [{ type: 'legal-aid.matter-awaiting-third-party', data: about(must(matter, 'active'), at) }];

export const resume = (matter: Matter | undefined, { at }: { at: Instant }): MatterFact[] =>
  [{ type: 'legal-aid.matter-resumed', data: about(must(matter, 'awaiting-third-party'), at) }];

export const writeSummary = (matter: Matter | undefined, { text, at, recordedAt }: { text: string; at: Instant; recordedAt: Instant }): MatterFact[] =>
  [{ type: 'legal-aid.summary-written', data: about(must(matter, 'active', 'awaiting-third-party', 'resolved'), at), own: { text, recordedAt } }];

export const resolve = (matter: Matter | undefined, { outcome, at }: { outcome: string; at: Instant }): MatterFact[] =>
  [{ type: 'legal-aid.matter-resolved', data: { ...about(must(matter, 'active', 'awaiting-third-party'), at), outcome } }];

export const close = (matter: Matter | undefined, { at }: { at: Instant }): MatterFact[] =>
  [{ type: 'legal-aid.matter-closed', data: about(must(matter, 'resolved'), at) }];

export const enterInError = (matter: Matter | undefined, { reason, at }: { reason: string; at: Instant }): MatterFact[] =>
  [{ type: 'legal-aid.matter-entered-in-error', data: { ...about(mustExist(matter), at), reason } }];

export const evolve = (matter: Matter | undefined, fact: MatterFact): Matter => {
  if (fact.type === 'legal-aid.matter-opened') return { ...fact.own!, summaries: [], status: 'conflict-check' };
  const known = matter!;
  switch (fact.type) {
    case 'legal-aid.conflict-checked': return { ...known, ...fact.own!, status: 'eligibility' };
    case 'legal-aid.eligibility-decided': return { ...known, status: 'accepted' };
    case 'legal-aid.matter-declined': return { ...known, status: 'declined', reason: fact.data.reason as RejectionCode };
    case 'legal-aid.matter-activated': return { ...known, ...fact.own!, status: 'active' };
    case 'legal-aid.deadline-set': return { ...known, ...fact.own! } as Matter;
    case 'legal-aid.matter-awaiting-third-party': return { ...known, status: 'awaiting-third-party' } as Matter;
    case 'legal-aid.matter-resumed': return { ...known, status: 'active' } as Matter;
    case 'legal-aid.summary-written': return { ...known, summaries: [...known.summaries, { text: fact.own!.text, at: fact.own!.recordedAt }] };
    case 'legal-aid.matter-resolved': return { ...known, status: 'resolved', outcome: fact.data.outcome } as Matter;
    case 'legal-aid.matter-closed': return { ...known, status: 'closed' } as Matter;
    case 'legal-aid.matter-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
