import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize, IsArray, IsBoolean, IsDefined, IsIn, IsInt, IsNumber, IsObject, IsString, IsUUID, Matches, Max, MaxLength, Min, MinLength, ValidateBy, ValidateIf,
  ValidateNested, type ValidationOptions,
} from 'class-validator';
import { Temporal } from 'temporal-polyfill';

export interface FieldOptions {
  optional?: boolean;
  /** May be null, and null means something. */
  nullable?: boolean;
  list?: boolean;
  maxItems?: number;
  description?: string;
  example?: unknown;
}

/** One decorator for what is checked and what the API description says of it, so that the two cannot differ. */
const field = (api: object, checks: (options: ValidationOptions) => PropertyDecorator[], o: FieldOptions = {}): PropertyDecorator => {
  const { optional = false, nullable = false, list = false, maxItems = 100, description, example } = o;
  return applyDecorators(
    ApiProperty({ ...api, required: !optional, isArray: list, ...(list && { maxItems }), ...(nullable && { nullable }), ...(description && { description }), ...(example !== undefined && { example }) } as ApiPropertyOptions),
    ValidateIf((_, value) => !(optional && value === undefined) && !(nullable && value === null)),
    IsDefined(),
    ...(list ? [IsArray(), ArrayMaxSize(maxItems)] : []),
    ...checks({ each: list }),
  );
};

const parses = (name: string, parse: (value: string) => unknown, format: RegExp) => (options: ValidationOptions) => ValidateBy({
  name,
  validator: {
    validate: (value) => {
      if (typeof value !== 'string' || !format.test(value)) return false;
      try { parse(value); return true; } catch { return false; }
    },
    defaultMessage: () => `must be a valid ${name}`,
  },
}, options);

const isDay = parses('day (YYYY-MM-DD)', (v) => Temporal.PlainDate.from(v, { overflow: 'reject' }), /^\d{4}-\d\d-\d\d$/);
const AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;
const isAt = parses('instant (RFC 3339, UTC, ending in Z)', (v) => Temporal.Instant.from(v), AT);

export const Text = (maxLength: number, o?: FieldOptions) =>
  field({ type: String, minLength: 1, maxLength }, (each) => [IsString(each), MinLength(1, each), MaxLength(maxLength, each)], o);

const STAFF = /^[A-Za-z0-9._:@|-]{1,80}$/;
const CODE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$/;
export const CodeField = (o?: FieldOptions) => field({ type: String, pattern: CODE.source }, (each) => [Matches(CODE, each)], o);

/** The `sub` of a staff member, as plan entries may carry it. */
export const StaffField = (o?: FieldOptions) => field({ type: String, pattern: STAFF.source }, (each) => [Matches(STAFF, each)], o);

export const IdField = (o?: FieldOptions) => field({ type: String, format: 'uuid' }, (each) => [IsUUID('all', each)], o);

export const DayField = (o?: FieldOptions) => field({ type: String, format: 'date' }, (each) => [isDay(each)], o);

/** Instants are compared as texts everywhere, so all of them get the one form with milliseconds. */
const withMilliseconds = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withMilliseconds);
  try {
    return typeof value === 'string' && AT.test(value) ? Temporal.Instant.from(value).toString({ smallestUnit: 'millisecond' }) : value;
  } catch {
    return value;
  }
};

export const AtField = (o?: FieldOptions) => field({ type: String, format: 'date-time' }, (each) => [Transform(({ value }) => withMilliseconds(value)), isAt(each)], o);

export const Flag = (o?: FieldOptions) => field({ type: Boolean }, (each) => [IsBoolean(each)], o);

/** Marks what has to become a number when it comes in a URL. */
export const NUMBER = 'opora:number';
const number = (): PropertyDecorator => (target, property) => Reflect.defineMetadata(NUMBER, true, target, property);

export const Whole = (minimum: number, maximum: number, o?: FieldOptions) =>
  field({ type: 'integer', minimum, maximum }, (each) => [number(), IsInt(each), Min(minimum, each), Max(maximum, each)], o);

export const Decimal = (o?: FieldOptions) => field({ type: Number }, (each) => [number(), IsNumber({ allowNaN: false, allowInfinity: false }, each)], o);

export const OneOf = (values: readonly string[], o?: FieldOptions) =>
  field({ type: String, enum: [...values] }, (each) => [IsIn([...values], each)], o);

/** An object of a class of its own fields. */
export const Part = (type: () => abstract new (...a: never[]) => object, o?: FieldOptions) =>
  // Swagger resolves a class lazily only from a function that is called "type".
  field({ type: () => type() }, (each) => [IsObject(each), ValidateNested(each), Type(type as () => new () => object)], o);

/** A JSON object whose shape another standard describes. */
export const Json = (o?: FieldOptions) => field({ type: 'object', additionalProperties: true }, (each) => [IsObject(each)], o);
