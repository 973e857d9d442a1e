import type { Coding, Quantity } from './fhir.js';

/** An answer's value: `type` is what follows `value` in the JSON name, such as `Coding` or `Integer`. */
export interface Value {
  type: string;
  value: unknown;
}

const answerTypes = ['Boolean', 'Decimal', 'Integer', 'Date', 'DateTime', 'Time', 'String', 'Uri', 'Attachment', 'Coding', 'Quantity', 'Reference'];

export const valuesIn = (element: object, prefix = 'value'): Value[] =>
  Object.entries(element).flatMap(([key, value]) => (key.startsWith(prefix) && /^[A-Z]/.test(key.slice(prefix.length)) && value !== undefined && value !== null
    ? [{ type: key.slice(prefix.length), value }] : []));

export const valueIn = (element: object, prefix = 'value'): Value | undefined => valuesIn(element, prefix)[0];

const date = String.raw`\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?`;
const time = String.raw`([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?`;
const zone = String.raw`(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))`;
const patterns: Record<string, RegExp> = {
  Date: new RegExp(`^${date}$`),
  DateTime: new RegExp(String.raw`^(${date}|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T${time}${zone})$`),
  Time: new RegExp(`^${time}$`),
};

const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

const isCalendarDay = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  return !day || Number(day) <= daysInMonth(Number(year), Number(month));
};

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => value === undefined || (typeof value === 'string' && value !== '' && isStorable(value));

/** FHIR's limit, 1 MB, counted in UTF-16 units; and what PostgreSQL's jsonb can hold. */
const isStorable = (text: string): boolean => text.length <= 1024 * 1024 && !text.includes('\0') && text.isWellFormed();

/** Whether a JSON value is a correct FHIR R4 value of this type. */
export const isCorrect = ({ type, value }: Value): boolean => {
  switch (type) {
    case 'Boolean': return typeof value === 'boolean';
    case 'Integer': return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
    case 'Decimal': return typeof value === 'number' && Number.isFinite(value);
    case 'Date': case 'DateTime': case 'Time':
      return typeof value === 'string' && patterns[type]!.test(value) && (type === 'Time' || isCalendarDay(value));
    case 'String': case 'Uri': return typeof value === 'string' && value.trim() !== '' && isStorable(value);
    case 'Coding': {
      const coding = value as Coding;
      return isObject(value) && [coding.system, coding.code, coding.display].every(isText) && (coding.code ?? coding.display) !== undefined;
    }
    case 'Quantity': {
      const quantity = value as Quantity;
      return isObject(value) && typeof quantity.value === 'number' && Number.isFinite(quantity.value) && [quantity.unit, quantity.code, quantity.system].every(isText);
    }
    case 'Attachment': case 'Reference': return isObject(value);
    default: return false;
  }
};

export const isAnswerType = (type: string): boolean => answerTypes.includes(type);
