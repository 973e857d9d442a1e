import type { Extension, Item } from './fhir.js';
import { core, extensions } from './form.js';

/** Stands for a group that can match in several ways. */
const LOOSE = '\u{E000}';

/** Whether a group that can match in several ways may come several times. */
const canBacktrack = (pattern: string): boolean => {
  // Without escapes, classes, kinds of groups and laziness only what decides about ways is left.
  let text = pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gsu, 'x').replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(').replace(/([*+?}])\?/g, '$1');
  for (let before = ''; text !== before;) {
    before = text;
    if (/\u{E000}[*+{]/u.test(text)) return true;
    text = text.replace(/\(([^()]*)\)/g, (_, inside: string) => (/[*+?|\u{E000}]|\{\d+,/u.test(inside) ? LOOSE : 'x'));
  }
  return false;
};

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
