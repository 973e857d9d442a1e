import type { Contract } from '@opora/contracts';
import type { Day, Instant } from '@opora/domain';
import { recordTypeOf, type AnyStore, type Keeps } from '@opora/messaging';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { Temporal } from 'temporal-polyfill';
import { Type, type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** How long one kind of record of a module stays. Data, for a data-protection officer to read and to change. */
export const RetentionRule = Type.Object({
  recordType: Type.String({ pattern: '^[a-z][a-z-]{1,39}$', description: 'The aggregate’s name, with hyphens' }),
  scope: Type.Optional(Type.Literal('person', { description: 'The record is the person: it goes last, and takes the person out of all modules' })),
  from: Type.Array(Type.String({ maxLength: 80 }), { minItems: 1, description: 'Types of facts that end a record: the term runs from it while it is the record’s last one' }),
  term: Type.String({ pattern: '^P(\\d{1,3}Y)?(\\d{1,4}M)?(\\d{1,5}D)?$', minLength: 3, description: 'ISO 8601 duration of years, months and days' }),
  legalBasis: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$', description: 'A code: what allows or orders to keep the record so long' }),
  hold: Type.Boolean({ description: 'Law orders it: kept, restricted, until the term is over also when the person is erased' }),
  source: Type.String({ minLength: 10, maxLength: 500, description: 'Where the rule is written' }),
}, closed);
export type RetentionRule = Static<typeof RetentionRule>;

const isRules = new Ajv2020({ strict: false }).compile<{ rules: RetentionRule[] }>(
  Type.Object({ $schema: Type.Optional(Type.String()), rules: Type.Array(RetentionRule, { maxItems: 100 }) }, closed));

/** Throws when the document does not fit its schema, or speaks of records or facts that the service does not have. */
export const readRules = (file: string, stores: readonly AnyStore[], says: ReadonlyMap<string, Contract>, erasesPersons: boolean): RetentionRule[] => {
  const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isRules(document)) throw new Error(`${file}: ${isRules.errors![0]!.instancePath} ${isRules.errors![0]!.message}`);
  const known = new Set(stores.map(({ aggregate }) => recordTypeOf(aggregate.name)));
  for (const { recordType, from, scope } of document.rules) {
    if (scope === 'person' && !erasesPersons) throw new Error(`${file}: nobody here erases people`);
    if (!known.has(recordType)) throw new Error(`${file}: there are no records of type ${recordType}`);
    const unknown = from.find((type) => !says.has(type));
    if (unknown) throw new Error(`${file}: nobody here says ${unknown}`);
  }
  return document.rules;
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
