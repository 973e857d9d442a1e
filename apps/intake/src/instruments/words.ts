import type { Answer, Extension, Item, Questionnaire, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { core, extensions, fhirpathIn, sdc } from './form.js';
import { valueIn } from './values.js';

export type Language = 'en' | 'ru';

const part = (extension: Extension, url: string): Extension | undefined => extensions(extension, url)[0];

/**
 * A text of a questionnaire in the language that is asked for: as its translation extension has it [R4], or else as it stands, whatever
 * language that is.
 */
export const textIn = (element: object, name: 'text' | 'title' | 'display' | 'prefix', language: Language): string | undefined => {
  const { [name]: own, [`_${name}`]: beside } = element as Record<string, unknown>;
  const translated = extensions((beside ?? {}) as { extension?: Extension[] }, `${core}translation`)
    .find((one) => String(part(one, 'lang')?.valueCode ?? '').toLowerCase().split('-')[0] === language);
  const content = translated && (part(translated, 'content')?.valueString ?? part(translated, 'content')?.valueMarkdown);
  return typeof content === 'string' && content !== '' ? content : typeof own === 'string' && own !== '' ? own : undefined;
};

/** Every item of a questionnaire by its linkId. */
export const itemsOf = ({ item = [] }: { item?: Item[] }, into = new Map<string, Item>()): Map<string, Item> => {
  for (const one of item) itemsOf(one, into.set(one.linkId, one));
  return into;
};

/** Whether the item's value is a number that is calculated here. */
export const isScoreItem = (questionnaire: Questionnaire, linkId: string): boolean => {
  const item = itemsOf(questionnaire).get(linkId);
  return item !== undefined && ['integer', 'decimal', 'quantity'].includes(item.type) && fhirpathIn(item, `${sdc}calculatedExpression`).length > 0;
};

const answersIn = (items: ResponseItem[] = [], into = new Map<string, Answer[]>()): Map<string, Answer[]> => {
  for (const { linkId, item, answer = [] } of items) {
    const known = into.get(linkId);
    if (known) known.push(...answer);
    else into.set(linkId, [...answer]);
    answersIn(item, into);
    for (const one of answer) answersIn(one.item, into);
  }
  return into;
};

const yesNo = { en: ['No', 'Yes'], ru: ['Нет', 'Да'] } as const;

const said = (item: Item | undefined, answer: Answer, language: Language): string | undefined => {
  const value = valueIn(answer);
  switch (value?.type) {
    case undefined: return undefined;
    case 'Boolean': return yesNo[language][value.value ? 1 : 0];
    case 'Coding': {
      const { system, code, display } = value.value as { system?: string; code?: string; display?: string };
      const option = item?.answerOption?.find(({ valueCoding }) => valueCoding && valueCoding.code === code && valueCoding.system === system);
      return (option?.valueCoding && textIn(option.valueCoding, 'display', language)) ?? display ?? code;
    }
    case 'Quantity': {
      const { value: amount, unit, code } = value.value as { value?: number; unit?: string; code?: string };
      return [amount, unit ?? code].filter((one) => one !== undefined).join(' ');
    }
    case 'Reference': case 'Attachment': return undefined;
    default: return String(value!.value);
  }
};

/** A question and what was answered to it, as a person reads it. */
export interface Said {
  linkId: string;
  question: Record<Language, string>;
  answers: Record<Language, string>[];
}

/** The questions of these linkIds with their answers, in the questionnaire's order. */
export const saidTo = (questionnaire: Questionnaire, response: QuestionnaireResponse, linkIds: readonly string[]): Said[] => {
  const wanted = new Set(linkIds);
  const answers = answersIn(response.item);
  return [...itemsOf(questionnaire)].filter(([linkId]) => wanted.has(linkId)).map(([linkId, item]) => ({
    linkId,
    question: { en: textIn(item, 'text', 'en') ?? linkId, ru: textIn(item, 'text', 'ru') ?? linkId },
    answers: (answers.get(linkId) ?? []).flatMap((answer) => {
      const en = said(item, answer, 'en');
      return en === undefined ? [] : [{ en, ru: said(item, answer, 'ru')! }];
    }),
  }));
};
