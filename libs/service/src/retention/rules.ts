import type { Day, Instant } from '@opora/domain';
import { recordTypeOf, type AnyStore, type Keeps } from '@opora/messaging';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Temporal } from 'temporal-polyfill';
import { Type, type Static } from 'typebox';
import type { ServiceDefinition } from '../definition.js';
import { objectionFacts } from '../objection.js';

const closed = { additionalProperties: false } as const;

/** How long one kind of record of a module stays. Data, for a data-protection officer to read and to change. */
export const RetentionRule = Type.Object({
  recordType: Type.String({ pattern: '^[a-z][a-z-]{1,39}$', description: 'The aggregate’s name, with hyphens' }),
  scope: Type.Optional(Type.Literal('person', { description: 'The record is the person: it goes last, and takes the person out of all modules' })),
  from: Type.Array(Type.String({ maxLength: 80 }), { minItems: 1, description: 'Types of facts that end a record: the term runs from it while it is the record’s last one' }),
  term: Type.String({ pattern: '^P(\\d{1,3}Y)?(\\d{1,4}M)?(\\d{1,5}D)?$', minLength: 3, description: 'ISO 8601 duration of years, months and days' }),
  legalBasis: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$', description: 'A code: what allows or orders to keep the record so long' }),
  takes: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'Types of records without a term of their own: they go with the person' })),
  hold: Type.Boolean({ description: 'Law orders it: kept, restricted, until the term is over also when the person is erased' }),
  source: Type.String({ minLength: 10, maxLength: 500, description: 'Where the rule is written' }),
}, closed);
export type RetentionRule = Static<typeof RetentionRule>;

/** How what stands in a table beside the records ends. */
const TableRule = Type.Object({
  table: Type.String({ pattern: '^[a-z_]{1,63}$' }),
  ends: Type.Union([
    Type.Literal('record', { description: 'With the record to which it belongs' }), Type.Literal('person', { description: 'When the person is erased' }),
    Type.Literal('age', { description: 'After `term`, counted from the column `from`; the hourly run deletes it' }), Type.Literal('swept', { description: 'By the code whose table it is' }),
    Type.Literal('stays', { description: 'For good: it names people by number at most' }), Type.Literal('nobody', { description: 'It is about nobody' }),
  ]),
  from: Type.Optional(Type.String({ pattern: '^[a-z_]{1,63}$' })),
  term: Type.Optional(RetentionRule.properties.term),
  source: Type.String({ minLength: 10, maxLength: 500, description: 'Why' }),
}, closed);
export type TableRule = Static<typeof TableRule>;

/** What a module says of its records, and of its other tables. */
const Rules = Type.Object({
  $schema: Type.Optional(Type.String()), rules: Type.Array(RetentionRule, { maxItems: 100 }), tables: Type.Optional(Type.Array(TableRule, { maxItems: 100 })),
}, closed);
export interface RetentionRules { readonly rules: readonly RetentionRule[]; readonly tables: readonly TableRule[] }

const isRules = new Ajv2020({ strict: false }).compile<Static<typeof Rules>>(Rules);

const read = (file: string): RetentionRules => {
  const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isRules(document)) throw new Error(`${file}: ${isRules.errors![0]!.instancePath} ${isRules.errors![0]!.message}`);
  const unclear = document.tables?.find(({ ends, from, term }) => (ends === 'age') !== (from !== undefined && term !== undefined));
  if (unclear) throw new Error(`${file}: ${unclear.table} ends by age, from and term go together`);
  return { rules: document.rules, tables: document.tables ?? [] };
};

/** What every service has; a module's own rule about the same comes before it. */
const everyServices = join(import.meta.dirname, 'every-service.json');

/** Throws when a document does not fit its schema, speaks of records or facts that the service does not have, or is silent about some that it has. */
export const readRules = ({ retention: file, says = [], erasesPersons }: Pick<ServiceDefinition, 'retention' | 'says' | 'erasesPersons'>, stores: readonly Pick<AnyStore, 'aggregate'>[]): RetentionRules => {
  const [own, common] = [file ? read(file) : { rules: [], tables: [] }, read(everyServices)];
  const where = file ?? everyServices;
  const rules = [...own.rules, ...common.rules.filter(({ recordType }) => own.rules.every((one) => one.recordType !== recordType))];
  const known = new Set(stores.map(({ aggregate }) => recordTypeOf(aggregate.name)));
  const facts = new Set<string>([...says.map(({ type }) => type), ...objectionFacts]);
  for (const { recordType, from, scope, takes = [] } of rules) {
    if (scope === 'person' && !erasesPersons) throw new Error(`${where}: nobody here erases people`);
    if (scope !== 'person' && takes.length > 0) throw new Error(`${where}: only a record that is the person takes others along`);
    const missing = [recordType, ...takes].find((type) => !known.has(type));
    if (missing) throw new Error(`${where}: there are no records of type ${missing}`);
    const unknown = from.find((type) => !facts.has(type));
    if (unknown) throw new Error(`${where}: nobody here says ${unknown}`);
  }
  const ruled = new Set(rules.flatMap(({ recordType, takes = [] }) => [recordType, ...takes]));
  const forgotten = file && stores.find(({ aggregate: { client, name } }) => client && !ruled.has(recordTypeOf(name)));
  if (forgotten) throw new Error(`${where}: no rule says how long records of type ${recordTypeOf(forgotten.aggregate.name)} stay`);
  return { rules, tables: [...own.tables, ...common.tables.filter(({ table }) => own.tables.every((one) => one.table !== table))] };
};

const dayOf = (at: Instant): Temporal.PlainDate => Temporal.Instant.from(at).toZonedDateTimeISO('UTC').toPlainDate();

/** The first day on which a record that ended at that moment need not be there any more. */
export const termEnds = ({ term }: RetentionRule, endedAt: Instant): Day => dayOf(endedAt).add(term).toString();

/** What law orders to keep of a person who is erased now; what has not ended yet counts as ending now. */
export const keeping = (rules: readonly RetentionRule[], now: Instant): Keeps => ({ recordType, lastFact }) => {
  const rule = rules.find((one) => one.recordType === recordType && one.hold);
  if (!rule) return undefined;
  const until = termEnds(rule, rule.from.includes(lastFact.type) ? lastFact.at : now);
  return until > now.slice(0, 10) ? { legalBasis: rule.legalBasis, until } : undefined;
};
