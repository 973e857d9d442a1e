import { isUUID } from 'class-validator';
import { Temporal } from 'temporal-polyfill';

/** The codes of `errors[]` that every service uses for fields; a rule of one service may add its own. */
export const fieldCodes = {
  'unknown-field': 'Not a field of this request',
  missing: 'Needed, and not there',
  'wrong-type': 'Another JSON type is expected',
  'too-short': 'The text is too short',
  'too-long': 'The text is too long',
  'too-few': 'The list has too few items',
  'too-many': 'The list has too many items',
  'not-a-uuid': 'A UUID is expected',
  'not-a-day': 'A day, YYYY-MM-DD, is expected',
  'not-an-instant': 'An instant in UTC, RFC 3339 and ending in Z, is expected',
  'not-one-of': 'One of the listed values is expected',
  'out-of-range': 'The number is too small or too large',
  'bad-format': 'The text does not have the form that is asked for',
  'not-text': 'Unicode text without NUL is expected',
  'too-deep': 'Nested too deep',
} as const;

export type FieldCode = keyof typeof fieldCodes;

/** What is wrong with a value, and what is expected instead; nothing when all is well. Never repeats the value. */
export type Check = (value: unknown) => readonly [code: FieldCode, detail: string] | undefined;

/** Code points, as JSON Schema counts them. */
const lengthOf = (text: string): number => [...text].length;

export const isText = (maxLength: number): Check => (value) => {
  if (typeof value !== 'string') return ['wrong-type', 'must be a text'];
  if (value === '') return ['too-short', 'must not be empty'];
  return value.length > maxLength && lengthOf(value) > maxLength ? ['too-long', `must have at most ${maxLength} characters`] : undefined;
};

export const hasForm = (form: RegExp, detail: string): Check => (value) => {
  if (typeof value !== 'string') return ['wrong-type', 'must be a text'];
  return form.test(value) ? undefined : ['bad-format', detail];
};

export const isId: Check = (value) => isUUID(value, 'all') ? undefined : ['not-a-uuid', 'must be a UUID'];

const parses = (value: unknown, form: RegExp, parse: (text: string) => unknown): boolean => {
  if (typeof value !== 'string' || !form.test(value)) return false;
  try { parse(value); return true; } catch { return false; }
};

// PostgreSQL has no year 0.
const DAY = /^(?!0000)\d{4}-\d\d-\d\d$/;
export const isDay: Check = (value) =>
  parses(value, DAY, (text) => Temporal.PlainDate.from(text, { overflow: 'reject' })) ? undefined : ['not-a-day', 'must be a day that exists, as YYYY-MM-DD'];

// As contracts have it: compared as texts, and no year has to be padded.
const AT = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;
const isInstant = (value: unknown): value is string => parses(value, AT, (text) => Temporal.Instant.from(text));
export const isAt: Check = (value) => isInstant(value) ? undefined : ['not-an-instant', 'must be an instant in UTC, as 2026-03-01T09:30:00Z'];

/** Instants are compared as texts everywhere, so all of them get the one form with milliseconds. */
export const withMilliseconds = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withMilliseconds);
  return isInstant(value) ? Temporal.Instant.from(value).toString({ smallestUnit: 'millisecond' }) : value;
};

export const isFlag: Check = (value) => typeof value === 'boolean' ? undefined : ['wrong-type', 'must be true or false'];

export const isWhole = (minimum: number, maximum: number): Check => (value) => {
  if (!Number.isInteger(value)) return ['wrong-type', 'must be a whole number'];
  return (value as number) < minimum || (value as number) > maximum ? ['out-of-range', `must be from ${minimum} to ${maximum}`] : undefined;
};

export const isDecimal: Check = (value) => Number.isFinite(value) ? undefined : ['wrong-type', 'must be a number'];

export const isOneOf = (values: readonly string[]): Check => (value) =>
  values.includes(value as string) ? undefined : ['not-one-of', `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`];

export const isObject: Check = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : ['wrong-type', 'must be a JSON object'];
