import { DomainError, type Trouble } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { calendarOf, LAST, type Calendar } from './calendar.js';
import { newest, type CalendarLaw, type CalendarYear, type LawDocument, type Observance } from './law.js';

/** More in a row than any law gives; on such a calendar a last day would wander for weeks. */
const MOST_IN_A_ROW = 30;

const trouble = (pointer: string): Trouble => ({ pointer, code: 'no-working-day', detail: `must leave a working day in any ${MOST_IN_A_ROW + 1} days` });

/** Also over both turns of the year. */
const restsTooLong = (calendar: Calendar, year: number, since: number): boolean => {
  const end = year === LAST ? Temporal.PlainDate.from({ year, month: 12, day: 31 }) : Temporal.PlainDate.from({ year: year + 1, month: 1, day: MOST_IN_A_ROW + 1 });
  let day = year === since ? Temporal.PlainDate.from({ year, month: 1, day: 1 }) : Temporal.PlainDate.from({ year: year - 1, month: 12, day: 31 - MOST_IN_A_ROW });
  for (let row = 0; Temporal.PlainDate.compare(day, end) <= 0; day = day.add({ days: 1 })) {
    row = calendar.on(day).working ? 0 : row + 1;
    if (row > MOST_IN_A_ROW) return true;
  }
  return false;
};

const daysOf = (observances: readonly Observance[]): number =>
  observances.reduce((sum, one) => sum + ('on' in one ? one.days ?? 1 : 1) * (one.moves ? 2 : 1), 0);

/** As if always observed, so that no `from` hides a day. */
const always = <O extends { readonly observances: readonly Observance[] }>(one: O): O =>
  ({ ...one, observances: one.observances.map(({ from: _, until: __, ...observance }) => observance as Observance) });

/** Every weekday that a year can begin with, leap or not, comes up in so many years. */
const someYears = Array.from({ length: 28 }, (_, i) => 2001 + i);

/** Country, region and weekend together, in the years that are computed. */
export const computedTroubles = (given: CalendarLaw): Trouble[] => {
  const list = Object.fromEntries(Object.entries(given.regions.list).map(([code, region]) => [code, always(region)]));
  const law: CalendarLaw = { ...always(given), since: 1900, regions: { ...given.regions, needed: false, list } };
  const weekends = 4 * law.weekend.days.length + Math.min(3, law.weekend.days.length);
  return [undefined, ...Object.keys(list)].flatMap((region): Trouble[] => {
    const observances = [...law.observances, ...(region === undefined ? [] : list[region]!.observances)];
    // So few cannot fill the gaps between that many weekends.
    if (daysOf(observances) + weekends <= MOST_IN_A_ROW) return [];
    const calendar = calendarOf(law, [], region);
    return someYears.some((year) => restsTooLong(calendar, year, law.since)) ? [trouble(region === undefined ? '/observances' : `/regions/list/${region}/observances`)] : [];
  });
};

/** What a document would make of the published years, together with the law that is there. A year whose calendar is not there yet is looked at when that comes. */
export const checkPublishedYears = (known: readonly LawDocument[], coming: LawDocument): void => {
  if (coming.kind === 'pack') return;
  const documents = [...known, coming].filter(({ name }) => name === coming.name);
  const [law] = newest(documents.filter((one): one is CalendarLaw => one.kind === 'calendar'), () => coming.name);
  if (!law) return;
  const years = newest(documents.filter((one): one is CalendarYear => one.kind === 'calendar-year'), ({ year }) => String(year));
  const looked = years.filter(({ year }) => year >= law.since && (coming.kind === 'calendar' || year === coming.year));
  const free = { ...law, regions: { ...law.regions, needed: false, closed: false } };
  const errors = [undefined, ...new Set([...Object.keys(law.regions.list), ...looked.flatMap(({ regions = {} }) => Object.keys(regions))])].flatMap((region): Trouble[] => {
    const calendar = calendarOf(free, years, region);
    if (!looked.some(({ year }) => restsTooLong(calendar, year, law.since))) return [];
    return [trouble(coming.kind === 'calendar' ? '/document/observances' : region !== undefined && coming.regions?.[region] ? `/document/regions/${region}/days` : '/document/days')];
  });
  if (errors.length > 0) throw new DomainError('invalid', 'law-document-unfit', 'With the law that is there, nobody would work for weeks', errors.slice(0, 20));
};
