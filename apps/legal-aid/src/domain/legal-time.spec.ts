import { DomainError } from '@opora/domain';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { laws, packs, years } from '../../test/law-documents.js';
import { isOff, replay } from '../../test/term-checker.js';
import { calendarOf } from './calendar.js';
import { checkPublishedYears } from './days-off.js';
import type { CalendarLaw, CalendarYear, Pack, Rule } from './law.js';
import { checkLaw } from './law-check.js';
import { computeTerm, type Derivation, type Question } from './legal-time.js';

interface Case {
  name: string; rule: string; eventDay?: string; eventAt?: string; zone: string; region?: string; length?: Question['length']; stays?: Question['stays'];
  day: string; endsAt?: string; provisional: boolean; decidedBy: string;
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../../test/worked-cases.json'), 'utf8')) as Case[];

const found = (name: string): { pack: Pack; rule: Rule } => {
  const pack = packs.find((one) => name.startsWith(`${one.name}/`))!;
  return { pack, rule: pack.rules.find((one) => `${pack.name}/${one.rule}` === name)! };
};
const lawOf = (pack: Pack) => laws.find(({ name }) => name === pack.calendar)!;
const yearsOf = (pack: Pack) => years.filter(({ name }) => name === pack.calendar);
const compute = (name: string, question: Question, region?: string): Derivation => {
  const { pack, rule } = found(name);
  return computeTerm(pack, rule, calendarOf(lawOf(pack), yearsOf(pack), region), question);
};
const replayed = (derivation: Derivation): string => {
  const { pack } = found(derivation.rule);
  return replay(derivation, pack, lawOf(pack), yearsOf(pack));
};
const refused = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return undefined;
};
const zone = 'Europe/Moscow';

describe('A worked case', () => {
  it('is one of many', () => { expect(cases.length).toBeGreaterThan(60); });

  it.each(cases.map((one) => [one.decidedBy, one.name, one] as const))('%s: %s', (decidedBy, _, { rule, eventDay, eventAt, region, day, endsAt, provisional, ...more }) => {
    const derivation = compute(rule, { event: eventAt === undefined ? { day: eventDay! } : { at: eventAt }, ...more }, region);
    expect(derivation).toMatchObject({ day, provisional, ...(endsAt && { endsAt }) });
    expect(derivation.steps.map(({ article }) => article)).toContain(decidedBy);
    expect(replayed(derivation)).toBe(day);
  });
});

describe('A derivation', () => {
  it('names the days passed over, each with its reason and source', () => {
    const { steps, documents, remarks } = compute('ru-gpk/128', { event: { day: '2025-04-28' }, zone });
    expect(steps.map(({ step, day }) => [step, day])).toEqual([['event', '2025-04-28'], ['begins', '2025-04-29'], ['counted', '2025-05-16'], ['expires', '2025-05-16']]);
    expect(steps[2]!.skipped!.map(({ day, why }) => [day, why])).toEqual([
      ['2025-05-01', 'holiday'], ['2025-05-02', 'moved'], ['2025-05-03', 'weekend'], ['2025-05-04', 'weekend'], ['2025-05-08', 'moved'], ['2025-05-09', 'holiday'],
      ['2025-05-10', 'weekend'], ['2025-05-11', 'weekend'],
    ]);
    expect(steps[2]!.skipped![1]).toMatchObject({ article: 'Постановление Правительства РФ от 04.10.2024 № 1335', movedFrom: '2025-01-04' });
    expect(documents).toEqual([{ kind: 'pack', name: 'ru-gpk', version: 2 }, { kind: 'calendar', name: 'ru', version: 1 }, { kind: 'calendar-year', name: 'ru', year: 2025, version: 1 }]);
    expect(remarks.map(({ article }) => article)).toEqual(['ГПК РФ, ст. 108 ч. 3', 'ГПК РФ, ст. 108 ч. 4']);
  });

  it('says how a missed term is restored, and which may be extended', () => {
    expect(compute('ru-gpk/321-2', { event: { day: '2026-02-10' }, zone }).restorable!.article).toBe('ГПК РФ, ст. 112 ч. 1, 3');
    expect(compute('ru-gpk/107-1', { event: { day: '2026-02-10' }, zone, length: { unit: 'days', n: 5 } }).extendable!.article).toBe('ГПК РФ, ст. 111');
  });

  it('of a year to come says that it is provisional, of a region whose days are not all known, and where nobody named the region', () => {
    expect(compute('ru-gpk/321-2', { event: { day: '2029-05-10' }, zone }, 'RU-MOW').doubts).toEqual(['year-not-published']);
    expect(compute('ru-gpk/321-2', { event: { day: '2026-05-12' }, zone })).toMatchObject({ provisional: true, doubts: ['region-not-said'] });
    expect(compute('ru-gpk/321-2', { event: { day: '2026-05-12' }, zone }, 'RU-XX').doubts).toEqual(['regional-days-incomplete']);
    expect(compute('ru-gpk/321-2', { event: { day: '2026-05-12' }, zone }, 'RU-MOW').doubts).toEqual([]);
    expect(compute('de-zpo/517', { event: { day: '2040-05-10' }, zone }, 'DE-BE').doubts).toEqual([]);
  });

  it.each<[string, string, string, Partial<Question> & { region?: string }]>([
    ['rule-not-in-force', 'ru-gpk/376.1-1-2', '2024-08-31', {}], ['rule-not-in-force', 'ru-gpk/376.1-1', '2024-09-01', {}], ['rule-not-in-force', 'ru-gpk/394-2', '2023-12-31', {}],
    ['rule-not-in-force', 'ru-gpk/321-2', '2019-09-30', {}],
    ['calendar-year-missing', 'ru-gpk/332', '2023-12-20', {}],
    ['length-needed', 'ru-gpk/107-1', '2026-03-02', {}],
    ['length-not-free', 'ru-gpk/128', '2026-03-02', { length: { unit: 'days', n: 5 } }],
    ['too-long-a-term', 'ru-gpk/107-1', '2026-03-02', { length: { unit: 'days', n: 367 } }],
    ['unit-unknown', 'ru-gpk/107-1', '2026-03-02', { length: { unit: 'weeks', n: 2 } }],
    ['stay-not-settled', 'ru-gpk/321-2', '2026-03-02', { stays: [{ from: '2026-03-10', until: '2026-03-20' }] }],
    ['stays-out-of-order', 'ru-gpk/332', '2026-03-02', { stays: [{ from: '2026-03-10', until: '2026-03-10' }] }],
    ['stay-too-long', 'ru-gpk/332', '2026-03-02', { stays: [{ from: '2026-03-10', until: '9999-12-31' }] }],
    ['calendar-year-missing', 'ru-gpk/332', '2199-12-20', {}],
    ['region-needed', 'de-zpo/517', '2026-03-02', {}],
    ['region-unknown', 'de-zpo/517', '2026-03-02', { region: 'DE-XX' }],
  ])('is refused with %s: %s of %s', (code, rule, day, { region, ...more }) => {
    expect(refused(() => compute(rule, { event: { day }, zone, ...more }, region))).toBe(code);
  });
});

describe('Calendars', () => {
  const law = laws.find(({ name }) => name === 'ru')!;
  const title = { en: 'A day', ru: 'День' };

  it('a region’s holiday is off also on a Saturday that the country works, and gives no way to a region’s working day', () => {
    const [monday, saturday, holiday] = ['2030-03-04', '2030-03-09', '2030-03-08'];
    const day = (on: string, as: 'holiday' | 'working') => ({ day: on, as, title, article: 'Указ' });
    const document: CalendarYear = { ...years[0]!, year: 2030, days: [day(saturday, 'working'), day(holiday, 'holiday')], regions: { 'RU-TA': { complete: true, days: [day(saturday, 'holiday'), day(monday, 'holiday'), day(holiday, 'working')] } } };
    const working = (region: string) => [monday, holiday, saturday].filter((one) => calendarOf(law, [document], region).on(Temporal.PlainDate.from(one)).working);
    expect(working('RU-MOW')).toEqual([monday, saturday]);
    expect(working('RU-TA')).toEqual([]);
    expect([monday, holiday, saturday].filter((one) => !isOff(numberOf(one), law, [document], 'RU-TA'))).toEqual([]);
  });

  it('that leave nobody a working day for weeks are refused, whoever of country, region and weekend adds to it', () => {
    const holidays = (month: string, days: number) => [{ on: `${month}-01`, days, title, article: 'x' }];
    const of = (national: number, regional: number): CalendarLaw => ({ ...law, observances: holidays('06', national), regions: { ...law.regions, list: { 'RU-TA': { titles: title, complete: true, observances: regional === 0 ? [] : holidays('07', regional) } } } });
    const troubles = (work: () => unknown): unknown => { try { work(); } catch (error) { return (error as DomainError).errors?.map(({ pointer, code }) => [pointer, code]); } return []; };
    expect(troubles(() => checkLaw(of(20, 0)))).toEqual([]);
    expect(troubles(() => checkLaw(of(31, 0)))).toContainEqual(['/document/observances', 'no-working-day']);
    expect(troubles(() => checkLaw({ ...of(30, 0), weekend: { ...law.weekend, days: [1, 6, 7] } }))).toContainEqual(['/document/observances', 'no-working-day']);
    expect(troubles(() => checkLaw(of(28, 20)))).toEqual([['/document/regions/list/RU-TA/observances', 'no-working-day']]);
    const many = ['02', '04', '06', '08', '10'].flatMap((month) => holidays(month, 14));
    const both: CalendarLaw = { ...of(0, 0), observances: many, regions: { ...law.regions, list: { 'RU-TA': { titles: title, complete: true, observances: many } } } };
    expect(troubles(() => checkLaw(both))).toEqual([['/document/regions/list/RU-TA/observances', 'too-many-days-off']]);
    const row = (from: string, count: number): CalendarYear['days'] => Array.from({ length: count }, (_, i) => ({ day: Temporal.PlainDate.from(from).add({ days: i }).toString(), as: 'holiday' as const, title, article: 'x' }));
    const year: CalendarYear = { ...years[0]!, year: 2030, days: row('2030-06-01', 20), regions: { 'RU-TA': { complete: true, days: row('2030-06-21', 20) } } };
    expect(troubles(() => checkPublishedYears([law], year))).toEqual([['/document/regions/RU-TA/days', 'no-working-day']]);
    expect(troubles(() => checkPublishedYears([law], { ...year, regions: {} }))).toEqual([]);
    expect(troubles(() => checkPublishedYears([year], law))).toEqual([['/document/observances', 'no-working-day']]);
    for (const one of [...laws, ...years]) expect(troubles(() => { checkLaw(one); checkPublishedYears([...laws, ...years], one); })).toEqual([]);
  });
  const numberOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

  it.each(years.map((one) => [one.year, one] as const))('%s as published differs from the computed one only in what the government moved', (year, { days }) => {
    const moved = days.filter(({ article, as, from }) => as === 'working' || (from !== undefined && /Правительства/.test(article)));
    // A holiday's weekend that the government moved elsewhere is not given back as the Code alone would.
    const notGivenBack = moved.filter(({ as, from }) => as === 'moved' && law.observances.some((one) => one.moves && 'on' in one && one.on === from!.slice(5)));
    const differing = Array.from({ length: 366 }, (_, i) => numberOf(`${year}-01-01`) + i).filter((n) => isOff(n, law, [], undefined) !== isOff(n, law, years, undefined));
    expect(differing.filter((n) => !moved.some(({ day }) => numberOf(day) === n))).toHaveLength(notGivenBack.length);
    expect(moved.every(({ day }) => differing.includes(numberOf(day)))).toBe(true);
  });
});

const anyDay = fc.integer({ min: 0, max: 365 * 12 }).map((n) => new Date(Date.UTC(2025, 0, 1) + n * 86_400_000).toISOString().slice(0, 10));
const anyLength = fc.oneof(
  fc.record({ unit: fc.constant('days' as const), n: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ unit: fc.constant('months' as const), n: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ unit: fc.constant('years' as const), n: fc.integer({ min: 1, max: 3 }) }),
);
// Those that are still in force: days are drawn from 2025 on.
const anyRule = fc.constantFrom(...packs.flatMap((pack) => pack.rules.filter(({ until }) => until === undefined).map((rule) => ({ pack, rule, name: `${pack.name}/${rule.rule}` }))));
const anyQuestion = fc.record({ one: anyRule, day: anyDay, given: anyLength, region: fc.nat(), begun: fc.integer({ min: 0, max: 40 }), stood: fc.integer({ min: 0, max: 60 }) }).map(({ one: { pack, rule, name }, day, given, region, begun, stood }) => {
  const regions = [...(lawOf(pack).regions.needed ? [] : [undefined]), ...Object.keys(lawOf(pack).regions.list)];
  const from = new Date(Date.parse(`${day}T00:00:00Z`) + (begun - 5) * 86_400_000);
  const unit = rule.term === 'set-by-court' ? given.unit : rule.term.unit;
  const mayStand = stood > 0 && (pack.counting.suspension?.units.includes(unit) ?? false);
  const stays = mayStand ? [{ from: from.toISOString().slice(0, 10), until: new Date(from.getTime() + stood * 86_400_000).toISOString().slice(0, 10) }] : [];
  return { name, region: regions[region % regions.length], question: { event: { day }, zone, stays, ...(rule.term === 'set-by-court' && { length: given }) } };
});

describe('For any rule, day, region and stay', () => {
  it('the last day is a working one, and a checker that knows nothing of us comes to the same', () => {
    fc.assert(fc.property(anyQuestion, ({ name, region, question }) => {
      const derivation = compute(name, question, region);
      expect(replayed(derivation)).toBe(derivation.day);
      const { pack } = found(name);
      expect(isOff(Date.parse(`${derivation.day}T00:00:00Z`) / 86_400_000, lawOf(pack), yearsOf(pack), region)).toBe(false);
    }), { numRuns: 1500 });
  });

  it('a later event never ends earlier', () => {
    fc.assert(fc.property(anyQuestion, fc.integer({ min: 1, max: 45 }), ({ name, region, question }, days) => {
      const later = new Date(Date.parse(`${question.event.day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
      const [one, two] = [question.event.day, later].map((day) => compute(name, { ...question, event: { day } }, region).day);
      expect(two! >= one!).toBe(true);
    }), { numRuns: 1500 });
  });
});
