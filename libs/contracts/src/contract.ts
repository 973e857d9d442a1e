import { createHash } from 'node:crypto';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';
import { DomainError } from '@opora/domain';

export interface Topic {
  readonly name: string;
  /** What its events are keyed by: order holds per key. For people. */
  readonly key: string;
  /** Only the newest value of a key is kept for ever; the others age out. */
  readonly compacted: boolean;
  /** A null value erases the key: any later value of it is dropped. */
  readonly erasable: boolean;
}

/** One kind of event: its type, where it travels, and the shape of its data. */
export interface Contract<T extends string = string, S extends TSchema = TSchema> {
  readonly type: T;
  /** Semantic version of the data's shape: within a major only optional fields come and go. */
  readonly version: string;
  readonly topic: Topic;
  readonly schema: S;
  readonly description: string;
}

export type DataOf<C> = C extends Contract<string, infer S> ? Static<S> : never;

const ajv = new Ajv2020({ allErrors: true, strict: false });
(addFormats as unknown as (a: Ajv2020) => void)(ajv);
const compiled = new WeakMap<TSchema, ValidateFunction>();

export const contract = <T extends string, S extends TSchema>(
  topic: Topic, type: T, version: string, schema: S, description: string,
): Contract<T, S> => ({ topic, type, version, schema, description });

const validatorOf = (schema: TSchema): ValidateFunction => {
  let validate = compiled.get(schema);
  if (!validate) compiled.set(schema, (validate = ajv.compile(schema)));
  return validate;
};

const checked = (validate: ValidateFunction, { type, version }: Contract, data: unknown): void => {
  if (validate(data)) return;
  const errors = (validate.errors ?? []).slice(0, 10).map((e) => ({ pointer: e.instancePath, code: e.keyword, detail: e.message ?? 'invalid' }));
  throw new DomainError('invalid', 'contract-violated', `The data does not fit ${type} ${version}`, errors);
};

/** For what is said: refuses data that does not have the contract's shape, to the last field. Says where, never what stood there. */
export const check = <S extends TSchema>(against: Contract<string, S>, data: unknown): Static<S> => {
  checked(validatorOf(against.schema), against, data);
  return data as Static<S>;
};

const opened = new WeakMap<TSchema, TSchema>();

const open = (schema: TSchema): TSchema => {
  let wide = opened.get(schema);
  if (!wide) opened.set(schema, (wide = JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === 'additionalProperties' ? undefined : value))) as TSchema));
  return wide;
};

/** For what is heard: the same, but a field that a later version of the speaker added is no reason to refuse. */
export const checkHeard = <S extends TSchema>(against: Contract<string, S>, data: unknown): void =>
  checked(validatorOf(open(against.schema)), against, data);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
};

/** JSON with sorted keys: the same value always gives the same text. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value));

export const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');
