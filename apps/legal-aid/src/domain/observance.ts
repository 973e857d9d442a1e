import { Temporal } from 'temporal-polyfill';
import type { Observance } from './law.js';

type Date = Temporal.PlainDate;

/** Gregorian Easter Sunday (Meeus, Jones and Butcher). */
export const easter = (year: number): Date => {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const sum = h + l - 7 * Math.floor((a + 11 * h + 22 * l) / 451) + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(sum / 31), day: (sum % 31) + 1 });
};

const dayOf = (year: number, monthDay: string): Date => Temporal.PlainMonthDay.from(monthDay).toPlainDate({ year });

/** The days on which it is observed that year; none before it began or after it ended. */
export const observedIn = (year: number, observance: Observance): Date[] => {
  const { from = year, until = year } = observance;
  if (year < from || year > until) return [];
  if ('easter' in observance) return [easter(year).add({ days: observance.easter })];
  if ('weekday' in observance) {
    const dayBefore = dayOf(year, observance.before).subtract({ days: 1 });
    return [dayBefore.subtract({ days: (dayBefore.dayOfWeek - observance.weekday + 7) % 7 })];
  }
  return Array.from({ length: observance.days ?? 1 }, (_, i) => dayOf(year, observance.on).add({ days: i }));
};
