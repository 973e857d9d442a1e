import type { EnableWhen, Extension, Item, Questionnaire } from './fhir.js';
import { core, extensions, extensionsOn, fhirpathIn, sdc } from './form.js';
import { conceptsOf } from './value-sets.js';
import { valueIn, type Value } from './values.js';
import { itemsOf, textIn, type Language } from './words.js';

/** A line of a form as it stands on paper. */
export type Printed =
  | { kind: 'heading'; linkId: string; text: string; level: number; when?: string; again?: boolean }
  | { kind: 'text'; text: string }
  | { kind: 'question'; linkId: string; text: string; level: number; when?: string; required: boolean; several: boolean; choices: string[]; space: 'none' | 'line' | 'lines' | 'boxes'; hint?: string };

/** A form for paper. `translated`: its texts are in the language that was asked for, as far as it says. */
export interface Sheet {
  title?: string;
  translated: boolean;
  lines: Printed[];
}

/** A longer list is looked up elsewhere. */
const MOST_CHOICES = 60;

const hints = {
  en: { date: 'day . month . year', dateTime: 'day . month . year, time', time: 'hour : minute', integer: 'a whole number', decimal: 'a number', other: 'Other', yes: 'Yes', no: 'No', attachment: 'attach it', reference: 'name it' },
  ru: { date: 'день . месяц . год', dateTime: 'день . месяц . год, время', time: 'часы : минуты', integer: 'целое число', decimal: 'число', other: 'Другое', yes: 'Да', no: 'Нет', attachment: 'приложите', reference: 'назовите' },
};

const signs: Record<string, Record<Language, string>> = {
  '=': { en: 'is', ru: '—' }, '!=': { en: 'is not', ru: 'не' }, '>': { en: 'is more than', ru: 'больше' }, '<': { en: 'is less than', ru: 'меньше' },
  '>=': { en: 'is at least', ru: 'не меньше' }, '<=': { en: 'is at most', ru: 'не больше' },
};

/** Published forms have numbers for codes and worse; what is no text and no number is not printed. */
interface Coded { code?: unknown; display?: unknown; designation?: ({ language?: unknown; value?: unknown } | null)[] }

const written = (value: unknown): string | undefined => (typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined);

const codedText = (coded: Coded, language: Language): string => {
  const designated = Array.isArray(coded.designation) ? coded.designation.find((one) => written(one?.language)?.toLowerCase().split('-')[0] === language)?.value : undefined;
  return written(designated) ?? textIn(coded, 'display', language) ?? written(coded.code) ?? '';
};

const valueText = ({ type, value }: Value, language: Language): string => {
  if (type === 'Coding') return codedText(value as Coded, language);
  if (type === 'Boolean') return value ? hints[language].yes : hints[language].no;
  if (type === 'Quantity') return [(value as { value?: number }).value, (value as { unit?: string }).unit].filter((one) => one !== undefined).join(' ');
  if (type === 'Reference') return written((value as Coded).display) ?? '';
  return String(value);
};

const unitOf = (item: Item): string | undefined => {
  const unit = extensions(item, `${core}questionnaire-unit`)[0]?.valueCoding as Coded | undefined;
  return written(unit?.display) ?? written(unit?.code);
};

const isHidden = (item: Item): boolean => extensions(item, `${core}questionnaire-hidden`).some(({ valueBoolean }) => valueBoolean === true);

/** The lines of a questionnaire, without what is calculated or hidden: nobody fills that in by hand. */
export const printed = (questionnaire: Questionnaire, language: Language): Printed[] => {
  const items = itemsOf(questionnaire);
  const say = hints[language];
  const sets = new Map<string, string[]>();

  const condition = ({ question, operator, ...rest }: EnableWhen): string => {
    const asked = items.get(question);
    const name = `“${(asked && textIn(asked, 'text', language)) ?? question}”`;
    const answer = valueIn(rest, 'answer');
    if (operator === 'exists') return answer?.value === false ? `${name} ${language === 'ru' ? 'без ответа' : 'is not answered'}` : `${name} ${language === 'ru' ? 'с ответом' : 'is answered'}`;
    const option = answer?.type === 'Coding' ? asked?.answerOption?.find(({ valueCoding }) => valueCoding?.code === (answer.value as Coded).code)?.valueCoding : undefined;
    const shown = option ? codedText(option, language) : answer ? valueText(answer, language) : '';
    return `${name} ${signs[operator]?.[language] ?? operator} “${shown}”`;
  };

  const when = (item: Item): string | undefined => {
    const said = (item.enableWhen ?? []).map(condition);
    const or = item.enableBehavior === 'all' ? (language === 'ru' ? ' и ' : ' and ') : (language === 'ru' ? ' или ' : ' or ');
    if (said.length > 0) return `${language === 'ru' ? 'Только если' : 'Only if'} ${said.join(or)}`;
    return fhirpathIn(item, `${sdc}enableWhenExpression`).length > 0 ? (language === 'ru' ? 'Только если это подходит' : 'Only if it applies') : undefined;
  };

  const choicesOf = (item: Item): string[] => {
    if (item.type === 'boolean') return [say.yes, say.no];
    if (item.type !== 'choice' && item.type !== 'open-choice') return [];
    if (item.answerOption?.length) return item.answerOption.flatMap((option) => valueIn(option) ?? []).map((value) => valueText(value, language));
    const { answerValueSet: set } = item;
    if (set === undefined) return [];
    const known = sets.get(set) ?? [...new Set((conceptsOf(questionnaire.contained ?? [], set) ?? []).map((one) => codedText(one as Coded, language)))];
    sets.set(set, known);
    return known.length > MOST_CHOICES ? [] : known;
  };

  const space = (item: Item, choices: string[]): 'none' | 'line' | 'lines' | 'boxes' => {
    if (item.type === 'text') return 'lines';
    if (['date', 'dateTime', 'time'].includes(item.type)) return 'boxes';
    return choices.length > 0 && item.type !== 'open-choice' ? 'none' : 'line';
  };

  const lines = (item: Item, level: number): Printed[] => {
    if (isHidden(item) || fhirpathIn(item, `${sdc}calculatedExpression`).length > 0 || (item.readOnly && item.type !== 'display' && item.type !== 'group')) return [];
    const text = [textIn(item, 'prefix', language), textIn(item, 'text', language)].filter(Boolean).join(' ');
    const below = (item.item ?? []).flatMap((one) => lines(one, level + 1));
    const limits = when(item);
    const common = { linkId: item.linkId, text, level, ...(limits !== undefined && { when: limits }) };
    if (item.type === 'display') return text ? [{ kind: 'text', text }] : [];
    if (item.type === 'group') return text || below.length > 0 ? [{ kind: 'heading', ...common, ...(item.repeats && { again: true }) }, ...below] : [];
    const choices = choicesOf(item);
    const hint = (say as Record<string, string>)[item.type] ?? (item.type === 'open-choice' ? say.other : undefined);
    const unit = unitOf(item);
    return [{
      kind: 'question', ...common, text: text || item.linkId, required: item.required === true, several: item.repeats === true, choices, space: space(item, choices),
      ...((unit ?? hint) !== undefined && { hint: unit ?? hint }),
    }, ...below];
  };

  return (questionnaire.item ?? []).flatMap((item) => lines(item, 0));
};

/** Whether a questionnaire says its texts in this language: as its own, or as a translation of at least one. */
export const speaks = (questionnaire: Questionnaire, language: Language): boolean => {
  const { language: own } = questionnaire as { language?: unknown };
  const tagged = (extension: Extension | undefined): boolean => extension?.url === `${core}translation`
    && Boolean(extensionsOn(extension).some(({ extension: one }) => one.url === 'lang' && String(one.valueCode ?? '').toLowerCase().split('-')[0] === language));
  return (typeof own === 'string' && own.toLowerCase().split('-')[0] === language)
    || [...itemsOf(questionnaire).values()].some((item) => extensions((item._text ?? {}) as { extension?: Extension[] }, `${core}translation`).some(tagged));
};
