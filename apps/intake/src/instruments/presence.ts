import { compare } from './comparing.js';
import { plain } from './conversion.js';
import type { Answer, Extension } from './fhir.js';
import { core, extensions, isDisplay, isGroup, sdc, type FormItem } from './form.js';
import { optionFor } from './options.js';
import type { Place } from './places.js';
import type { ResponseTrouble } from './results.js';
import type { Settled } from './settlement.js';
import { valueIn } from './values.js';

const hasAnswer = (place: Place): boolean => Boolean(place.item?.answer?.length && !place.form?.calculated) || place.children.some(hasAnswer);
const hasAnyAnswer = (place: Place): boolean => Boolean(place.item?.answer?.length) || place.children.some(hasAnyAnswer);

const number = (form: FormItem, url: string): number | undefined => extensions(form.item, core + url)[0]?.valueInteger;

/** What is wrong with a response that claims to be complete: answers that are missing, that nobody asked for, too few, too small. */
export const presenceTroubles = (settled: Settled): ResponseTrouble[] => {
  const [root] = settled.places;
  return root ? [...below(settled, root), ...settled.places.flatMap((place) => constraintTroubles(settled, place))] : [];
};

const pointerOf = ({ pointers }: Settled, place: Place): string => {
  for (let at: Place | undefined = place; at; at = at.parent) {
    const found = (at.item && pointers.get(at.item)) ?? (at.holder && pointers.get(at.holder));
    if (found !== undefined) return found;
  }
  return '';
};

const below = (settled: Settled, parent: Place): ResponseTrouble[] => {
  const counted = new Map<FormItem, number>();
  for (const { form, item } of parent.children) counted.set(form!, (counted.get(form!) ?? 0) + (item ? (isGroup(form!) ? 1 : item.answer?.length ?? 0) : 0));
  return parent.children.flatMap((place) => troublesAt(settled, place, counted.get(place.form!)!));
};

const troublesAt = (settled: Settled, place: Place, count: number): ResponseTrouble[] => {
  const form = place.form!;
  const { item } = form;
  const say = (code: string, detail: string): ResponseTrouble[] => [{ pointer: pointerOf(settled, place), code, detail, linkId: item.linkId }];
  if (place.enabled === false) return hasAnswer(place) ? say('disabled-answered', `“${item.linkId}” is not enabled by the other answers, so it takes none`) : [];
  if (isDisplay(form)) return [];
  const troubles: ResponseTrouble[] = [];
  // A calculated item that cannot be computed is nothing that the person could supply.
  if (item.required && !form.calculated && !hasAnyAnswer(place)) troubles.push(...say('required-missing', `“${item.linkId}” needs an answer`));
  const [least, most] = [number(form, 'questionnaire-minOccurs'), number(form, 'questionnaire-maxOccurs')];
  if (least !== undefined && count < least && count > 0) troubles.push(...say('too-few-answers', `“${item.linkId}” needs at least ${least}`));
  if (most !== undefined && count > most) troubles.push(...say('too-many-answers', `“${item.linkId}” takes at most ${most}`));
  troubles.push(...rangeTroubles(settled, place));
  return place.item ? [...troubles, ...below(settled, place)] : troubles;
};

const rangeTroubles = (settled: Settled, place: Place): ResponseTrouble[] => {
  const { item, calculated } = place.form!;
  if (calculated) return [];
  const quantity = (name: string) => extensions(item, sdc + name).flatMap((extension) => valueIn(extension) ?? [])[0];
  const bound = (url: string) => extensions(item, core + url).flatMap((extension) => valueIn(extension) ?? [])[0];
  const [least, most] = [bound('minValue') ?? quantity('minQuantity'), bound('maxValue') ?? quantity('maxQuantity')];
  const answers = place.item?.answer ?? [];
  if (answers.length > 1 && answers.some((answer) => isExclusive(place.form!, answer))) {
    return [{ pointer: `${pointerOf(settled, place)}/answer`, code: 'option-exclusive', detail: 'One of these answers excludes any other', linkId: item.linkId }];
  }
  return answers.flatMap((answer, index) => {
    const value = valueIn(answer);
    const pointer = `${settled.pointers.get(answer) ?? `${pointerOf(settled, place)}/answer/${index}`}`;
    if (value && least && (compare(value, least) ?? 0) < 0) return [{ pointer, code: 'too-small', detail: 'The questionnaire sets a higher minimum', linkId: item.linkId }];
    if (value && most && (compare(value, most) ?? 0) > 0) return [{ pointer, code: 'too-large', detail: 'The questionnaire sets a lower maximum', linkId: item.linkId }];
    return [];
  });
};

const isExclusive = ({ options }: FormItem, answer: Answer): boolean => {
  const value = valueIn(answer);
  return Boolean(value && optionFor(options, value)?.exclusive);
};

const part = (extension: Extension, url: string): Extension | undefined => extensions(extension, url)[0];

/** Constraints of severity "error" that the response contradicts; a warning stops nobody, and one that cannot be told neither. */
const constraintTroubles = (settled: Settled, place: Place): ResponseTrouble[] => {
  if (place.enabled === false || (place.form && !place.item)) return [];
  const element = place.form?.item ?? settled.form.questionnaire;
  return [...extensions(element, `${core}targetConstraint`), ...extensions(element, `${core}questionnaire-constraint`)].flatMap((constraint) => {
    const said = part(constraint, 'expression');
    const expression = said?.valueExpression?.language === 'text/fhirpath' ? said.valueExpression.expression : said?.valueString;
    if (!expression || part(constraint, 'severity')?.valueCode !== 'error') return [];
    const outcome = settled.scope.evaluate(expression, place, 'constraint');
    if ('reason' in outcome || plain(outcome.values[0]) !== false) return [];
    return [{ pointer: pointerOf(settled, place), code: 'constraint-violated', detail: 'A rule of the questionnaire about these answers is not kept', linkId: place.form?.item.linkId }];
  });
};
