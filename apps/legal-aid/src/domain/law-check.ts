import { DomainError, type Trouble } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { computedTroubles } from './days-off.js';
import type { CalendarLaw, CalendarYear, LawDocument, Observance, Pack } from './law.js';

const trouble = (pointer: string, code: string, detail: string): Trouble => ({ pointer, code, detail });

const exists = (monthDay: string): boolean => {
  try {
    return Temporal.PlainMonthDay.from(monthDay) !== undefined;
  } catch {
    return false;
  }
};

/** A calendar on which nobody ever works would be searched for ever. */
const MOST_OFF = 120;

const daysOf = (observances: readonly Observance[]): number => observances.reduce((sum, one) => sum + ('on' in one ? one.days ?? 1 : 1), 0);

const tooMany = (pointer: string, days: number): Trouble[] => (days > MOST_OFF ? [trouble(pointer, 'too-many-days-off', `must leave more than ${365 - MOST_OFF} days`)] : []);

/** `everywhere`: how many days are off anyway. */
const observanceTroubles = (pointer: string, observances: readonly Observance[], everywhere = 0): Trouble[] => [
  ...observances.flatMap((one, i) => {
    const monthDay = 'on' in one ? one.on : 'weekday' in one ? one.before : undefined;
    return monthDay === undefined || exists(monthDay) ? [] : [trouble(`${pointer}/${i}`, 'no-such-day', 'is no day of any year')];
  }),
  ...tooMany(pointer, everywhere + daysOf(observances)),
];

const calendarTroubles = (law: CalendarLaw): Trouble[] => {
  const troubles = [
    ...observanceTroubles('/observances', law.observances),
    ...Object.entries(law.regions.list).flatMap(([code, { observances }]) => observanceTroubles(`/regions/list/${code}/observances`, observances, daysOf(law.observances))),
  ];
  return troubles.length > 0 ? troubles : computedTroubles(law);
};

const yearTroubles = ({ year, days, regions = {} }: CalendarYear): Trouble[] => {
  const lists = [['/days', days] as const, ...Object.entries(regions).map(([code, region]) => [`/regions/${code}/days`, region.days] as const)];
  const off = (list: CalendarYear['days']): string[] => list.filter(({ as }) => as !== 'working').map(({ day }) => day);
  const together = Object.entries(regions).flatMap(([code, region]) => tooMany(`/regions/${code}/days`, new Set([...off(days), ...off(region.days)]).size));
  return [...together, ...lists.flatMap(([pointer, list]) => list.flatMap(({ day }, i) => [
    ...(day.startsWith(`${year}-`) ? [] : [trouble(`${pointer}/${i}/day`, 'another-year', 'is not of this year')]),
    ...(list.findIndex((one) => one.day === day) < i ? [trouble(`${pointer}/${i}/day`, 'day-twice', 'is in the list already')] : []),
  ]))];
};

const packTroubles = ({ rules, counting, inForce }: Pack): Trouble[] => rules.flatMap(({ rule, term, from, until, counting: own }, i) => [
  ...(rules.findIndex((one) => one.rule === rule) < i ? [trouble(`/rules/${i}/rule`, 'rule-twice', 'is in the pack already')] : []),
  ...(term !== 'set-by-court' && !{ ...counting, ...own }[term.unit] ? [trouble(`/rules/${i}/term/unit`, 'unit-not-counted', 'is a unit whose counting the pack does not describe')] : []),
  ...((from !== undefined && from < inForce.from) || (until !== undefined && inForce.until !== undefined && until > inForce.until)
    ? [trouble(`/rules/${i}`, 'outside-the-pack', 'is in force when its pack is not')] : []),
]);

/** What a schema cannot say of a document. */
export const checkLaw = (document: LawDocument): void => {
  const errors = document.kind === 'pack' ? packTroubles(document) : document.kind === 'calendar' ? calendarTroubles(document) : yearTroubles(document);
  if (errors.length > 0) {
    throw new DomainError('invalid', 'law-document-unfit', 'The document contradicts itself', errors.slice(0, 20).map(({ pointer, ...rest }) => ({ pointer: `/document${pointer}`, ...rest })));
  }
};
