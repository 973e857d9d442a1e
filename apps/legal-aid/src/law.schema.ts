import { DomainError } from '@opora/domain';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Type, type Static } from 'typebox';
import { units, type LawDocument } from './domain/law.js';
import { checkLaw } from './domain/law-check.js';

const closed = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,38}$' });
const Version = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const Short = Type.String({ minLength: 1, maxLength: 300 });
const Titles = Type.Object({ en: Short, ru: Short }, closed);
const Day = Type.String({ format: 'date' });
const Year = Type.Integer({ minimum: 1900, maximum: 2199 });
const MonthDay = Type.String({ pattern: '^\\d{2}-\\d{2}$' });
const RegionCode = '^[A-Z]{2}-[A-Za-z0-9-]{1,40}$';
const Remark = Type.Object({ article: Short, title: Titles }, closed);

const Source = Type.Object({
  publisher: Short, title: Short, number: Type.Optional(Short), date: Type.Optional(Day), address: Type.Optional(Type.String({ maxLength: 500, pattern: '^https://' })),
}, closed);

const observance = { title: Titles, article: Short, from: Type.Optional(Year), until: Type.Optional(Year), moves: Type.Optional(Type.Boolean()) };
const Observance = Type.Union([
  Type.Object({ ...observance, on: MonthDay, days: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })) }, closed),
  Type.Object({ ...observance, easter: Type.Integer({ minimum: -80, maximum: 200 }) }, closed),
  Type.Object({ ...observance, weekday: Type.Integer({ minimum: 1, maximum: 7 }), before: MonthDay }, closed),
]);
const Observances = Type.Array(Observance, { maxItems: 100 });

const CalendarLaw = Type.Object({
  kind: Type.Literal('calendar'), name: Name, version: Version, source: Source, titles: Titles,
  weekend: Type.Object({ days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 3, uniqueItems: true }), article: Short, title: Titles }, closed),
  since: Year, computed: Type.Enum(['provisional', 'final']), observances: Observances, moving: Type.Optional(Remark),
  regions: Type.Object({
    needed: Type.Boolean(), closed: Type.Boolean(),
    list: Type.Record(Type.String({ pattern: RegionCode }), Type.Object({ titles: Titles, complete: Type.Boolean(), observances: Observances }, closed), closed),
  }, closed),
}, closed);

const Days = Type.Array(Type.Object({
  day: Day, as: Type.Enum(['holiday', 'moved', 'working']), title: Titles, article: Short, from: Type.Optional(Day),
}, closed), { maxItems: 120 });

const CalendarYear = Type.Object({
  kind: Type.Literal('calendar-year'), name: Name, year: Year, version: Version, source: Source, days: Days,
  regions: Type.Optional(Type.Record(Type.String({ pattern: RegionCode }), Type.Object({ complete: Type.Boolean(), days: Days }, closed), closed)),
}, closed);

const Unit = Type.Enum([...units]);
const InMonths = Type.Object({ article: Short, shortMonth: Short }, closed);
const counting = {
  begin: Type.Object({ on: Type.Enum(['next-day', 'same-day']), article: Short }, closed),
  days: Type.Optional(Type.Object({ count: Type.Enum(['working', 'calendar']), article: Short }, closed)),
  weeks: Type.Optional(Type.Object({ article: Short }, closed)),
  months: Type.Optional(InMonths), years: Type.Optional(InMonths),
  lastDay: Type.Optional(Type.Object({ article: Short }, closed)),
  expires: Type.Object({ article: Short }, closed),
  suspension: Type.Optional(Type.Object({ then: Type.Enum(['continue', 'begin-anew']), article: Short, units: Type.Array(Unit) }, closed)),
};

const Rule = Type.Object({
  rule: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,38}$' }), article: Short, title: Titles, event: Titles,
  term: Type.Union([Type.Object({ unit: Unit, n: Type.Integer({ minimum: 1, maximum: 1000 }) }, closed), Type.Literal('set-by-court')]),
  from: Type.Optional(Day), until: Type.Optional(Day), counting: Type.Optional(Type.Partial(Type.Object(counting, closed))),
  extendable: Type.Optional(Remark), restorable: Type.Optional(Remark),
  notice: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 366 }), { maxItems: 10, uniqueItems: true })), remarks: Type.Optional(Type.Array(Remark, { maxItems: 10 })),
}, closed);

const Pack = Type.Object({
  kind: Type.Literal('pack'), name: Name, version: Version, source: Source, titles: Titles, calendar: Name,
  inForce: Type.Object({ from: Day, until: Type.Optional(Day) }, closed),
  counting: Type.Object(counting, closed), remarks: Type.Array(Remark, { maxItems: 10 }), rules: Type.Array(Rule, { minItems: 1, maxItems: 300 }),
}, closed);

const ajv = new Ajv2020({ allErrors: true, strict: false });
(addFormats as unknown as (a: Ajv2020) => void)(ajv);
const fits = { calendar: ajv.compile<Static<typeof CalendarLaw>>(CalendarLaw), 'calendar-year': ajv.compile<Static<typeof CalendarYear>>(CalendarYear), pack: ajv.compile<Static<typeof Pack>>(Pack) };

/** A document of law, or a refusal that says where it is none. */
export const readLaw = (document: object): LawDocument => {
  const { kind } = document as { kind?: unknown };
  const fit = typeof kind === 'string' && Object.hasOwn(fits, kind) ? fits[kind as keyof typeof fits] : undefined;
  if (!fit) throw new DomainError('invalid', 'law-document-unfit', 'Say what it is', [{ pointer: '/document/kind', code: 'not-one-of', detail: `must be one of ${Object.keys(fits).join(', ')}` }]);
  if (!fit(document)) {
    const errors = (fit.errors ?? []).slice(0, 20).map(({ instancePath, keyword, message }) => ({ pointer: `/document${instancePath}`, code: `schema-${keyword}`, detail: message ?? 'is not valid' }));
    throw new DomainError('invalid', 'law-document-unfit', 'The document does not have the form of its kind', errors);
  }
  checkLaw(document satisfies LawDocument);
  return document;
};
