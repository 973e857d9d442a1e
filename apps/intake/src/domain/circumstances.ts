import type { barLifted, careTeamJoined, careTeamLeft, ConsentState, DataOf, Opening, openingReviewed, recordClosed, recordHidden, recordOpened, recordUnhidden, relationBarred } from '@opora/contracts';
import type { Fact, Instant } from '@opora/domain';

export const relations = ['former-partner', 'partner', 'relative', 'household-member', 'representative', 'employer', 'colleague', 'neighbour', 'other'] as const;
export type Relation = (typeof relations)[number];

export interface Member {
  readonly member: string;
  readonly because: 'plan' | 'assigned';
}

/** Whom the person is protected from: a worker or representative by the sub of their tokens, a client by id, or one who is both. */
export interface Barred {
  readonly subject?: string;
  readonly client?: string;
  readonly relation: Relation;
}

export interface Bar extends Barred {
  readonly barId: string;
}

export interface Review {
  readonly by: string;
  readonly at: Instant;
  readonly finding: 'justified' | 'not-justified';
  readonly text: string;
}

/** `agency` is the one that the subject works for. */
export interface RecordOpening extends Opening {
  readonly reason: string;
  readonly text: string;
  readonly reviewDue: Instant;
  readonly closedAt?: Instant;
  readonly review?: Review;
}

/** What decides who may see a person, beside what the person agreed to. */
export interface Circumstances {
  readonly team: readonly Member[];
  readonly bars: readonly Bar[];
  /** Why the record is hidden; absent when it is not. */
  readonly hidden?: string;
  /** Every one there ever was, oldest first. */
  readonly openings: readonly RecordOpening[];
  /** The moment of the last change: what was over by then needs no telling. */
  readonly changedAt: Instant;
}

interface Kept { readonly agency: string }

export type CircumstanceFact =
  | Fact<'intake.care-team-joined', DataOf<typeof careTeamJoined>, Kept>
  | Fact<'intake.care-team-left', DataOf<typeof careTeamLeft>, Kept>
  | Fact<'intake.record-hidden', DataOf<typeof recordHidden>, Kept>
  | Fact<'intake.record-unhidden', DataOf<typeof recordUnhidden>, Kept>
  | Fact<'intake.relation-barred', DataOf<typeof relationBarred>, Kept & { barred: Barred }>
  | Fact<'intake.bar-lifted', DataOf<typeof barLifted>, Kept>
  | Fact<'intake.record-opened', DataOf<typeof recordOpened>, Kept & { text: string }>
  | Fact<'intake.record-closed', DataOf<typeof recordClosed>, Kept>
  | Fact<'intake.opening-reviewed', DataOf<typeof openingReviewed>, Kept & { text: string; by: string }>;

export const nothingSaid: Circumstances = { team: [], bars: [], openings: [], changedAt: '1970-01-01T00:00:00.000Z' };

const types: Record<CircumstanceFact['type'], true> = {
  'intake.care-team-joined': true, 'intake.care-team-left': true, 'intake.record-hidden': true, 'intake.record-unhidden': true, 'intake.relation-barred': true,
  'intake.bar-lifted': true, 'intake.record-opened': true, 'intake.record-closed': true, 'intake.opening-reviewed': true,
};

export const isCircumstance = (fact: Fact): fact is CircumstanceFact => fact.type in types;

const opening = (known: Circumstances, openingId: string, more: Partial<RecordOpening>): Circumstances =>
  ({ ...known, openings: known.openings.map((one) => one.openingId === openingId ? { ...one, ...more } : one) });

const changed = (known: Circumstances, fact: CircumstanceFact): Circumstances => {
  switch (fact.type) {
    case 'intake.care-team-joined': return { ...known, team: [...known.team, { member: fact.data.member, because: fact.data.because }] };
    case 'intake.care-team-left': return { ...known, team: known.team.filter(({ member, because }) => member !== fact.data.member || because !== fact.data.because) };
    case 'intake.record-hidden': return { ...known, hidden: fact.data.reason };
    case 'intake.record-unhidden': {
      const { hidden: _, ...rest } = known;
      return rest;
    }
    case 'intake.relation-barred': return { ...known, bars: [...known.bars, { barId: fact.data.barId, ...fact.own!.barred }] };
    case 'intake.bar-lifted': return { ...known, bars: known.bars.filter(({ barId }) => barId !== fact.data.barId) };
    case 'intake.record-opened': {
      const { openingId, subject, agency, at: from, until, reason, reviewDue } = fact.data;
      return { ...known, openings: [...known.openings, { openingId, subject, agency, from, until, reason, text: fact.own!.text, reviewDue }] };
    }
    case 'intake.record-closed': return opening(known, fact.data.openingId, { closedAt: fact.data.at });
    case 'intake.opening-reviewed': {
      const { openingId, at, finding } = fact.data;
      return opening(known, openingId, { review: { by: fact.own!.by, at, finding, text: fact.own!.text } });
    }
    default: return fact satisfies never;
  }
};

export const evolveCircumstances = (known: Circumstances | undefined, fact: CircumstanceFact): Circumstances => {
  const after = changed(known ?? nothingSaid, fact);
  return { ...after, changedAt: fact.data.at > after.changedAt ? fact.data.at : after.changedAt };
};

export const isRunning = ({ from, until, closedAt }: RecordOpening, at: Instant): boolean => closedAt === undefined && from <= at && at < until;

const distinct = (texts: readonly (string | undefined)[]): string[] => [...new Set(texts.filter((text) => text !== undefined))].sort();

export const membersOf = ({ team }: Circumstances): string[] => distinct(team.map(({ member }) => member));

/** More than these no reader of the contract takes. Plans may name any number of people; whoever was assigned comes first. */
const LARGEST_TEAM = 200;

/** What everybody hears of them: never the words, and nothing that is over. Whoever is barred cares for nobody. */
export const circumstancesState = (known: Circumstances | undefined): Pick<ConsentState, 'team' | 'barred' | 'hidden' | 'openings'> => {
  if (!known) return {};
  const { bars, hidden, openings, changedAt } = known;
  const barred = { subjects: distinct(bars.map(({ subject }) => subject)), clients: distinct(bars.map(({ client }) => client)) };
  const assigned = (member: string) => known.team.some((one) => one.member === member && one.because === 'assigned');
  const team = membersOf(known).filter((member) => !barred.subjects.includes(member)).sort((a, b) => Number(assigned(b)) - Number(assigned(a))).slice(0, LARGEST_TEAM);
  const open = openings.filter(({ until, closedAt }) => closedAt === undefined && changedAt < until)
    .map(({ openingId, subject, agency, from, until }) => ({ openingId, subject, agency, from, until }));
  return {
    ...(team.length > 0 && { team }),
    ...(bars.length > 0 && { barred }),
    ...(hidden !== undefined && { hidden: true }),
    ...(open.length > 0 && { openings: open }),
  };
};
