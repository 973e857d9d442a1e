import type { Trouble } from './domain-error.js';

const MOST_DEEP = 100;
const MOST_NAMES = 1000;
const MOST_VALUES = 100_000;

/** For one step of a JSON Pointer. */
export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const trouble = (pointer: string, code: string, detail: string): Trouble => ({ pointer, code, detail });

const isText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** What PostgreSQL's text and jsonb cannot hold: NUL, and half a surrogate pair. And what is so deep or so much that whoever walks it falls or stays away too long. */
export const unstorable = (document: unknown): Trouble | undefined => {
  let values = 0;
  // Pointers are put together on the way back: nearly always there is nothing to point to.
  const walk = (value: unknown, depth: number): Trouble | undefined => {
    if ((values += 1) > MOST_VALUES) return trouble('', 'too-many', `must hold at most ${MOST_VALUES} values`);
    if (typeof value === 'string') return isText(value) ? undefined : trouble('', 'not-text', 'must be Unicode text without NUL');
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth === MOST_DEEP) return trouble('', 'too-deep', `must not be nested deeper than ${MOST_DEEP} levels`);
    const list = Array.isArray(value);
    const names = Object.keys(value);
    if (!list && names.length > MOST_NAMES) return trouble('', 'too-many', `must have at most ${MOST_NAMES} names`);
    for (const name of names) {
      // class-transformer passes it over in silence.
      if (!list && name === 'constructor') return trouble('/constructor', 'unknown-field', 'is not a field of this request');
      if (!list && !isText(name)) return trouble('', 'not-text', 'must be Unicode text without NUL');
      const found = walk((value as Record<string, unknown>)[name], depth + 1);
      if (found) return values > MOST_VALUES ? found : { ...found, pointer: `/${escaped(name)}${found.pointer}` };
    }
    return undefined;
  };
  return walk(document, 0);
};
