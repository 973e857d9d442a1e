import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import type { Trouble } from '@opora/domain';
import { hasForm, isAt, isDay, isDecimal, isFlag, isId, isObject, isOneOf, isText, isWhole, withMilliseconds, type Check } from './field-checks.js';

export interface FieldOptions {
  optional?: boolean;
  /** May be null, and null means something. */
  nullable?: boolean;
  list?: boolean;
  minItems?: number;
  maxItems?: number;
  /** A narrower form than the field's own, of a text or of each item. */
  pattern?: RegExp;
  description?: string;
  /** Of the whole field: a list where it is a list. Each kind of field has one of its own. */
  example?: unknown;
}

/** Under this name a failed field carries `troubles(value)`, the pointers relative to the field. */
export const FIELD = 'opora:field';

const ofList = (check: Check, value: unknown, minItems: number, maxItems: number): Trouble[] => {
  if (!Array.isArray(value)) return [{ pointer: '', code: 'wrong-type', detail: 'must be a list' }];
  if (value.length < minItems) return [{ pointer: '', code: 'too-few', detail: `must have at least ${minItems} items` }];
  if (value.length > maxItems) return [{ pointer: '', code: 'too-many', detail: `must have at most ${maxItems} items` }];
  return value.flatMap((item: unknown, at) => of(check, item).map((trouble) => ({ ...trouble, pointer: `/${at}` })));
};

const of = (check: Check, value: unknown): Trouble[] => {
  const [code, detail] = check(value) ?? [];
  return code === undefined ? [] : [{ pointer: '', code, detail: detail! }];
};

/** One decorator for what is checked and what the API description says of it, so that the two cannot differ. */
const field = (api: object, own: Check, o: FieldOptions = {}, ...more: PropertyDecorator[]): PropertyDecorator => {
  const { optional = false, nullable = false, list = false, minItems = 0, maxItems = 100, pattern, description } = o;
  const narrower = pattern && hasForm(pattern, `must have the form ${pattern.source}`);
  const check: Check = narrower ? (value) => own(value) ?? narrower(value) : own;
  const { example: one, ...shape } = { ...api, ...(pattern && { pattern: pattern.source }) } as { example?: unknown; type: unknown };
  const example = o.example ?? (list && one !== undefined ? [one] : one);
  const items = { maxItems, ...(minItems > 0 && { minItems }) };
  const troubles = (value: unknown): Trouble[] => {
    if (value === undefined || value === null) return [{ pointer: '', code: 'missing', detail: 'is needed' }];
    return list ? ofList(check, value, minItems, maxItems) : of(check, value);
  };
  return applyDecorators(
    ApiProperty({
      ...(!list ? shape : typeof shape.type === 'string' ? { type: 'array', items: shape, ...items } : { ...shape, isArray: true, ...items }),
      required: !optional, ...(nullable && { nullable }), ...(description && { description }), ...(example !== undefined && { example }),
    } as ApiPropertyOptions),
    ValidateIf((_, value) => !(optional && value === undefined) && !(nullable && value === null)),
    // Without a message class-validator forgets the context.
    ValidateBy({ name: FIELD, validator: { validate: (value) => troubles(value).length === 0, defaultMessage: () => 'is not valid' } }, { context: { troubles } }),
    ...more,
  );
};

export const Text = (maxLength: number, o?: FieldOptions) =>
  field({ type: 'string', minLength: 1, maxLength, example: 'text'.slice(0, maxLength) }, isText(maxLength), o);

const CODE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$/;
export const CodeField = (o?: FieldOptions) =>
  field({ type: 'string', pattern: CODE.source, example: 'other' }, hasForm(CODE, 'must be a code of 1 to 80 letters, digits and . _ : / -'), o);

const STAFF = /^[A-Za-z0-9._:@|-]{1,80}$/;
/** The `sub` of a staff member, as plan entries may carry it. */
export const StaffField = (o?: FieldOptions) =>
  field({ type: 'string', pattern: STAFF.source, example: 'worker-1' }, hasForm(STAFF, 'must be the sub of a staff member: 1 to 80 letters, digits and . _ : @ | -'), o);

export const EXAMPLE_ID = '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b';
/** In small letters, whatever was sent: ids are compared as texts. */
const inSmallLetters = (value: unknown): unknown =>
  typeof value === 'string' ? value.toLowerCase() : Array.isArray(value) ? value.map(inSmallLetters) : value;
export const IdField = (o?: FieldOptions) =>
  field({ type: 'string', format: 'uuid', example: EXAMPLE_ID }, isId, o, Transform(({ value }) => inSmallLetters(value)));

export const DayField = (o?: FieldOptions) => field({ type: 'string', format: 'date', example: '2026-03-01' }, isDay, o);

export const AtField = (o?: FieldOptions) =>
  field({ type: 'string', format: 'date-time', example: '2026-03-01T09:30:00.000Z' }, isAt, o, Transform(({ value }) => withMilliseconds(value)));

export const Flag = (o?: FieldOptions) => field({ type: 'boolean', example: true }, isFlag, o);

/** Marks what has to become a number when it comes in a URL. */
export const NUMBER = 'opora:number';
const number: PropertyDecorator = (target, property) => Reflect.defineMetadata(NUMBER, true, target, property);

export const Whole = (minimum: number, maximum: number, o?: FieldOptions) =>
  field({ type: 'integer', minimum, maximum, example: Math.max(minimum, Math.min(maximum, 1)) }, isWhole(minimum, maximum), o, number);

export const Decimal = (o?: FieldOptions) => field({ type: 'number', example: 1.5 }, isDecimal, o, number);

export const OneOf = (values: readonly string[], o?: FieldOptions) =>
  field({ type: 'string', enum: [...values], example: values[0] }, isOneOf(values), o);

/** An object of a class of its own fields. Its example is made of theirs. */
export const Part = (type: () => abstract new (...a: never[]) => object, o?: FieldOptions) =>
  // Swagger resolves a class lazily only from a function that is called "type".
  field({ type: () => type() }, isObject, o, ValidateNested({ each: o?.list === true }), Type(type as () => new () => object));

/** A JSON object whose shape another standard describes. */
export const Json = (o?: FieldOptions) => field({ type: 'object', additionalProperties: true, example: {} }, isObject, o);
