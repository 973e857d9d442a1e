import fhirpath from 'fhirpath';
import { answerTypes } from './comparing.js';
import type { Answer, Coding } from './fhir.js';
import { core, extensions, type FormItem } from './form.js';
import { optionFor } from './options.js';
import type { Reason } from './results.js';
import { isCorrect, type Value } from './values.js';

// What the library gives for quantities calculated on the way, as opposed to one that stands in the response.
const isLibraryQuantity = (value: unknown): value is { value: { toJSON(): number }; unit: string } =>
  typeof value === 'object' && value !== null && 'unit' in value && typeof (value as { value?: { toJSON?: unknown } }).value?.toJSON === 'function';

/** A result of the library as plain JSON. */
export const plain = (value: unknown): unknown => {
  if (isLibraryQuantity(value)) return { value: value.value.toJSON(), unit: value.unit.replace(/^'|'$/g, '') };
  if (typeof value === 'bigint') return Number(value);
  const resolved = fhirpath.resolveInternalTypes([value])[0] ?? null;
  return typeof resolved === 'object' && resolved !== null ? JSON.parse(JSON.stringify(resolved)) : resolved;
};

/** The unit that the form says its answers have [R4, questionnaire-unit]. */
const unitOf = ({ item }: FormItem): object => {
  const unit = extensions(item, `${core}questionnaire-unit`)[0]?.valueCoding as Coding | undefined;
  return unit?.code === undefined ? {} : { unit: unit.display ?? unit.code, ...(unit.system !== undefined && { system: unit.system }), code: unit.code };
};

const asAnswer = (form: FormItem, value: unknown): Value[] => answerTypes(form).flatMap((type): Value[] => {
  if (type === 'Quantity' && typeof value === 'number') return [{ type, value: { value, ...unitOf(form) } }];
  if (type === 'String' && form.item.type !== 'open-choice' && (typeof value === 'number' || typeof value === 'boolean')) return [{ type, value: String(value) }];
  if (type === 'Coding' && typeof value === 'object' && value !== null) {
    const { system, code, display } = value as Coding;
    return [{ type, value: JSON.parse(JSON.stringify({ system, code, display })) }];
  }
  return [{ type, value }];
}).filter(isCorrect);

/** The answers that a calculated item gets from the values of its expression, or why it gets none. */
export const toAnswers = (form: FormItem, values: unknown[]): { answers: Answer[] } | { reason: Reason } => {
  const found = values.map(plain).filter((value) => value !== null && value !== undefined);
  if (found.length < values.length) return { reason: 'not-finite' };
  if (found.length === 0) return { reason: 'empty' };
  if (found.length > 1 && !form.item.repeats) return { reason: 'several-values' };
  if (found.some((value) => typeof value === 'number' && !Number.isFinite(value))) return { reason: 'not-finite' };
  const answers: Answer[] = [];
  for (const value of found) {
    const fitting = asAnswer(form, value);
    if (!fitting.length) return { reason: 'wrong-type' };
    const chosen = fitting.find((one) => optionFor(form.options, one)) ?? fitting[0]!;
    if (form.item.type === 'choice' && form.options.kind === 'listed' && !optionFor(form.options, chosen)) return { reason: 'not-an-option' };
    answers.push({ [`value${chosen.type}`]: chosen.value });
  }
  return { answers };
};
