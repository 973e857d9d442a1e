import { DomainError, type Day, type Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import type { Calendar, Doubt, Why } from './calendar.js';
import { cited, type Cited, type Counting, type Length, type Pack, type Remark, type Rule, type Titles } from './law.js';
import { nextWorking, reach, type Date, type Reached, type Stay } from './term.js';
import { says } from './wording.js';

export interface Skipped { readonly day: Day; readonly why: Why['why'] | 'stay'; readonly title: Titles; readonly article: string; readonly movedFrom?: Day }

export interface Step {
  readonly step: 'event' | 'local-day' | 'begins' | 'stands-still' | 'begins-anew' | 'counted' | 'short-month' | 'moved' | 'expires';
  readonly article: string;
  /** Where the reckoning stands after this step. */
  readonly day: Day;
  readonly text: Titles;
  /** Days that this step passed over, and why. */
  readonly skipped?: readonly Skipped[];
}

/** A last day together with everything that makes it so. */
export interface Derivation {
  readonly day: Day;
  /** The first instant at which it is too late. */
  readonly endsAt: Instant;
  readonly rule: string;
  readonly article: string;
  readonly title: Titles;
  readonly term: Length;
  readonly eventDay: Day;
  readonly zone: string;
  readonly calendar: string;
  readonly region?: string;
  readonly stays: readonly { readonly from: Day; readonly until: Day }[];
  readonly steps: readonly Step[];
  /** The documents that decided, each in its version. */
  readonly documents: readonly Cited[];
  readonly provisional: boolean;
  readonly doubts: readonly Doubt[];
  readonly remarks: readonly Remark[];
  readonly extendable?: Remark;
  readonly restorable?: Remark;
}

export interface Question {
  readonly event: { readonly day: Day } | { readonly at: Instant };
  /** The court's. */
  readonly zone: string;
  readonly length?: Length;
  readonly stays?: readonly { readonly from: Day; readonly until: Day }[];
}

const wrong = (pointer: string, code: string, message: string): DomainError => new DomainError('invalid', code, message, [{ pointer, code, detail: message }]);

const LONGEST: Record<Length['unit'], number> = { days: 366, weeks: 150, months: 120, years: 10 };

/** The day at the court when something happened. */
export const localDay = (at: Instant, zone: string): Date => Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainDate();

/** Midnight at the court: when that day is over. */
export const endOf = (day: Day, zone: string): Instant =>
  Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'millisecond' });

const lengthOf = ({ term }: Rule, given: Length | undefined): Length => {
  if (term !== 'set-by-court') {
    if (given) throw wrong('/length', 'length-not-free', 'The law sets the length of this term; leave it out');
    return term;
  }
  if (!given) throw wrong('/length', 'length-needed', 'Give the length that the court set');
  if (given.n > LONGEST[given.unit]) throw wrong('/length/n', 'too-long-a-term', `must be at most ${LONGEST[given.unit]}`);
  return given;
};

const staysOf = (given: Question['stays'] = []): Stay[] => {
  const stays = given.map(({ from, until }) => ({ from: Temporal.PlainDate.from(from), until: Temporal.PlainDate.from(until) }));
  const bad = stays.findIndex(({ from, until }, i) => Temporal.PlainDate.compare(from, until) >= 0 || (i > 0 && Temporal.PlainDate.compare(stays[i - 1]!.until, from) > 0));
  if (bad >= 0) throw wrong(`/stays/${bad}`, 'stays-out-of-order', 'Each stay begins before it ends and after the one before it');
  const long = stays.findIndex(({ from, until }) => from.until(until, { largestUnit: 'year' }).years >= LONGEST.years);
  if (long >= 0) throw wrong(`/stays/${long}`, 'stay-too-long', 'A stay is shorter than ten years');
  return stays;
};

const articleOf = (unit: Length['unit'], counting: Counting): string => {
  const of = counting[unit];
  if (!of) throw wrong('/length/unit', 'unit-unknown', 'This procedure counts no terms in this unit');
  return of.article;
};

/**
 * The last day of a term and how it comes about. Refuses what the law leaves open: days before the rule was in force, years without a
 * calendar, a stay of proceedings for which the law does not say how the rest is counted.
 */
export const computeTerm = (pack: Pack, rule: Rule, calendar: Calendar, { event, zone, length, stays: given }: Question): Derivation => {
  const counting: Counting = { ...pack.counting, ...rule.counting };
  const term = lengthOf(rule, length);
  const stays = staysOf(given);
  const eventDay = 'at' in event ? localDay(event.at, zone) : Temporal.PlainDate.from(event.day);
  const { from, until } = { ...pack.inForce, ...rule };
  if (eventDay.toString() < from || (until !== undefined && eventDay.toString() > until)) throw wrong('/eventDay', 'rule-not-in-force', 'This rule was not in force on the day of the event');

  const asked = new Set<number>();
  const look = (day: Date) => { asked.add(day.year); return calendar.on(day); };
  const isWorking = (day: Date): boolean => look(day).working;
  const skipped = (days: readonly Date[]): Skipped[] => days.map((day): Skipped => {
    const stay = stays.some((one) => Temporal.PlainDate.compare(day, one.from) >= 0 && Temporal.PlainDate.compare(day, one.until) < 0);
    const because = look(day).because;
    if (because && because.why !== 'working-weekend') return { day: day.toString(), ...because };
    if (stay) return { day: day.toString(), why: 'stay', title: { en: 'The proceedings stood still', ru: 'Производство было приостановлено' }, article: counting.suspension!.article };
    throw new Error(`${day.toString()} was passed over for no reason`);
  });

  const steps: Step[] = [];
  const step = (name: Step['step'], article: string, day: Date, text: Titles, over: readonly Date[] = []): void => {
    steps.push({ step: name, article, day: day.toString(), text, ...(over.length > 0 && { skipped: skipped(over) }) });
  };
  step('event', rule.article, eventDay, says.event(eventDay.toString(), rule.event));
  if ('at' in event) step('local-day', counting.begin.article, eventDay, says.localDay(eventDay.toString(), zone));

  let start = eventDay;
  let ended = run(start);
  for (const stay of stays) {
    if (Temporal.PlainDate.compare(stay.from, ended.last) > 0 || Temporal.PlainDate.compare(stay.until, start) <= 0) continue;
    const { suspension } = counting;
    if (!suspension?.units.includes(term.unit)) {
      throw wrong('/stays', 'stay-not-settled', 'The law does not say how the rest of such a term is counted after a stay; let a lawyer decide the day');
    }
    if (suspension.then === 'begin-anew') {
      start = stay.until;
      step('begins-anew', suspension.article, start, says.beginsAnew(start.toString()));
    } else {
      step('stands-still', suspension.article, stay.until, says.standsStill(stay.from.toString(), stay.until.toString()));
    }
    ended = run(start);
  }

  const first = counting.begin.on === 'next-day' ? start.add({ days: 1 }) : start;
  step('begins', counting.begin.article, first, says[counting.begin.on === 'next-day' ? 'nextDay' : 'sameDay'](first.toString()));
  const { reached, last, passed } = ended;
  const counted = term.unit === 'days' && counting.days?.count === 'working' ? says.workingDays : says.length;
  step('counted', articleOf(term.unit, counting), reached.day, counted(term, reached.day.toString()), reached.passed);
  if (reached.shortened) step('short-month', counting[term.unit === 'years' ? 'years' : 'months']!.shortMonth, reached.day, says.shortMonth(reached.day.toString()));
  if (passed.length > 0) step('moved', counting.lastDay!.article, last, says.moved(reached.day.toString(), last.toString()), passed);
  step('expires', counting.expires.article, last, says.expires(last.toString(), zone));

  const behind = [...asked].sort((a, b) => a - b).map((year) => calendar.behind(year));
  const documents = [cited(pack), ...new Map(behind.flatMap((one) => one.documents).map((one) => [JSON.stringify(one), one])).values()];
  const doubts = [...new Set(behind.flatMap((one) => one.doubts))];
  const day = last.toString();
  return {
    day, endsAt: endOf(day, zone), rule: `${pack.name}/${rule.rule}`, article: rule.article, title: rule.title, term, eventDay: eventDay.toString(), zone,
    calendar: calendar.name, ...(calendar.region && { region: calendar.region }), stays: stays.map((one) => ({ from: one.from.toString(), until: one.until.toString() })),
    steps, documents, provisional: doubts.length > 0, doubts, remarks: [...pack.remarks, ...rule.remarks ?? []],
    ...(rule.extendable && { extendable: rule.extendable }), ...(rule.restorable && { restorable: rule.restorable }),
  };

  function run(from: Date): { reached: Reached; last: Date; passed: readonly Date[] } {
    articleOf(term.unit, counting);
    const standing = counting.suspension?.then === 'continue' ? stays : [];
    const reached = reach(from, term, counting, standing, isWorking);
    const { day: last, passed } = counting.lastDay ? nextWorking(reached.day, isWorking) : { day: reached.day, passed: [] };
    return { reached, last, passed };
  }
};
