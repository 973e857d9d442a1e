import type {
  DataOf, mergeConfirmed, mergeDeclined, mergeEnteredInError, mergeProposed, mergeUndone, unmergeDeclined, unmergeProposed,
} from '@opora/contracts';
import { absent, DomainError, idTaken, wrongStatus, type Fact, type Instant } from '@opora/domain';

/** Two records found to be of one person. While it is in force the one is read as the other; neither is rewritten. */
export interface RecordMerge {
  readonly status: 'proposed' | 'declined' | 'confirmed' | 'undo-proposed' | 'undone' | 'entered-in-error';
  readonly mergeId: string;
  readonly agency: string;
  /** The surviving record. */
  readonly clientId: string;
  readonly mergedId: string;
  /** A code: why somebody thinks so; of the newest proposal. */
  readonly reason: string;
  /** Of the newest proposal, to merge or to undo: somebody else decides on it. */
  readonly proposedBy: string;
}

export type RecordMergeFact =
  | Fact<'intake.merge-proposed', DataOf<typeof mergeProposed>, { agency: string; proposedBy: string }>
  | Fact<'intake.merge-confirmed', DataOf<typeof mergeConfirmed>>
  | Fact<'intake.merge-declined', DataOf<typeof mergeDeclined>>
  | Fact<'intake.unmerge-proposed', DataOf<typeof unmergeProposed>, { proposedBy: string }>
  | Fact<'intake.unmerge-declined', DataOf<typeof unmergeDeclined>>
  | Fact<'intake.merge-undone', DataOf<typeof mergeUndone>>
  | Fact<'intake.merge-entered-in-error', DataOf<typeof mergeEnteredInError>>;

interface Deciding { readonly by: string; readonly at: Instant }

/** Under these the two are one person. */
export const inForce: readonly RecordMerge['status'][] = ['confirmed', 'undo-proposed'];

const must = (merge: RecordMerge | undefined, status: RecordMerge['status']): RecordMerge => {
  if (!merge || merge.status === 'entered-in-error') throw absent('merge');
  if (merge.status !== status) throw wrongStatus('merge', merge.status, status);
  return merge;
};

/** What joins two people's records, or parts them, is never one worker's mistake or wish. */
const mustBeAnother = (merge: RecordMerge, by: string): RecordMerge => {
  if (merge.proposedBy === by) throw new DomainError('forbidden', 'second-person-needed', 'Somebody else than the person who proposed it has to decide');
  return merge;
};

const about = ({ mergeId, clientId, mergedId }: Pick<RecordMerge, 'mergeId' | 'clientId' | 'mergedId'>, at: Instant) => ({ mergeId, clientId, mergedId, at });

export const propose = (
  merge: RecordMerge | undefined, { at, by, agency, reason, ...records }: Deciding & { mergeId: string; agency: string; clientId: string; mergedId: string; reason: string },
): RecordMergeFact[] => {
  if (merge) throw idTaken();
  if (records.clientId === records.mergedId) {
    throw new DomainError('invalid', 'same-record', 'A record cannot be merged with itself', [{ pointer: '/mergedId', code: 'same-record', detail: 'must be another record' }]);
  }
  return [{ type: 'intake.merge-proposed', data: { ...about(records, at), reason }, own: { agency, proposedBy: by } }];
};

export const confirm = (merge: RecordMerge | undefined, { by, at }: Deciding): RecordMergeFact[] =>
  [{ type: 'intake.merge-confirmed', data: about(mustBeAnother(must(merge, 'proposed'), by), at) }];

export const decline = (merge: RecordMerge | undefined, { by, at, reason }: Deciding & { reason: string }): RecordMergeFact[] =>
  [{ type: 'intake.merge-declined', data: { ...about(mustBeAnother(must(merge, 'proposed'), by), at), reason } }];

export const proposeUndo = (merge: RecordMerge | undefined, { by, at, reason }: Deciding & { reason: string }): RecordMergeFact[] =>
  [{ type: 'intake.unmerge-proposed', data: { ...about(must(merge, 'confirmed'), at), reason }, own: { proposedBy: by } }];

export const confirmUndo = (merge: RecordMerge | undefined, { by, at }: Deciding): RecordMergeFact[] =>
  [{ type: 'intake.merge-undone', data: about(mustBeAnother(must(merge, 'undo-proposed'), by), at) }];

export const declineUndo = (merge: RecordMerge | undefined, { by, at, reason }: Deciding & { reason: string }): RecordMergeFact[] =>
  [{ type: 'intake.unmerge-declined', data: { ...about(mustBeAnother(must(merge, 'undo-proposed'), by), at), reason } }];

/** What was recorded by mistake; a merge in force is undone, so that everybody hears of it. */
export const enterInError = (merge: RecordMerge | undefined, { at, reason }: { at: Instant; reason: string }): RecordMergeFact[] => {
  if (!merge || merge.status === 'entered-in-error') throw absent('merge');
  if (inForce.includes(merge.status)) throw new DomainError('conflict', 'merge-in-force', 'Undo the merge instead: the two records are read as one');
  return [{ type: 'intake.merge-entered-in-error', data: { ...about(merge, at), reason } }];
};

export const evolve = (merge: RecordMerge | undefined, fact: RecordMergeFact): RecordMerge => {
  if (fact.type === 'intake.merge-proposed') {
    const { mergeId, clientId, mergedId, reason } = fact.data;
    return { status: 'proposed', mergeId, clientId, mergedId, reason, ...fact.own! };
  }
  const known = merge!;
  switch (fact.type) {
    case 'intake.merge-confirmed': return { ...known, status: 'confirmed' };
    case 'intake.merge-declined': return { ...known, status: 'declined' };
    case 'intake.unmerge-proposed': return { ...known, ...fact.own!, status: 'undo-proposed', reason: fact.data.reason };
    case 'intake.unmerge-declined': return { ...known, status: 'confirmed' };
    case 'intake.merge-undone': return { ...known, status: 'undone' };
    case 'intake.merge-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
