import type {
  DataOf, deadlineApproached, deadlineComputed, deadlineConfirmed, deadlineExtended, deadlineMet, deadlineMissed, deadlineMoveAcknowledged, deadlineMoved,
  deadlineRecomputed, deadlineWithdrawn,
} from '@opora/contracts';
import type { Day, Fact, Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { defaultNotice } from './law.js';
import type { TermQuestion } from './law-book.js';
import { endOf, type Derivation } from './legal-time.js';

export const deadlineStatuses = ['computed', 'confirmed', 'extended', 'met', 'missed', 'withdrawn'] as const;

/** Computed by the machine, confirmed by a person; or set by hand, then without question and derivation. */
export interface Deadline {
  readonly deadlineId: string;
  readonly status: (typeof deadlineStatuses)[number];
  readonly day: Day;
  /** The first instant at which it is too late. */
  readonly endsAt: Instant;
  readonly zone: string;
  readonly responsible: string;
  /** How many days before it is said to come, and which of these were said of this day. */
  readonly notice: readonly number[];
  readonly said: readonly number[];
  readonly question?: TermQuestion;
  readonly derivation?: Derivation;
  /** A new calendar moved it, and the person responsible has not said yet that they know. */
  readonly movedFrom?: Day;
  /** What it was before it was said missed: a calendar that comes late can make it that again. */
  readonly statusBefore?: (typeof deadlineStatuses)[number];
  readonly ground?: 'extended' | 'restored';
  readonly metOn?: Day;
}

export type DeadlineFact =
  | Fact<'legal-aid.deadline-computed', DataOf<typeof deadlineComputed>, Omit<Deadline, 'status' | 'said'>>
  | Fact<'legal-aid.deadline-confirmed', DataOf<typeof deadlineConfirmed>, { responsible: string }>
  | Fact<'legal-aid.deadline-recomputed', DataOf<typeof deadlineRecomputed>, { derivation: Derivation }>
  | Fact<'legal-aid.deadline-moved', DataOf<typeof deadlineMoved>, { derivation: Derivation }>
  | Fact<'legal-aid.deadline-move-acknowledged', DataOf<typeof deadlineMoveAcknowledged>>
  | Fact<'legal-aid.deadline-approached', DataOf<typeof deadlineApproached>, { said: readonly number[] }>
  | Fact<'legal-aid.deadline-met', DataOf<typeof deadlineMet>>
  | Fact<'legal-aid.deadline-missed', DataOf<typeof deadlineMissed>>
  | Fact<'legal-aid.deadline-extended', DataOf<typeof deadlineExtended>>
  | Fact<'legal-aid.deadline-withdrawn', DataOf<typeof deadlineWithdrawn>>;

/** Nothing has come of it yet. */
export const isOpen = ({ status }: Deadline): boolean => status === 'computed' || status === 'confirmed' || status === 'extended';

/** A person stands for it: what plans and lists show. */
export const isSettled = (deadline: Deadline): boolean => isOpen(deadline) && deadline.status !== 'computed';

export const setByHand = ({ deadlineId, day, zone = 'UTC', responsible }: { deadlineId: string; day: Day; zone?: string | undefined; responsible: string }): Deadline =>
  ({ deadlineId, status: 'confirmed', day, endsAt: endOf(day, zone), zone, responsible, notice: defaultNotice, said: [] });

export const earliest = (deadlines: readonly Deadline[]): Deadline | undefined =>
  deadlines.reduce<Deadline | undefined>((first, one) => (first && first.endsAt <= one.endsAt ? first : one), undefined);

/** When the notice of so many days falls due: with the beginning of that day at the court. */
export const noticeAt = ({ day, zone }: Deadline, days: number): Instant =>
  Temporal.PlainDate.from(day).subtract({ days }).toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'millisecond' });

/** When something is next to be said of it. */
export const nextLook = (deadline: Deadline): Instant | undefined => isOpen(deadline)
  ? [deadline.endsAt, ...deadline.notice.filter((days) => !deadline.said.includes(days)).map((days) => noticeAt(deadline, days))].sort()[0]
  : undefined;

const on = (deadline: Deadline, day: Day): Deadline => ({ ...deadline, day, endsAt: endOf(day, deadline.zone), said: [] });

const after = (deadline: Deadline, fact: Exclude<DeadlineFact, { type: 'legal-aid.deadline-computed' }>): Deadline => {
  const { movedFrom: _, ...known } = deadline;
  switch (fact.type) {
    case 'legal-aid.deadline-confirmed': return { ...deadline, ...fact.own!, status: deadline.status === 'extended' ? 'extended' : 'confirmed' };
    case 'legal-aid.deadline-recomputed': return { ...deadline, ...fact.own! };
    case 'legal-aid.deadline-moved': return {
      ...on(deadline, fact.data.day), ...fact.own!, movedFrom: deadline.movedFrom ?? fact.data.from,
      status: deadline.status === 'missed' ? deadline.statusBefore ?? 'computed' : deadline.status,
    };
    case 'legal-aid.deadline-move-acknowledged': return known;
    case 'legal-aid.deadline-approached': return { ...deadline, said: [...deadline.said, ...fact.own!.said] };
    case 'legal-aid.deadline-met': return { ...known, status: 'met', metOn: fact.data.on };
    case 'legal-aid.deadline-missed': return { ...deadline, status: 'missed', statusBefore: deadline.status };
    case 'legal-aid.deadline-extended': return { ...on(known, fact.data.day), status: 'extended', ground: fact.data.ground };
    case 'legal-aid.deadline-withdrawn': return { ...known, status: 'withdrawn' };
    default: return fact satisfies never;
  }
};

export const evolveDeadlines = (deadlines: readonly Deadline[], fact: DeadlineFact): readonly Deadline[] =>
  fact.type === 'legal-aid.deadline-computed'
    ? [...deadlines, { ...fact.own!, status: 'computed', said: [] }]
    : deadlines.map((one) => (one.deadlineId === fact.data.deadlineId ? after(one, fact) : one));
