import type { DataClass, Phase, PlanAction, PlanEntry, Ref } from '@opora/contracts';
import type { Day, Instant } from '@opora/domain';

export type Language = 'en' | 'ru';

export const sectionStates = ['active', 'waiting', 'suspended', 'requested', 'declined', 'ended'] as const;
export type SectionState = (typeof sectionStates)[number];

/** A code with its title in the reader's language. */
export interface TitledCode {
  readonly system: string;
  readonly code: string;
  readonly title: string;
}

export interface ActionView extends TitledCode {
  readonly id: string;
  /** The plan entry that it belongs to; of a request nobody has answered, the referral's id. */
  readonly entryId: string;
  readonly due?: Day | Instant;
  readonly start?: Day | Instant;
  readonly end?: Day | Instant;
  readonly status: PlanAction['status'];
  readonly responsible?: string;
}

export interface NextView extends ActionView {
  readonly module: string;
}

export interface EntryView extends TitledCode {
  readonly module: string;
  readonly entryId: string;
  readonly version: number;
  readonly agency: string;
  readonly kind: PlanEntry['kind'];
  readonly phase: Phase;
  readonly reason?: TitledCode;
  readonly dataClass: DataClass;
  readonly because: readonly Ref[];
  readonly needs: readonly Ref[];
  readonly reviewOn?: Day;
  /** Of needs and goals; a section lists the actions of all its entries together. */
  readonly actions?: readonly ActionView[];
  /** Only with `include=text`, and only from modules that answered. */
  readonly text?: string;
  readonly changedAt: Instant;
}

export interface SectionView {
  readonly module: string;
  readonly title: string;
  readonly agency: string | null;
  readonly state: SectionState;
  readonly reason?: TitledCode;
  readonly entries: readonly EntryView[];
  readonly actions: readonly ActionView[];
  readonly stale: boolean;
  readonly changedAt: Instant;
}

/** One person's support plan as one reader may see it. Holds no moving clock: it differs only when something changed. */
export interface PlanDocument {
  readonly clientId: string;
  readonly asOf?: Instant;
  readonly plan: { readonly entryId: string; readonly phase: Phase; readonly reviewOn: Day | null } | null;
  readonly needs: readonly EntryView[];
  readonly goals: readonly EntryView[];
  /** The next day on which somebody looks at the plan or a part of it again. */
  readonly reviewOn: Day | null;
  readonly sections: readonly SectionView[];
  /** What is still to be done and has a date, in the order of time. */
  readonly next: readonly NextView[];
  readonly stale: boolean;
  readonly changedAt: Instant | null;
}
