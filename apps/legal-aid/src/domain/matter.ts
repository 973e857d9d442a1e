import type {
  conflictChecked, conflictMatched, conflictRechecked, conflictRecheckNeeded, DataOf, deadlineSet, eligibilityDecided, matterActivated, matterClosed, matterDeclined, matterEnteredInError, matterOpened, matterPaused,
  matterResolved, matterResumed, Ref, RejectionCode, summaryWritten,
} from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Day, type Fact, type Instant } from '@opora/domain';
import { earliest, evolveDeadlines, isOpen, isSettled, setByHand, type Deadline, type DeadlineFact } from './deadline.js';

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
  /** Absent in matters of the first version. */
  readonly deadlines?: readonly Deadline[];
  /** The newest answer whether the other parties may be clients. */
  readonly match?: Match;
  /** Why the conflict check has to be made again. */
  readonly recheck?: string;
  /** Other records of the client's, merged with it. */
  readonly mergedWith?: readonly string[];
}

/** `parties` were asked for; the answer is good until `until`. `proof` is the answer as it was signed. */
export interface Match { readonly result: 'none' | 'possible'; readonly parties: readonly string[]; readonly at: Instant; readonly until: Instant; readonly proof: string }

type Opening = Omit<Known, 'summaries' | 'deadlines' | 'match' | 'recheck' | 'mergedWith'>;

/** An active matter has a next deadline or says why there is none. */
export type Next = { readonly day: Day; readonly zone?: string; readonly responsible: string } | { readonly none: string };

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
  | Fact<'legal-aid.matter-opened', DataOf<typeof matterOpened>, Opening>
  | Fact<'legal-aid.conflict-checked', DataOf<typeof conflictChecked>, { adverseParties: readonly string[] }>
  | Fact<'legal-aid.conflict-matched', DataOf<typeof conflictMatched>, { match: Match }>
  | Fact<'legal-aid.conflict-recheck-needed', DataOf<typeof conflictRecheckNeeded>, { mergedWith: readonly string[] }>
  | Fact<'legal-aid.conflict-rechecked', DataOf<typeof conflictRechecked>, { adverseParties: readonly string[] }>
  | DeadlineFact
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
export const must = <K extends Matter['status']>(matter: Matter | undefined, ...statuses: K[]): Extract<Matter, { status: K }> => {
  const known = mustExist(matter);
  if (!(statuses as string[]).includes(known.status)) throw wrongStatus('matter', known.status, statuses.join(' or '));
  return known as Extract<Matter, { status: K }>;
};

export const about = ({ matterId, clientId }: Pick<Known, 'matterId' | 'clientId'>, at: Instant) => ({ matterId, clientId, at });

/** The day that was set by hand is one of them. */
export const deadlinesOf = (matter: Matter): readonly Deadline[] => {
  const { deadlines = [] } = matter;
  if (!('next' in matter) || !('day' in matter.next) || deadlines.some(({ deadlineId }) => deadlineId === matter.deadlineId)) return deadlines;
  return [...deadlines, setByHand({ ...matter.next, deadlineId: matter.deadlineId })];
};

/** The next one that a person stands for. */
export const nextDeadline = (matter: Matter): Deadline | undefined => earliest(deadlinesOf(matter).filter(isSettled));

/** The day set by hand before gives way to the new one. */
const replaced = (matter: Matter): readonly Deadline[] =>
  (matter.deadlines ?? []).map((one) => ('deadlineId' in matter && one.deadlineId === matter.deadlineId && (isOpen(one) || one.status === 'missed') ? { ...one, status: 'withdrawn' as const } : one));

const said = (next: Next) => 'day' in next ? { nextDeadline: next.day } : { noDeadlineReason: next.none };

export const open = (matter: Matter | undefined, input: Omit<Opening, 'adverseParties'> & { at: Instant }): MatterFact[] => {
  if (matter) throw new DomainError('conflict', 'already-open', 'This matter is already open');
  const { at, ...known } = input;
  const { referralId, offer } = known;
  return [{ type: 'legal-aid.matter-opened', data: { ...about(known, at), referralId, offer }, own: { ...known, adverseParties: [] } }];
};

/** The answer for these very parties, while it is good. */
const matchedFor = ({ match }: Matter, parties: readonly string[], at: Instant): { matched?: 'none' | 'possible' } =>
  match && at < match.until && parties.every((party) => match.parties.includes(party)) ? { matched: match.result } : {};

/** Keeps what intake answered; what follows from it a person decides. */
export const recordMatch = (matter: Matter | undefined, match: Match): MatterFact[] => {
  const asked = mustExist(matter);
  if (over.includes(asked.status)) throw wrongStatus('matter', asked.status, 'anything that is not over');
  return [{ type: 'legal-aid.conflict-matched', data: { ...about(asked, match.at), result: match.result, until: match.until }, own: { match } }];
};

/** Said once of each merge, and of each that is taken back. `records`: all that are this person's now. */
export const needRecheck = (matter: Matter | undefined, { records, at }: { records: readonly string[]; at: Instant }): MatterFact[] => {
  if (!matter || over.includes(matter.status)) return [];
  const { clientId, mergedWith: before = [] } = matter;
  const mergedWith = records.filter((id) => id !== clientId).sort();
  if (mergedWith.join() === before.join()) return [];
  return [{ type: 'legal-aid.conflict-recheck-needed', data: { ...about(matter, at), reason: 'clients-merged' }, own: { mergedWith } }];
};

/** The first time it opens the way to eligibility; asked for again it leaves the matter where it is, unless there is a conflict now. */
export const checkConflict = (matter: Matter | undefined, input: { outcome: 'clear' | 'conflict'; adverseParties: readonly string[]; at: Instant; recordedAt: Instant }): MatterFact[] => {
  const known = mustExist(matter);
  const again = known.recheck !== undefined && known.status !== 'conflict-check' && !over.includes(known.status);
  const checked = again ? known : must(matter, 'conflict-check');
  const { outcome, adverseParties, at, recordedAt } = input;
  return [
    { type: again ? 'legal-aid.conflict-rechecked' : 'legal-aid.conflict-checked', data: { ...about(checked, at), outcome, ...matchedFor(checked, adverseParties, recordedAt) }, own: { adverseParties } },
    ...(outcome === 'conflict' ? [{ type: 'legal-aid.matter-declined' as const, data: { ...about(checked, at), reason: 'conflict-of-interest' } }] : []),
  ];
};

const mustBeClear = (matter: Matter | undefined): void => {
  const { status, recheck } = mustExist(matter);
  if (status === 'conflict-check' || recheck !== undefined) {
    throw new DomainError('conflict', 'conflict-not-checked', 'Record a clear conflict check first; until then nothing of substance may be done');
  }
};

export const decideEligibility = (matter: Matter | undefined, input: { outcome: 'eligible' | 'not-eligible'; ground: string; at: Instant }): MatterFact[] => {
  mustBeClear(matter);
  const decided = must(matter, 'eligibility');
  const { outcome, ground, at } = input;
  return [
    { type: 'legal-aid.eligibility-decided', data: { ...about(decided, at), outcome, ground } },
    ...(outcome === 'not-eligible' ? [{ type: 'legal-aid.matter-declined' as const, data: { ...about(decided, at), reason: 'not-eligible' } }] : []),
  ];
};

export const activate = (matter: Matter | undefined, input: { next: Next; deadlineId: string; at: Instant }): MatterFact[] => {
  const { next, deadlineId, at } = input;
  const accepted = must(matter, 'accepted');
  mustBeClear(accepted);
  return [{ type: 'legal-aid.matter-activated', data: { ...about(accepted, at), ...said(next) }, own: { next, deadlineId } }];
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

const unmatched = ({ match: _, ...known }: Matter): Matter => known as Matter;
const settled = ({ recheck: _, ...known }: Matter): Matter => known as Matter;

export const evolve = (matter: Matter | undefined, fact: MatterFact): Matter => {
  if (fact.type === 'legal-aid.matter-opened') return { ...fact.own!, summaries: [], status: 'conflict-check' };
  const known = matter!;
  switch (fact.type) {
    case 'legal-aid.conflict-checked': return { ...settled(known), ...fact.own!, status: 'eligibility' };
    case 'legal-aid.eligibility-decided': return { ...known, status: 'accepted' };
    case 'legal-aid.matter-declined': return { ...known, status: 'declined', reason: fact.data.reason as RejectionCode };
    case 'legal-aid.matter-activated': return { ...known, ...fact.own!, status: 'active' };
    case 'legal-aid.deadline-set': return { ...known, ...fact.own!, deadlines: replaced(known) } as Matter;
    case 'legal-aid.deadline-computed': case 'legal-aid.deadline-confirmed': case 'legal-aid.deadline-recomputed': case 'legal-aid.deadline-moved':
    case 'legal-aid.deadline-move-acknowledged': case 'legal-aid.deadline-approached': case 'legal-aid.deadline-met': case 'legal-aid.deadline-missed':
    case 'legal-aid.deadline-extended': case 'legal-aid.deadline-withdrawn': return { ...known, deadlines: evolveDeadlines(deadlinesOf(known), fact) } as Matter;
    case 'legal-aid.conflict-matched': return { ...known, ...fact.own! };
    case 'legal-aid.conflict-recheck-needed': return { ...unmatched(known), ...fact.own!, recheck: fact.data.reason };
    case 'legal-aid.conflict-rechecked': return { ...settled(known), ...fact.own! };
    case 'legal-aid.matter-awaiting-third-party': return { ...known, status: 'awaiting-third-party' } as Matter;
    case 'legal-aid.matter-resumed': return { ...known, status: 'active' } as Matter;
    case 'legal-aid.summary-written': return { ...known, summaries: [...known.summaries, { text: fact.own!.text, at: fact.own!.recordedAt }] };
    case 'legal-aid.matter-resolved': return { ...known, status: 'resolved', outcome: fact.data.outcome } as Matter;
    case 'legal-aid.matter-closed': return { ...known, status: 'closed' } as Matter;
    case 'legal-aid.matter-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
