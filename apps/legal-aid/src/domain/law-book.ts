import { DomainError, type Day, type Instant } from '@opora/domain';
import { calendarOf, type Calendar } from './calendar.js';
import { defaultNotice, newest, type CalendarLaw, type CalendarYear, type LawDocument, type Pack, type Rule } from './law.js';
import { computeTerm, localDay, type Derivation, type Question } from './legal-time.js';

/** All law that was taken in up to a moment. `serial` grows with every document. */
export interface LawBook { readonly serial: number; readonly documents: readonly LawDocument[] }

export interface TermQuestion extends Question {
  /** `<pack>/<rule>`, as in `ru-gpk/321-2`. */
  readonly rule: string;
  /** A version of the pack; the newest that was in force on the day of the event, unless said. */
  readonly packVersion?: number;
  /** The pack's own, unless said. */
  readonly calendar?: string;
  readonly region?: string;
}

const inForce = ({ inForce: { from, until } }: Pack, day: Day): boolean => day >= from && (until === undefined || day <= until);

const isPack = (document: LawDocument): document is Pack => document.kind === 'pack';
const isYear = (document: LawDocument): document is CalendarYear => document.kind === 'calendar-year';
const isCalendar = (document: LawDocument): document is CalendarLaw => document.kind === 'calendar';

/** The packs in force on a day, each in its newest version. */
export const packsOn = ({ documents }: LawBook, day: Day): Pack[] => newest(documents.filter(isPack).filter((pack) => inForce(pack, day)), ({ name }) => name);

export const calendarIn = ({ documents }: LawBook, name: string, region?: string): Calendar => {
  const [law] = newest(documents.filter(isCalendar).filter((one) => one.name === name), () => name);
  if (!law) throw new DomainError('invalid', 'calendar-unknown', 'There is no such calendar', [{ pointer: '/calendar', code: 'calendar-unknown', detail: 'names no calendar' }]);
  return calendarOf(law, newest(documents.filter(isYear).filter((one) => one.name === name), ({ year }) => String(year)), region);
};

const ruleIn = (book: LawBook, name: string, day: Day, version: number | undefined): { pack: Pack; rule: Rule } => {
  const candidates = book.documents.filter(isPack).filter((pack) => name.startsWith(`${pack.name}/`) && pack.rules.some(({ rule }) => name === `${pack.name}/${rule}`));
  if (candidates.length === 0) throw new DomainError('invalid', 'rule-unknown', 'There is no such rule', [{ pointer: '/rule', code: 'rule-unknown', detail: 'names no rule' }]);
  const fitting = version === undefined ? candidates.filter((pack) => inForce(pack, day)) : candidates.filter((pack) => pack.version === version);
  const [pack = candidates[0]!] = newest(fitting, () => name);
  return { pack, rule: pack.rules.find(({ rule }) => name === `${pack.name}/${rule}`)! };
};

const eventDay = (event: { day: Day } | { at: Instant }, zone: string): Day => 'at' in event ? localDay(event.at, zone).toString() : event.day;

/** How long before its end a term of this rule is said to come, and the version of the pack that answers for it. */
export const pinned = (book: LawBook, { rule: name, packVersion, event, zone }: TermQuestion): { packVersion: number; notice: readonly number[] } => {
  const { pack, rule } = ruleIn(book, name, eventDay(event, zone), packVersion);
  return { packVersion: pack.version, notice: rule.notice ?? defaultNotice };
};

export const answerFrom = (book: LawBook, { rule: name, packVersion, calendar, region, ...question }: TermQuestion): Derivation => {
  const { pack, rule } = ruleIn(book, name, eventDay(question.event, question.zone), packVersion);
  return computeTerm(pack, rule, calendarIn(book, calendar ?? pack.calendar, region), question);
};
