import { answerTypes } from './comparing.js';
import type { Answer, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { core, extensions, isDisplay, isGroup, type Form, type FormItem } from './form.js';
import { excessIn } from './limits.js';
import { optionFor } from './options.js';
import type { ResponseTrouble } from './results.js';
import { isCorrect, valuesIn, type Value } from './values.js';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

type Say = (pointer: string, code: string, detail: string, form?: FormItem) => void;

/** What is wrong with a response whatever its status: places, nesting, types, options. */
export const structureTroubles = (form: Form, response: unknown): ResponseTrouble[] => {
  const troubles: ResponseTrouble[] = [];
  const say: Say = (pointer, code, detail, one) => troubles.push({ pointer, code, detail, ...(one ? { linkId: one.item.linkId } : {}) });
  const excess = excessIn(response);
  if (!isObject(response) || response.resourceType !== 'QuestionnaireResponse') say('', 'not-a-response', 'A FHIR R4 QuestionnaireResponse is expected');
  else if (excess) say('', excess, 'Fewer items, or fewer levels of them, are accepted');
  else itemsTroubles(form, undefined, form.items, (response as unknown as QuestionnaireResponse).item, '', say);
  return troubles;
};

const itemsTroubles = (form: Form, parent: FormItem | undefined, allowed: FormItem[], items: unknown, holder: string, say: Say): void => {
  if (items === undefined) return;
  if (!Array.isArray(items)) return say(`${holder}/item`, 'type-mismatch', 'A list of items is expected', parent);
  const seen = new Set<string>();
  items.forEach((item: unknown, index) => {
    const pointer = `${holder}/item/${index}`;
    if (!isObject(item) || typeof item.linkId !== 'string') return say(pointer, 'type-mismatch', 'An item with a linkId is expected', parent);
    const known = form.byLinkId.get(item.linkId);
    if (!known) return say(`${pointer}/linkId`, 'unknown-linkId', 'The questionnaire has no such item');
    if (!allowed.includes(known)) return misplaced(parent, known, pointer, say);
    if (seen.has(item.linkId) && !(isGroup(known) && known.item.repeats)) {
      say(pointer, isGroup(known) ? 'too-many-answers' : 'wrong-nesting', isGroup(known) ? 'This group does not repeat' : 'Several answers to one question stand in one item', known);
    }
    seen.add(item.linkId);
    itemTroubles(form, known, item as unknown as ResponseItem, pointer, say);
  });
};

const misplaced = (parent: FormItem | undefined, known: FormItem, pointer: string, say: Say): void =>
  known.parent === parent
    ? say(pointer, 'wrong-nesting', 'Items below a question hang under its answer, items of a group under the group', known)
    : say(pointer, 'wrong-place', 'The questionnaire has this item in another place', known);

const itemTroubles = (form: Form, known: FormItem, item: ResponseItem, pointer: string, say: Say): void => {
  const { answer, item: below } = item;
  const group = isGroup(known);
  itemsTroubles(form, known, group ? known.children : [], below, pointer, say);
  if (answer === undefined) return;
  if (!Array.isArray(answer)) return say(`${pointer}/answer`, 'type-mismatch', 'A list of answers is expected', known);
  if (answer.length && group) return say(`${pointer}/answer`, 'group-answered', 'A group has items, not answers', known);
  if (answer.length && isDisplay(known)) return say(`${pointer}/answer`, 'display-answered', 'A displayed text takes no answer', known);
  if (answer.length > 1 && !known.item.repeats) say(`${pointer}/answer`, 'too-many-answers', 'This question takes one answer', known);
  answer.forEach((one: unknown, index) => {
    const at = `${pointer}/answer/${index}`;
    if (!isObject(one)) return say(at, 'type-mismatch', 'An answer with a value is expected', known);
    answerTroubles(known, one as Answer, at, say);
    itemsTroubles(form, known, known.children, one.item, at, say);
  });
};

const answerTroubles = (known: FormItem, answer: Answer, pointer: string, say: Say): void => {
  const values = valuesIn(answer);
  const [value] = values;
  if (values.length !== 1 || !value) return say(pointer, values.length ? 'several-values' : 'value-missing', 'Each answer has exactly one value', known);
  const at = `${pointer}/value${value.type}`;
  const types = answerTypes(known);
  if (!types.includes(value.type)) return say(at, 'type-mismatch', `An answer to this item is a value${types.join(' or value')}`, known);
  if (!isCorrect(value)) return say(at, 'type-mismatch', `This is not a correct FHIR R4 value${value.type}`, known);
  optionTroubles(known, value, at, say);
  textTroubles(known, value, at, say);
};

const textTroubles = ({ item }: FormItem, value: Value, at: string, say: Say): void => {
  const known = { item } as FormItem;
  if (typeof value.value === 'number') {
    const [places] = extensions(item, `${core}maxDecimalPlaces`);
    const told = /\.(\d+)$/.exec(String(value.value))?.[1]?.length ?? 0;
    if (places?.valueInteger !== undefined && told > places.valueInteger) say(at, 'too-many-decimals', `At most ${places.valueInteger} decimal places`, known);
  }
  if (typeof value.value !== 'string') return;
  const length = [...value.value].length;
  const [least] = extensions(item, `${core}minLength`);
  if (item.maxLength !== undefined && length > item.maxLength) say(at, 'too-long', `At most ${item.maxLength} characters`, known);
  if (least?.valueInteger !== undefined && length < least.valueInteger) say(at, 'too-short', `At least ${least.valueInteger} characters`, known);
};

const optionTroubles = (known: FormItem, value: Value, at: string, say: Say): void => {
  const { options, item } = known;
  const listed = options.kind === 'listed' && item.type !== 'open-choice' && (item.type === 'choice' || item.answerOption?.length);
  if (listed && !optionFor(options, value)) say(at, 'not-an-option', 'The questionnaire does not offer this answer', known);
  const coding = value.value as { system?: string; code?: string };
  if (options.kind === 'external' && item.type === 'choice' && value.type === 'Coding' && !(coding.system && coding.code)) {
    say(at, 'not-an-option', 'An answer from an external value set has a system and a code', known);
  }
};
