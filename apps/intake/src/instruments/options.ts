import type { AnswerOption, Coding, Contained, Item, Questionnaire } from './fhir.js';
import { valueIn, type Value } from './values.js';
import { conceptsOf } from './value-sets.js';
import { codesOf, weightOn, type Weight } from './weights.js';

export interface Option {
  value: Value;
  display?: string;
  weight?: Weight;
  /** Allows no other answer beside it. */
  exclusive?: boolean;
}

/**
 * `listed`: the questionnaire says which answers there are. `external`: it names a value set that it does not carry, so a coding is taken
 * on trust. `free`: nothing is said. `scored`: at least one option has a weight.
 */
export type Options =
  | { kind: 'listed'; byKey: Map<string, Option>; types: Set<string>; scored: boolean }
  | { kind: 'external' }
  | { kind: 'free' };

/** Options match by system **and** code, where absent equals absent; by display only where there is no code. A reference is what it refers to. */
export const keyOf = ({ type, value }: Value): string => {
  const reference = type === 'Reference' ? (value as { reference?: unknown }).reference : undefined;
  if (reference !== undefined) return `reference ${JSON.stringify(reference)}`;
  if (type !== 'Coding') return `${type} ${JSON.stringify(value)}`;
  const { system, code, display } = value as Coding;
  return code === undefined ? `display ${JSON.stringify([system ?? null, display ?? null])}` : `code ${JSON.stringify([system ?? null, code])}`;
};

const listed = (options: Option[]): Options => {
  const byKey = new Map<string, Option>();
  for (const option of options) {
    const known = byKey.get(keyOf(option.value));
    if (!known) byKey.set(keyOf(option.value), option);
    else known.weight ??= option.weight;
  }
  return {
    kind: 'listed', byKey, types: new Set(options.map(({ value }) => value.type)), scored: [...byKey.values()].some(({ weight }) => weight !== undefined),
  };
};

const fromAnswerOption = (option: AnswerOption, contained: Contained[]): Option[] => {
  const value = valueIn(option);
  if (!value) return [];
  const coding = value.type === 'Coding' ? (value.value as Coding) : undefined;
  const beside = option[`_value${value.type}`] as AnswerOption | undefined;
  const weight = weightOn(option) ?? weightOn(coding) ?? weightOn(beside)
    ?? weightOn(coding && codesOf(contained, coding.system).get(coding.code));
  const exclusive = (option.extension ?? []).some((extension) => extension?.url === 'http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive' && extension.valueBoolean === true);
  return [{ value, display: coding?.display, weight, ...(exclusive && { exclusive }) }];
};

export const optionsOf = (questionnaire: Questionnaire, item: Item): Options => {
  const contained = questionnaire.contained ?? [];
  if (item.answerOption?.length) return listed(item.answerOption.flatMap((option) => fromAnswerOption(option, contained)));
  if (!item.answerValueSet) return { kind: 'free' };
  const concepts = conceptsOf(contained, item.answerValueSet);
  if (!concepts) return { kind: 'external' };
  const systems = new Map([...new Set(concepts.map(({ system }) => system))].map((system) => [system, codesOf(contained, system)]));
  return listed(concepts.map(({ system, code, display, ...concept }) => ({
    value: { type: 'Coding', value: { system, code, display } },
    display,
    weight: weightOn(concept) ?? weightOn(systems.get(system)?.get(code)),
  })));
};

export const optionFor = (options: Options, value: Value): Option | undefined => (options.kind === 'listed' ? options.byKey.get(keyOf(value)) : undefined);
