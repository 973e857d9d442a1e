import { Temporal } from 'temporal-polyfill';
import type { Coding, Quantity } from './fhir.js';
import type { FormItem } from './form.js';
import { keyOf } from './options.js';
import type { Value } from './values.js';

const byType: Record<string, readonly string[]> = {
  boolean: ['Boolean'], decimal: ['Decimal'], integer: ['Integer'], date: ['Date'], dateTime: ['DateTime'], time: ['Time'],
  string: ['String'], text: ['String'], url: ['Uri'], attachment: ['Attachment'], reference: ['Reference'], quantity: ['Quantity'],
};

/** The `value[x]` that an answer to this item may carry. */
export const answerTypes = ({ item, options }: FormItem): readonly string[] => {
  const listed = options.kind === 'listed' ? [...options.types] : [];
  if (item.type === 'choice') return listed.length ? listed : ['Coding'];
  if (item.type === 'open-choice') return [...new Set([...listed, 'Coding', 'String'])];
  return byType[item.type] ?? [];
};

const families = [['Decimal', 'Integer'], ['Date', 'DateTime'], ['String', 'Uri']];

/** Whether values of the two types can be compared at all: a Coding and a string cannot, though the string may look like its code. */
export const comparable = (one: string, other: string): boolean => one === other || families.some((family) => family.includes(one) && family.includes(other));

const order = <T extends number | string>(one: T, other: T): number => (one < other ? -1 : one > other ? 1 : 0);

// Dates may be partial: what both say decides, and where one says less than the other the two are neither equal nor ordered.
const orderOfDates = (one: string, other: string): number | undefined => {
  if (one.includes('T') && other.includes('T')) return Temporal.Instant.compare(Temporal.Instant.from(one), Temporal.Instant.from(other));
  const shared = Math.min(...[one, other].map((text) => text.split('T')[0]!.length));
  const decided = order(one.slice(0, shared), other.slice(0, shared));
  return decided !== 0 || one.length === other.length ? decided : undefined;
};

/** Negative, zero or positive; undefined where the two have no order. */
export const compare = (one: Value, other: Value): number | undefined => {
  if (!comparable(one.type, other.type)) return undefined;
  switch (one.type) {
    case 'Decimal': case 'Integer': return order(one.value as number, other.value as number);
    case 'Date': case 'DateTime': return orderOfDates(one.value as string, other.value as string);
    case 'Time': case 'String': case 'Uri': return order(one.value as string, other.value as string);
    case 'Quantity': {
      const [a, b] = [one.value as Quantity, other.value as Quantity];
      return (a.code ?? a.unit) === (b.code ?? b.unit) && a.system === b.system ? order(a.value ?? NaN, b.value ?? NaN) : undefined;
    }
    default: return undefined;
  }
};

export const equal = (one: Value, other: Value): boolean => {
  if (one.type === 'Coding' && other.type === 'Coding') {
    const [a, b] = [one.value as Coding, other.value as Coding];
    return keyOf(one) === keyOf(other) || (a.code === undefined && b.code === undefined && a.display === b.display);
  }
  if (one.type === 'Reference' && other.type === 'Reference') return (one.value as { reference?: string }).reference === (other.value as { reference?: string }).reference;
  return compare(one, other) === 0 || (one.type === other.type && one.value === other.value);
};
