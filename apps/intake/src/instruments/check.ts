import type { Trouble } from '@opora/domain';
import { itemTroubles } from './check-items.js';
import { expressionFindings } from './check-expressions.js';
import type { Extension, Item, Questionnaire } from './fhir.js';
import { extensionsOn, readForm, sdc } from './form.js';
import { excessIn, limits } from './limits.js';
import type { NotComputed } from './results.js';
import { brokenWeights } from './weights.js';

export interface QuestionnaireCheck {
  /** For these the questionnaire is refused; pointers lead into it. */
  problems: Trouble[];
  /** Taken in, but without effect on scores and enablement. */
  notComputed: NotComputed[];
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const one = (pointer: string, code: string, detail: string): QuestionnaireCheck => ({ problems: [{ pointer, code, detail }], notComputed: [] });

// What is wrong in shape here would make every later step stumble, so it is looked at first and alone.
const shapeTroubles = (element: Record<string, unknown>, pointer: string): Trouble[] => {
  const lists = ['item', 'contained', 'enableWhen', 'answerOption', 'modifierExtension', 'code', 'extension'].flatMap((name) => {
    const value = element[name];
    if (value === undefined) return [];
    if (!Array.isArray(value)) return [{ pointer: `${pointer}/${name}`, code: 'wrong-type', detail: 'A list is expected' }];
    // Published forms have nulls among their extensions.
    return value.flatMap((entry, index) => (isObject(entry) || (name === 'extension' && entry === null) ? [] : [{ pointer: `${pointer}/${name}/${index}`, code: 'wrong-type', detail: 'An object is expected' }]));
  });
  if (lists.length) return lists;
  return ((element.item ?? []) as Record<string, unknown>[]).flatMap((item, index) => shapeTroubles(item, `${pointer}/item/${index}`));
};

/** Modular forms are put together from others before use [SDC]; one that is not yet would silently lack questions. */
const modularTroubles = (element: { extension?: Extension[] }, pointer: string): Trouble[] =>
  extensionsOn(element).flatMap(({ extension, index }) => (
    extension.url === `${sdc}subQuestionnaire` || (extension.url === `${sdc}assemble-expectation` && /^assemble-(root|child)$/.test(extension.valueCode ?? ''))
      ? [{ pointer: `${pointer}/extension/${index}`, code: 'not-assembled', detail: 'Assemble the modular form first, and send the result' }] : []));

const everywhere = <T>(questionnaire: Questionnaire, visit: (element: Questionnaire | Item, pointer: string) => T[]): T[] => {
  const within = (element: Questionnaire | Item, pointer: string): T[] => [
    ...visit(element, pointer), ...(element.item ?? []).flatMap((item, index) => within(item, `${pointer}/item/${index}`))];
  return within(questionnaire, '');
};

const externalSets = (questionnaire: Questionnaire): NotComputed[] => [...readForm(questionnaire).byLinkId.values()].flatMap(({ item, options }) => (
  options.kind === 'external' ? [{ linkId: item.linkId, language: 'value-set', reason: 'external-value-set' as const }] : []));

/**
 * Whether a FHIR R4 Questionnaire can be used here. Strict where evaluation depends on it: linkIds, types, options, enablement, expressions,
 * modifier extensions, assembly. Lenient elsewhere, because published forms are not always right.
 */
export const checkQuestionnaire = (document: unknown): QuestionnaireCheck => {
  if (!isObject(document) || document.resourceType !== 'Questionnaire') return one('/resourceType', 'not-a-questionnaire', 'A FHIR R4 Questionnaire is expected');
  const excess = excessIn(document);
  if (excess === 'forbidden-name') return one('', excess, 'No member may be called __proto__, or constructor with a prototype in it');
  if (excess) return one('', excess, 'Fewer items, or fewer levels of them, are accepted');
  const shape = shapeTroubles(document, '');
  if (shape.length) return { problems: shape, notComputed: [] };
  try {
    return contentCheck(document as unknown as Questionnaire);
  } catch {
    // Only what nothing above foresaw, such as a contained value set whose parts are not lists. The library's words are not passed on.
    return one('', 'malformed', 'A part of this document is not as FHIR R4 has it');
  }
};

const modifier = (pointer: string): Trouble => ({ pointer, code: 'unknown-modifier', detail: 'This changes the meaning in a way that is not supported here' });

const modified = (element: unknown, pointer: string): Trouble[] =>
  (isObject(element) && Array.isArray(element.modifierExtension) && element.modifierExtension.length ? [modifier(`${pointer}/modifierExtension`)] : []);

const contentCheck = (questionnaire: Questionnaire): QuestionnaireCheck => {
  const items = itemTroubles(questionnaire);
  if (items.length) return { problems: items, notComputed: [] };
  const weights = brokenWeights(questionnaire).map((pointer) => ({ pointer, code: 'weight-not-a-number', detail: 'A score is a number; without it a total would be too low' }));
  const modifiers = [
    ...(questionnaire.implicitRules === undefined ? [] : [modifier('/implicitRules')]),
    ...everywhere(questionnaire, (element, pointer) => [
      ...modified(element, pointer),
      ...['answerOption', 'enableWhen', 'initial'].flatMap((name) => (Array.isArray(element[name]) ? element[name] as unknown[] : []).flatMap((part, index) => modified(part, `${pointer}/${name}/${index}`))),
    ]),
  ];
  const expressions = expressionFindings(questionnaire);
  const notComputed = [...expressions.notComputed, ...externalSets(questionnaire)];
  if (notComputed.length > limits.notComputed) return one('', 'too-many-not-computed', `More than ${limits.notComputed} parts of this form would not be computed`);
  return { problems: [...weights, ...modifiers, ...everywhere(questionnaire, modularTroubles), ...expressions.problems], notComputed };
};
