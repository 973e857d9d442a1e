import type { Contained } from './fhir.js';
import { codesOf, type Concept } from './weights.js';

interface Include {
  system?: string;
  concept?: Concept[];
  filter?: unknown[];
  valueSet?: string[];
}

interface ValueSet extends Contained {
  compose?: { include?: Include[]; exclude?: Include[] };
  expansion?: { contains?: Contains[] };
}

interface Contains extends Concept {
  abstract?: boolean;
  contains?: Contains[];
}

const flat = (listed: Contains[] | undefined): Contains[] => (listed ?? []).flatMap((one) => [one, ...flat(one.contains)]);

const find = (contained: Contained[], reference: string): ValueSet | undefined => {
  const [url, version] = reference.split('|');
  return contained.find((one) => one.resourceType === 'ValueSet'
    && (reference.startsWith('#') ? one.id === reference.slice(1) : one.url === url && (!version || !one.version || one.version === version))) as ValueSet | undefined;
};

const included = (contained: Contained[], include: Include, seen: string[]): Concept[] | undefined => {
  if (include.filter?.length) return undefined;
  const own = include.concept?.map((concept) => ({ ...concept, system: include.system }))
    ?? (include.system ? [...codesOf(contained, include.system).values()].map((concept) => ({ ...concept, system: include.system })) : undefined);
  // A code system that the questionnaire does not carry cannot be listed here.
  if (include.system && !own?.length) return undefined;
  const others = (include.valueSet ?? []).map((reference) => conceptsOf(contained, reference, seen));
  if (others.includes(undefined)) return undefined;
  // Within one include the systems and the value sets all have to agree.
  return others.reduce<Concept[] | undefined>((kept, other) => (kept ? kept.filter(among(other!)) : other), own) ?? [];
};

const keyOf = ({ system, code }: Concept): string => JSON.stringify([system, code]);
const among = (concepts: Concept[]) => {
  const keys = new Set(concepts.map(keyOf));
  return (concept: Concept): boolean => keys.has(keyOf(concept));
};

/**
 * The concepts of a value set that the questionnaire carries, by `#id` or by its url; undefined when it is not carried or says its members
 * in a way that only a terminology server can list. An expansion says what belongs, the composition may add the scores.
 */
export const conceptsOf = (contained: Contained[], reference: string, seen: string[] = []): Concept[] | undefined => {
  const set = seen.includes(reference) ? undefined : find(contained, reference);
  if (!set) return undefined;
  const parts = (set.compose?.include ?? []).map((include) => included(contained, include, [...seen, reference]));
  const composed = parts.includes(undefined) ? undefined : (parts.flat() as Concept[]);
  const without = (set.compose?.exclude ?? []).flatMap((exclude) => included(contained, exclude, [...seen, reference]) ?? []);
  const expanded = flat(set.expansion?.contains).filter(({ abstract, code, display }) => !abstract && (code !== undefined || display !== undefined));
  const listed = expanded.length ? [...expanded, ...(composed ?? []).filter(among(expanded))] : composed;
  const excluded = among(without);
  return listed?.length ? listed.filter((concept) => !excluded(concept)) : undefined;
};
