import { canonical } from './contract.js';

type Schema = Readonly<Record<string, unknown>>;

/** They say how to read a shape, not what it is. */
const annotations = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples', 'default', 'deprecated']);

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords whose values are schemas by any name, which may well be `title`. */
const byName = new Set(['properties', 'patternProperties', '$defs']);

const shape = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(shape);
  if (!isSchema(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !annotations.has(keyword) && !keyword.startsWith('x-'))
    .map(([keyword, value]) => [keyword, byName.has(keyword) && isSchema(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)])) : shape(value)]));
};

export const sameShape = (one: Schema, other: Schema): boolean => canonical(shape(one)) === canonical(shape(other));

const differences = (before: unknown, after: unknown, at: string): string[] => {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && before.every(isSchema)) {
    return before.flatMap((part, i) => differences(part, after[i], `${at}/${i}`));
  }
  if (!isSchema(before) || !isSchema(after)) return canonical(before) === canonical(after) ? [] : [`${at} changed`];
  const { properties: had = {}, required: needed = [], ...was } = before as Schema & { properties?: Schema; required?: string[] };
  const { properties: has = {}, required: needs = [], ...is } = after as Schema & { properties?: Schema; required?: string[] };
  const keywords = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return [
    ...needed.filter((name) => !needs.includes(name)).map((name) => `${at}/${name} was required and ${name in has ? 'became optional' : 'is gone'}`),
    ...needs.filter((name) => !needed.includes(name)).map((name) => `${at}/${name} ${name in had ? 'became' : 'is new and'} required`),
    ...Object.keys(had).filter((name) => name in has).flatMap((name) => differences(had[name], has[name], `${at}/${name}`)),
    ...keywords.flatMap((keyword) => (keyword in was && keyword in is
      ? differences(was[keyword], is[keyword], `${at}#${keyword}`)
      : [`${at}#${keyword} ${keyword in is ? 'is new' : 'is gone'}`])),
  ];
};

/**
 * Why the later schema may not carry the same major version: within a major only optional fields come and go.
 * Answers with places and reasons, empty when the two are compatible.
 */
export const incompatibilities = (before: Schema, after: Schema): string[] => differences(shape(before), shape(after), '');

const numbers = (version: string): number[] => version.split('.').map(Number);

/** Orders semantic versions without pre-releases. */
export const byVersion = (one: string, other: string): number => {
  const [a, b] = [numbers(one), numbers(other)];
  return a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!;
};

/**
 * What stands between a contract and its releases (version → schema): the present version differs from what was
 * released under it, breaks an earlier one of its major, or is older than the newest.
 */
export const againstReleases = (version: string, schema: Schema, released: ReadonlyMap<string, Schema>): string[] => {
  const same = released.get(version);
  if (same && !sameShape(same, schema)) return [`${version} is released with another shape; give the change a version of its own: ${incompatibilities(same, schema).join('; ') || 'optional fields differ'}`];
  const newest = [...released.keys()].sort(byVersion).at(-1);
  if (newest !== undefined && byVersion(version, newest) < 0) return [`${version} is older than the released ${newest}`];
  return [...released].filter(([earlier]) => numbers(earlier)[0] === numbers(version)[0])
    .flatMap(([earlier, before]) => incompatibilities(before, schema).map((why) => `${version} breaks ${earlier}: ${why}`));
};
