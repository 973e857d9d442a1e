import { Temporal } from 'temporal-polyfill';
import { DomainError } from './domain-error.js';
import type { Day, Instant } from './fact.js';

const locales = { en: 'en-GB', ru: 'ru-RU' } as const;
const long = { day: 'numeric', month: 'long', year: 'numeric' } as const;

/** For people: `2 March 2026`, `2 марта 2026 года`; with `clock` an instant has its hour, in a zone that is named unless it is the reader's own. */
export const inWords = (moment: Day | Instant, language: 'en' | 'ru', { zone, clock = false }: { zone?: string | undefined; clock?: boolean } = {}): string => {
  const told = (date: Temporal.PlainDate) => date.toLocaleString(locales[language], long).replace(/ г\.$/, ' года');
  if (moment.length <= 10) return told(Temporal.PlainDate.from(moment));
  const there = Temporal.Instant.from(moment).toZonedDateTimeISO(zone ?? 'UTC');
  const day = told(there.toPlainDate());
  return clock ? `${day}, ${there.toPlainTime().toString({ smallestUnit: 'minute' })}${zone === undefined ? ' (UTC)' : ''}` : day;
};

/** Refuses a time zone that nobody knows. */
export const mustKnowZone = (zone: string | undefined): void => {
  try {
    if (zone !== undefined) Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
  } catch {
    throw new DomainError('invalid', 'zone-unknown', 'There is no such time zone', [{ pointer: '/zone', code: 'zone-unknown', detail: 'must be an IANA time zone' }]);
  }
};
