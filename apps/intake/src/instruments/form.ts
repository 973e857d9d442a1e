import type { Extension, Item, Questionnaire } from './fhir.js';
import { optionsOf, type Options } from './options.js';

export const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
export const core = 'http://hl7.org/fhir/StructureDefinition/';

/** A questionnaire's item where it stands. `pointer` is its JSON Pointer in the questionnaire, `steps` the indexes that lead to it. */
export interface FormItem {
  item: Item;
  parent?: FormItem;
  pointer: string;
  /** Position in document order. */
  order: number;
  steps: number[];
  children: FormItem[];
  options: Options;
  calculated?: { name?: string; expression: string };
  enabledBy?: string;
}

export interface Form {
  questionnaire: Questionnaire;
  items: FormItem[];
  /** A Map, because a linkId may well be `__proto__`. */
  byLinkId: Map<string, FormItem>;
  /** Names of the launch contexts that an expression may use; absent ones are empty. */
  launchContexts: string[];
}

/** With its index; published forms have nulls in these lists. */
export const extensionsOn = (element: { extension?: Extension[] }): { extension: Extension; index: number }[] =>
  (Array.isArray(element.extension) ? element.extension : []).flatMap((extension, index) => (extension ? [{ extension, index }] : []));

export const extensions = (element: { extension?: Extension[] }, url: string): Extension[] =>
  extensionsOn(element).flatMap(({ extension }) => (extension.url === url ? [extension] : []));

/** Expressions of this extension that are FHIRPath; CQL and FHIR queries are not evaluated here. */
export const fhirpathIn = (element: { extension?: Extension[] }, url: string): { name?: string; expression: string }[] =>
  extensions(element, url).flatMap(({ valueExpression }) =>
    valueExpression?.language === 'text/fhirpath' && typeof valueExpression.expression === 'string'
      ? [{ name: valueExpression.name, expression: valueExpression.expression }] : []);

// The value set of SDC's launchContext; published forms use them without declaring them.
const usualContexts = ['patient', 'user', 'encounter', 'location', 'practitioner', 'study', 'sourceQueries', 'clinical'];

/** Expects a questionnaire that `checkQuestionnaire` has no problem with. */
export const readForm = (questionnaire: Questionnaire): Form => {
  const byLinkId = new Map<string, FormItem>();
  const bySet = new Map<string, Options>();
  // Hundreds of items share a few value sets.
  const options = (item: Item): Options => {
    const shared = item.answerOption?.length ? undefined : item.answerValueSet;
    const known = shared === undefined ? undefined : bySet.get(shared);
    const read = known ?? optionsOf(questionnaire, item);
    if (shared !== undefined) bySet.set(shared, read);
    return read;
  };
  const place = (items: Item[] | undefined, parent: FormItem | undefined): FormItem[] => (items ?? []).map((item, index) => {
    const placed: FormItem = {
      item, parent, pointer: `${parent?.pointer ?? ''}/item/${index}`, steps: [...(parent?.steps ?? []), index],
      order: byLinkId.size, children: [], options: options(item),
      calculated: fhirpathIn(item, `${sdc}calculatedExpression`)[0],
      enabledBy: fhirpathIn(item, `${sdc}enableWhenExpression`)[0]?.expression,
    };
    byLinkId.set(item.linkId, placed);
    placed.children = place(item.item, placed);
    return placed;
  });
  const declared = extensions(questionnaire, `${sdc}launchContext`).flatMap((context) =>
    extensions(context, 'name').map((named) => named.valueCode ?? named.valueId ?? (named.valueCoding as { code?: string })?.code));
  return {
    questionnaire, items: place(questionnaire.item, undefined), byLinkId,
    launchContexts: [...usualContexts, ...declared.filter((name) => typeof name === 'string')],
  };
};

export const isGroup = ({ item }: FormItem): boolean => item.type === 'group';
export const isDisplay = ({ item }: FormItem): boolean => item.type === 'display';
