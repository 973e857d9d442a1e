import { escaped } from '@opora/domain';
import type { Contained, Extension } from './fhir.js';

/** Both urls are in use: the second is the successor of the first. */
export const weightUrls = ['http://hl7.org/fhir/StructureDefinition/ordinalValue', 'http://hl7.org/fhir/StructureDefinition/itemWeight'];

interface Weighed {
  extension?: Extension[];
  property?: { code?: string; valueDecimal?: number }[];
}

/** A score with the url that its publisher chose, because expressions may read the extension by that url. */
export interface Weight {
  url: string;
  value: number;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isWeightProperty = (code: unknown): boolean => code === 'itemWeight' || code === 'ordinalValue';

// R5 says the score of a concept in a `property`; in R4 that travels in an extension whose url ends so.
const r5Property = /^http:\/\/hl7\.org\/fhir\/5\.0\/StructureDefinition\/extension-(ValueSet|CodeSystem)\..*\.property$/;
const fromR5Property = (extension: Extension): number | undefined => {
  if (!r5Property.test(extension?.url ?? '')) return undefined;
  const part = (url: string) => extension.extension?.find((inner) => inner.url === url);
  const value = part('value')?.valueDecimal;
  return isWeightProperty(part('code')?.valueCode) && isNumber(value) ? value : undefined;
};

/** The score written on an option, a coding, a concept of a value set or of a code system. */
export const weightOn = (element: Weighed | undefined | null): Weight | undefined => {
  const listed = Array.isArray(element?.extension) ? element.extension : [];
  for (const extension of listed) {
    const value = extension?.valueDecimal ?? extension?.valueInteger;
    if (weightUrls.includes(extension?.url) && isNumber(value)) return { url: extension.url, value };
  }
  const carried = listed.map((extension) => fromR5Property(extension)).find(isNumber)
    ?? (Array.isArray(element?.property) ? element.property.find((property) => isWeightProperty(property?.code))?.valueDecimal : undefined);
  return isNumber(carried) ? { url: weightUrls[1]!, value: carried } : undefined;
};

/** Where a score is written as something else than a number; one that is null or not there is none. */
export const brokenWeights = (value: unknown, pointer = ''): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const { url, valueDecimal, valueInteger } = value as Partial<Extension>;
  const written = valueDecimal ?? valueInteger ?? undefined;
  if (weightUrls.includes(url ?? '')) return written === undefined || isNumber(written) ? [] : [`${pointer}/value${valueDecimal === written ? 'Decimal' : 'Integer'}`];
  return Object.entries(value).flatMap(([key, part]) => brokenWeights(part, `${pointer}/${escaped(key)}`));
};

export interface Concept extends Weighed {
  system?: string;
  code?: string;
  display?: string;
  concept?: Concept[];
}

const nested = (concepts: Concept[] | undefined): Concept[] =>
  Array.isArray(concepts) ? concepts.flatMap((concept) => [concept, ...nested(concept.concept)]) : [];

/** The concepts of the code system that the questionnaire carries under this url, by code. */
export const codesOf = (contained: Contained[], system: string | undefined): Map<string | undefined, Concept> =>
  new Map(nested(contained.find((one) => one.resourceType === 'CodeSystem' && system !== undefined && one.url === system)?.concept as Concept[] | undefined)
    .map((concept) => [concept.code, concept]));

const isWeight = ({ url }: Extension): boolean => weightUrls.includes(url) || r5Property.test(url);

/**
 * A part of a response without any score that the client wrote into it, at whatever depth: as an extension, or as a `property`, which no
 * element of a response has in R4. An extension that is no list is none.
 */
export const withoutWeights = <T>(part: T): T => {
  if (Array.isArray(part)) return part.map(withoutWeights) as T;
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'property') return [];
    if (key !== 'extension' && key !== 'modifierExtension') return [[key, withoutWeights(value)]];
    const kept = Array.isArray(value) ? (value as (Extension | null)[]).filter((extension) => extension && !isWeight(extension)) : [];
    return kept.length ? [[key, withoutWeights(kept)]] : [];
  })) as T;
};
