import type { Day } from '@opora/domain';

export interface Titles { readonly en: string; readonly ru: string }

/** Who published it, and where a person can read it. */
export interface Source {
  readonly publisher: string;
  readonly title: string;
  readonly number?: string;
  readonly date?: Day;
  readonly address?: string;
}

/** A day of every year: a fixed one (or several in a row), so many days after Western Easter, or the last such weekday before a day. */
export type Observance = { readonly title: Titles; readonly article: string; readonly from?: number; readonly until?: number; readonly moves?: boolean } & (
  | { readonly on: string; readonly days?: number }
  | { readonly easter: number }
  | { readonly weekday: number; readonly before: string }
);

/** A country's calendar as its law makes it. Years with a document of their own are not computed from it. */
export interface CalendarLaw {
  readonly kind: 'calendar';
  readonly name: string;
  readonly version: number;
  readonly source: Source;
  readonly titles: Titles;
  /** 1 is Monday. */
  readonly weekend: { readonly days: readonly number[]; readonly article: string; readonly title: Titles };
  /** The first year that it holds for. */
  readonly since: number;
  /** `provisional`: each year is decided anew, and computing only foretells it. */
  readonly computed: 'provisional' | 'final';
  readonly observances: readonly Observance[];
  /** What becomes of a weekend day on which an observance that `moves` falls: the next working day is off instead. */
  readonly moving?: { readonly article: string; readonly title: Titles };
  /** `needed`: no court sits outside of one. `closed`: there are no others than these. */
  readonly regions: { readonly needed: boolean; readonly closed: boolean; readonly list: Readonly<Record<string, Region>> };
}

/** `complete`: nothing else is off there. */
export interface Region { readonly titles: Titles; readonly complete: boolean; readonly observances: readonly Observance[] }

/** Why a day is not what its weekday says. `from`: the weekend day that was moved here. */
export interface YearDay { readonly day: Day; readonly as: 'holiday' | 'moved' | 'working'; readonly title: Titles; readonly article: string; readonly from?: Day }

/** One year as it was published: every day off beside the weekends, and every weekend day that is worked. */
export interface CalendarYear {
  readonly kind: 'calendar-year';
  readonly name: string;
  readonly year: number;
  readonly version: number;
  readonly source: Source;
  readonly days: readonly YearDay[];
  /** Days that a region adds in this year only; `complete` says that with them nothing is missing. */
  readonly regions?: Readonly<Record<string, { readonly complete: boolean; readonly days: readonly YearDay[] }>>;
}

export const units = ['days', 'weeks', 'months', 'years'] as const;
export type Unit = (typeof units)[number];
export interface Length { readonly unit: Unit; readonly n: number }

/** The primitives that a country's procedure is put together from, each with the article that says so. */
export interface Counting {
  /** `next-day`: the day of the event does not count. `same-day`: it is the first day of the term. */
  readonly begin: { readonly on: 'next-day' | 'same-day'; readonly article: string };
  readonly days?: { readonly count: 'working' | 'calendar'; readonly article: string };
  readonly weeks?: { readonly article: string };
  readonly months?: { readonly article: string; readonly shortMonth: string };
  readonly years?: { readonly article: string; readonly shortMonth: string };
  readonly lastDay?: { readonly article: string };
  readonly expires: { readonly article: string };
  /** `continue`: what was left runs on. `begin-anew`: the whole term runs again. For the units where the law leaves no doubt. */
  readonly suspension?: { readonly then: 'continue' | 'begin-anew'; readonly article: string; readonly units: readonly Unit[] };
}

export interface Remark { readonly article: string; readonly title: Titles }

export interface Rule {
  readonly rule: string;
  readonly article: string;
  readonly title: Titles;
  /** From which day the term runs: what the caller has to find out. */
  readonly event: Titles;
  readonly term: Length | 'set-by-court';
  readonly from?: Day;
  readonly until?: Day;
  /** Where the rule departs from the pack's counting. */
  readonly counting?: Partial<Counting>;
  /** Whether the court may give more time before the day, and the article that lets it. */
  readonly extendable?: Remark;
  /** Whether a missed term can be restored, and how. */
  readonly restorable?: Remark;
  /** Days before the last one on which to say that it comes; 30, 7, 3 and 1 unless said. */
  readonly notice?: readonly number[];
  readonly remarks?: readonly Remark[];
}

/** A country's procedure: what a rule pack is. A version is never changed; a later one stands beside it. */
export interface Pack {
  readonly kind: 'pack';
  readonly name: string;
  readonly version: number;
  readonly source: Source;
  readonly titles: Titles;
  readonly calendar: string;
  readonly inForce: { readonly from: Day; readonly until?: Day };
  readonly counting: Counting;
  readonly remarks: readonly Remark[];
  readonly rules: readonly Rule[];
}

export type LawDocument = CalendarLaw | CalendarYear | Pack;

/** How a document is named in a derivation. */
export interface Cited { readonly kind: LawDocument['kind']; readonly name: string; readonly year?: number; readonly version: number }

export const cited = (document: LawDocument): Cited =>
  ({ kind: document.kind, name: document.name, ...('year' in document && { year: document.year }), version: document.version });

export const defaultNotice: readonly number[] = [30, 7, 3, 1];

/** Of each, by its key, the newest version. */
export const newest = <D extends LawDocument>(documents: readonly D[], key: (document: D) => string): D[] =>
  [...Map.groupBy(documents, key).values()].map((versions) => versions.reduce((a, b) => (b.version > a.version ? b : a)));
