import { Temporal } from 'temporal-polyfill';
import type { Counting, Length } from './law.js';

export type Date = Temporal.PlainDate;

/** Proceedings stood still from the first day; the term goes on on the second. */
export interface Stay { readonly from: Date; readonly until: Date }

/** Where a term ends by its length alone, before anybody asks whether people work that day. `shortened`: its month has no such number. */
export interface Reached { readonly day: Date; readonly shortened: boolean; readonly passed: readonly Date[] }

const within = (day: Date, { from, until }: Stay): boolean => Temporal.PlainDate.compare(day, from) >= 0 && Temporal.PlainDate.compare(day, until) < 0;

const inDays = (event: Date, n: number, { begin, days }: Counting, stays: readonly Stay[], isWorking: (day: Date) => boolean): Reached => {
  const passed: Date[] = [];
  let day = begin.on === 'next-day' ? event.add({ days: 1 }) : event;
  for (let left = n; ; day = day.add({ days: 1 })) {
    const counts = !stays.some((stay) => within(day, stay)) && (days!.count === 'calendar' || isWorking(day));
    if (!counts) passed.push(day);
    else if ((left -= 1) === 0) return { day, shortened: false, passed };
  }
};

/** The day whose number is the event's, or, when the event's day itself counts, the day before that one. A number that the month lacks becomes its last day. */
const inMonths = (event: Date, months: number, { begin }: Counting): Reached => {
  const month = event.with({ day: 1 }).add({ months });
  const number = begin.on === 'next-day' ? event.day : event.day - 1;
  if (number === 0) return { day: month.subtract({ days: 1 }), shortened: false, passed: [] };
  return { day: month.with({ day: Math.min(number, month.daysInMonth) }), shortened: number > month.daysInMonth, passed: [] };
};

export const reach = (event: Date, { unit, n }: Length, counting: Counting, stays: readonly Stay[], isWorking: (day: Date) => boolean): Reached => {
  switch (unit) {
    case 'days': return inDays(event, n, counting, stays, isWorking);
    case 'weeks': return { day: event.add({ days: 7 * n - (counting.begin.on === 'same-day' ? 1 : 0) }), shortened: false, passed: [] };
    case 'months': return inMonths(event, n, counting);
    case 'years': return inMonths(event, 12 * n, counting);
    default: return unit satisfies never;
  }
};

/** The first working day from this one on, and the days passed over on the way. */
export const nextWorking = (from: Date, isWorking: (day: Date) => boolean): { day: Date; passed: Date[] } => {
  const passed: Date[] = [];
  let day = from;
  for (; !isWorking(day); day = day.add({ days: 1 })) passed.push(day);
  return { day, passed };
};
