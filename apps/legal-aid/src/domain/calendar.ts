import { DomainError, type Day } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { cited, type CalendarLaw, type CalendarYear, type Cited, type Observance, type Titles } from './law.js';
import { observedIn } from './observance.js';

/** Why nobody works, or why somebody works on a weekend. */
export interface Why { readonly why: 'weekend' | 'holiday' | 'moved' | 'regional' | 'working-weekend'; readonly title: Titles; readonly article: string; readonly movedFrom?: Day }

/** `no-longer-computed`: law that came later gives the term no day any more; the one from before stands until a person decides. */
export const doubts = ['year-not-published', 'regional-days-incomplete', 'region-not-said', 'no-longer-computed'] as const;
export type Doubt = (typeof doubts)[number];

export interface Calendar {
  readonly name: string;
  readonly region: string | undefined;
  /** Whether people work that day, and what makes it so where it is no common weekday. */
  on(day: Temporal.PlainDate): { readonly working: boolean; readonly because?: Why };
  /** The documents that a year's days come from, and what may still change in them. */
  behind(year: number): { readonly documents: readonly Cited[]; readonly doubts: readonly Doubt[] };
}

/** As far as documents of law may speak. */
export const LAST = 2199;

const trouble = (pointer: string, code: string, message: string): DomainError =>
  new DomainError('invalid', code, message, [{ pointer, code, detail: message }]);

const observed = (year: number, observances: readonly Observance[], why: 'holiday' | 'regional'): [Day, Why][] =>
  observances.flatMap((one) => observedIn(year, one).map((day): [Day, Why] => [day.toString(), { why, title: one.title, article: one.article }]));

/** A weekend day on which a holiday falls is given back on the next working day after the holiday. `off`: what is off without that. */
const givenBack = (year: number, { moving, weekend }: CalendarLaw, observances: readonly Observance[], off: ReadonlyMap<Day, Why>): [Day, Why][] => {
  if (!moving) return [];
  const taken = new Set(off.keys());
  const lost = observances.filter(({ moves }) => moves).flatMap((one) => observedIn(year, one)).filter(({ dayOfWeek }) => weekend.days.includes(dayOfWeek));
  return lost.sort((a, b) => Temporal.PlainDate.compare(a, b)).map((holiday): [Day, Why] => {
    let day = holiday.add({ days: 1 });
    while (weekend.days.includes(day.dayOfWeek) || taken.has(day.toString())) day = day.add({ days: 1 });
    taken.add(day.toString());
    return [day.toString(), { why: 'moved', ...moving, movedFrom: holiday.toString() }];
  });
};

const computedYear = (year: number, law: CalendarLaw): Map<Day, Why> => {
  const off = new Map(observed(year, law.observances, 'holiday'));
  return new Map([...off, ...givenBack(year, law, law.observances, off)]);
};

const publishedYear = ({ days }: Pick<CalendarYear, 'days'>, holiday: 'holiday' | 'regional' = 'holiday'): Map<Day, Why> => new Map(days.map(({ day, as, title, article, from }) =>
  [day, { why: as === 'working' ? 'working-weekend' : as === 'holiday' ? holiday : 'moved', title, article, ...(from && { movedFrom: from }) }]));

/** The calendar of a court in that region, from the law and the years published so far. Refuses a region that the law does not know. */
export const calendarOf = (law: CalendarLaw, years: readonly CalendarYear[], region?: string): Calendar => {
  const { weekend, since, computed, regions } = law;
  if (region === undefined && regions.needed) throw trouble('/region', 'region-needed', 'Name the region of the court: its own holidays count');
  const regional = region === undefined ? undefined : Object.hasOwn(regions.list, region) ? regions.list[region] : undefined;
  if (region !== undefined && !regional && regions.closed) throw trouble('/region', 'region-unknown', 'This calendar does not know this region');
  const published = new Map(years.map((one) => [one.year, one]));
  const known = new Map<number, ReadonlyMap<Day, Why>>();

  const yearOf = (year: number): ReadonlyMap<Day, Why> => {
    const before = known.get(year);
    if (before) return before;
    if (year < since || year > LAST) throw trouble('/eventDay', 'calendar-year-missing', `There is no calendar for ${year}`);
    const document = published.get(year);
    const added = region === undefined ? undefined : document?.regions?.[region];
    const own = new Map([...observed(year, regional?.observances ?? [], 'regional'), ...(added ? publishedYear(added, 'regional') : [])]);
    const off = document ? publishedYear(document) : computedYear(year, law);
    // A region's holiday is one also where the country works that weekend day; a day off everywhere stays one.
    for (const [day, why] of own) if ((off.get(day)?.why ?? 'working-weekend') === 'working-weekend') off.set(day, why);
    const days = new Map([...off, ...givenBack(year, law, regional?.observances ?? [], off)]);
    known.set(year, days);
    return days;
  };

  return {
    name: law.name,
    region,
    on(date) {
      const special = yearOf(date.year).get(date.toString());
      if (special) return { working: special.why === 'working-weekend', because: special };
      if (!weekend.days.includes(date.dayOfWeek)) return { working: true };
      return { working: false, because: { why: 'weekend', title: weekend.title, article: weekend.article } };
    },
    behind(year) {
      const document = published.get(year);
      const complete = (regional?.complete ?? false) || (region !== undefined && (document?.regions?.[region]?.complete ?? false));
      const hasRegions = !regions.closed || Object.keys(regions.list).length > 0;
      const regionDoubts: Doubt[] = region === undefined ? (hasRegions ? ['region-not-said'] : []) : complete ? [] : ['regional-days-incomplete'];
      return {
        documents: [cited(law), ...(document ? [cited(document)] : [])],
        doubts: [...(!document && computed === 'provisional' ? ['year-not-published' as const] : []), ...regionDoubts],
      };
    },
  };
};
