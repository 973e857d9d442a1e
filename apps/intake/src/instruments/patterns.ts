import { canBacktrack } from './bounds.js';
import type { Extension, Item } from './fhir.js';
import { core, extensions } from './form.js';

/** A `regex` extension as R4 means it: the whole answer has to match. Undefined for none, and for one that is not run here. */
export const patternOf = (item: { extension?: Extension[] } & Partial<Item>): RegExp | undefined => {
  const text = extensions(item, `${core}regex`)[0]?.valueString;
  return typeof text === 'string' && isRunnable(text) ? new RegExp(`^(?:${text})$`, 'u') : undefined;
};

export const isRunnable = (pattern: string): boolean => {
  if (pattern.length > 1_000 || canBacktrack(pattern)) return false;
  try {
    return Boolean(new RegExp(`^(?:${pattern})$`, 'u'));
  } catch {
    return false;
  }
};
