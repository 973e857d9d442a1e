import type { Person } from './person.js';
import { firstDay } from './person.js';

/** By what two records are compared: equal keys mean that they may be of one person. */
export interface MatchKey {
  /** `part` is one word of a name: for searching only, it says nothing about being the same person. */
  readonly kind: 'identifier' | 'name' | 'phone' | 'part';
  readonly key: string;
}

/** After ICAO Doc 9303 part 3, with the spellings that people use besides it folded together. */
const latin: Readonly<Record<string, string>> = {
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'i', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't',
  у: 'u', ф: 'f', х: 'h', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'shch', ъ: '', ы: 'i', ь: '', э: 'e', ю: 'iu', я: 'ia', і: 'i', ї: 'i', є: 'e', ґ: 'g', ў: 'u',
};

const folds: readonly (readonly [RegExp, string])[] = [[/kh/g, 'h'], [/x/g, 'ks'], [/[yj]/g, 'i'], [/w/g, 'v'], [/tz/g, 'ts'], [/(.)\1+/gu, '$1']];

/** `Иванов-Ёлкин`, `IVANOV ELKIN` and `ivanovelkin` give the same. */
export const fold = (name: string): string => {
  const letters = [...name.normalize('NFC').toLowerCase()].map((letter) => latin[letter] ?? letter).join('').normalize('NFD').replace(/[^\p{L}\p{N}]/gu, '');
  return folds.reduce((text, [from, to]) => text.replace(from, to), letters);
};

/** Digits only, with the country code; Russian numbers may begin with 8. Undefined when too short to mean one line. */
export const foldPhone = (phone: string): string | undefined => {
  const digits = phone.replace(/\D/g, '').replace(/^00/, '').replace(/^8(?=\d{10}$)/, '7');
  const whole = /^9\d{9}$/.test(digits) ? `7${digits}` : digits;
  return whole.length >= 7 ? whole : undefined;
};

export const foldIdentifier = ({ system, value }: { system: string; value: string }): string => `${system}|${value.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '')}`;

/** The words of a name, for search: a double name can be found by either half. */
export const nameParts = (text: string): string[] => [...new Set(text.split(/[\s'’-]+/u).map(fold).filter((part) => part !== ''))];

/** Given and family name in either order give one key. */
export const matchKeys = ({ names, identifiers, contacts }: Person): MatchKey[] => {
  const keys: MatchKey[] = [
    ...identifiers.map((identifier) => ({ kind: 'identifier' as const, key: foldIdentifier(identifier) })),
    ...contacts.filter(({ kind }) => kind === 'phone').flatMap(({ value }) => foldPhone(value) ?? []).map((key) => ({ kind: 'phone' as const, key })),
    ...(names.value ?? []).flatMap(({ given, family }) => {
      const both = [fold(given ?? ''), fold(family ?? '')].sort();
      return both[0] === '' ? [] : [{ kind: 'name' as const, key: both.join('|') }];
    }),
    ...(names.value ?? []).flatMap(({ given, family, patronymic }) => nameParts([given, family, patronymic].join(' '))).map((key) => ({ kind: 'part' as const, key })),
  ];
  return [...new Map(keys.map((key) => [`${key.kind} ${key.key}`, key])).values()];
};

type Birth = Person['birthDate'];

/**
 * Whether two birth dates can be one person's: the same month, day and month swapped, or, where one is approximate, a year
 * apart at most. What nobody knows contradicts nothing.
 */
export const nearBirths = (one: Birth, other: Birth): boolean => {
  const [a, b] = [one, other].map(({ value }) => (value === undefined ? undefined : firstDay(value)));
  if (!a || !b) return true;
  if (one.status === 'approximate' || other.status === 'approximate') return Math.abs(a.year - b.year) <= 1;
  return a.year === b.year && (a.month === b.month || (a.month === b.day && a.day === b.month));
};
