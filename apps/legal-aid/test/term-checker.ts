import type { Derivation } from '../src/domain/legal-time.js';
import type { CalendarLaw, CalendarYear, Observance, Pack } from '../src/domain/law.js';

// Written apart from the domain: days are numbers since 1970, Easter is reckoned by Gauss's rule, and nothing of src runs here.

const DAY = 86_400_000;
const num = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY;
const text = (n: number): string => new Date(n * DAY).toISOString().slice(0, 10);
const of = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / DAY;
const weekday = (n: number): number => ((n + 3) % 7 + 7) % 7 + 1;
const yearOf = (n: number): number => new Date(n * DAY).getUTCFullYear();

const gaussEaster = (year: number): number => {
  const k = Math.floor(year / 100);
  const m = (15 - Math.floor((13 + 8 * k) / 25) + k - Math.floor(k / 4)) % 30;
  const n = (4 + k - Math.floor(k / 4)) % 7;
  const d = (19 * (year % 19) + m) % 30;
  const e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + n) % 7;
  let march = 22 + d + e;
  if (d === 29 && e === 6) march = 50;
  if (d === 28 && e === 6 && (11 * m + 11) % 30 < 19) march = 49;
  return of(year, 3, march);
};

const observed = (year: number, one: Observance): number[] => {
  if ((one.from ?? 0) > year || (one.until ?? 9999) < year) return [];
  if ('easter' in one) return [gaussEaster(year) + one.easter];
  const [month, day] = ('weekday' in one ? one.before : one.on).split('-').map(Number) as [number, number];
  if (!('weekday' in one)) return [...Array(one.days ?? 1).keys()].map((i) => of(year, month, day) + i);
  return [[1, 2, 3, 4, 5, 6, 7].map((back) => of(year, month, day) - back).find((n) => weekday(n) === one.weekday)!];
};

/** Without what a region adds. */
const isOffEverywhere = (n: number, law: CalendarLaw, years: readonly CalendarYear[]): boolean => {
  const year = yearOf(n);
  const published = years.find((one) => one.name === law.name && one.year === year);
  const special = published?.days.find(({ day }) => day === text(n));
  if (special) return special.as !== 'working';
  const weekend = (d: number) => law.weekend.days.includes(weekday(d));
  if (weekend(n)) return true;
  if (published) return false;
  const holidays = law.observances.flatMap((one) => observed(year, one).map((day) => ({ day, moves: law.moving !== undefined && one.moves === true })));
  const off = new Set(holidays.map(({ day }) => day));
  for (const { day } of holidays.filter(({ moves, day }) => moves && weekend(day)).sort((a, b) => a.day - b.day)) {
    let next = day + 1;
    while (weekend(next) || off.has(next)) next += 1;
    off.add(next);
  }
  return off.has(n);
};

export const isOff = (n: number, law: CalendarLaw, years: readonly CalendarYear[], region: string | undefined): boolean => {
  if (isOffEverywhere(n, law, years)) return true;
  const told = years.find((one) => one.name === law.name && one.year === yearOf(n))?.regions?.[region ?? '']?.days ?? [];
  if (told.some(({ day, as }) => as !== 'working' && day === text(n))) return true;
  const local = law.regions.list[region ?? '']?.observances ?? [];
  const added = local.flatMap((one) => observed(yearOf(n), one));
  // A region's holiday on a weekend: the first day after it on which people would work.
  const back = local.filter(({ moves }) => moves).flatMap((one) => observed(yearOf(n), one)).filter((day) => law.weekend.days.includes(weekday(day)));
  return added.includes(n) || back.some((day) => {
    let next = day + 1;
    while (isOffEverywhere(next, law, years) || added.includes(next)) next += 1;
    return next === n;
  });
};

const fail = (why: string): never => { throw new Error(why); };

/** Goes through a derivation step by step and answers the day to which it leads; throws where a step does not follow. */
export const replay = (derivation: Derivation, pack: Pack, law: CalendarLaw, years: readonly CalendarYear[]): string => {
  const rule = pack.rules.find((one) => `${pack.name}/${one.rule}` === derivation.rule) ?? fail('no such rule');
  const begin = rule.counting?.begin?.on ?? pack.counting.begin.on;
  const off = (n: number) => isOff(n, law, years, derivation.region);
  const { term: { unit, n } } = derivation;
  let start = num(derivation.eventDay);
  let at = start;
  const halts: [number, number][] = [];
  for (const { step, day, skipped = [] } of derivation.steps) {
    const said = num(day);
    const over = skipped.map((one) => num(one.day));
    if (step === 'event' || step === 'local-day') at = start;
    if (step === 'begins-anew') at = start = said;
    if (step === 'stands-still') {
      const stay = derivation.stays.find(({ until }) => until === day) ?? fail('a stay that nobody told of');
      halts.push([num(stay.from), num(stay.until)]);
      at = said;
    }
    if (step === 'begins') at = begin === 'next-day' ? start + 1 : start;
    if (step === 'counted' && unit === 'days') {
      const counts = (d: number) => (pack.counting.days!.count === 'calendar' || !off(d)) && !halts.some(([from, until]) => d >= from && d < until);
      const run = [...Array(said - at + 1).keys()].map((i) => at + i);
      if (run.filter(counts).length !== n || !counts(said)) fail('not so many days');
      if (run.filter((d) => !counts(d)).join() !== over.join()) fail('other days are passed over');
      at = said;
    }
    if (step === 'counted' && unit === 'weeks') at = start + 7 * n - (begin === 'same-day' ? 1 : 0);
    if (step === 'counted' && (unit === 'months' || unit === 'years')) {
      const from = new Date(start * DAY);
      const number = from.getUTCDate() - (begin === 'same-day' ? 1 : 0);
      const month = from.getUTCMonth() + n * (unit === 'years' ? 12 : 1);
      const last = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
      if ((number > last) !== derivation.steps.some((one) => one.step === 'short-month')) fail('a short month is not told, or none is there');
      at = Date.UTC(from.getUTCFullYear(), month, Math.min(number, last)) / DAY;
    }
    if (step === 'moved') {
      if (over[0] !== at || !over.every(off) || over.some((d, i) => d !== at + i)) fail('moves over working days');
      at += over.length;
    }
    if (at !== said) fail(`${step} leads to ${text(at)}, not to ${day}`);
  }
  const unsaid = derivation.region === undefined && Object.keys(law.regions.list).length > 0;
  if (derivation.doubts.includes('region-not-said') !== unsaid) fail('a region that nobody named is not doubted, or one is that somebody named');
  if (unsaid && !derivation.provisional) fail('is certain without a region');
  if (off(at)) fail('ends on a day off');
  if (derivation.steps.at(-1)!.step !== 'expires') fail('does not expire');
  return text(at);
};
