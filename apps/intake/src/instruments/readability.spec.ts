import { starterNeedRules } from './starter-need-rules.js';
import { starterInterpretations } from './starter-interpretations.js';
import { starterScreening } from './starter-screening.js';
import type { Item } from './fhir.js';
import { textIn, type Language } from './words.js';

/** In English vowels that stand together sound as one, and an e at the end as none. In Russian every vowel is a syllable. */
const syllables: Record<Language, (word: string) => number> = {
  en: (word) => Math.max(1, (word.toLowerCase().replace(/(?:[^laeiouy]es|ed|[^laeiouy]e)$/, '').replace(/^y/, '').match(/[aeiouy]{1,2}/g) ?? []).length),
  ru: (word) => Math.max(1, (word.match(/[аеёиоуыэюя]/gi) ?? []).length),
};

/** Flesch 1948 for English; for Russian with the numbers of Oborneva 2006. 100 is very easy, 60 to 70 plain. */
const ease = (language: Language, texts: string[]): number => {
  const sentences = texts.flatMap((text) => text.split(/[.!?:;]+\s*/)).filter((text) => /\p{L}/u.test(text));
  const words = sentences.flatMap((sentence) => sentence.match(/[\p{L}’'-]+/gu) ?? []);
  const perSentence = words.length / sentences.length;
  const perWord = words.reduce((sum, word) => sum + syllables[language](word), 0) / words.length;
  return language === 'en' ? 206.835 - 1.015 * perSentence - 84.6 * perWord : 206.836 - 1.3 * perSentence - 60.1 * perWord;
};

const questions = (items: Item[] = []): Item[] => items.flatMap((item) => [...(['choice', 'display'].includes(item.type) ? [item] : []), ...questions(item.item)]);

const shown = (language: Language) => questions(starterScreening.item).map((item) => textIn(item, 'text', language)!);
const offered = (language: Language) => questions(starterScreening.item).flatMap(({ answerOption = [] }) => answerOption.map(({ valueCoding }) => textIn(valueCoding!, 'display', language)!));
const explained = (language: Language) => [...starterNeedRules.map(({ explanation }) => explanation[language]), ...starterInterpretations.flatMap(({ ranges }) => ranges.map(({ text }) => text[language]))];

it.each<[string, Language, number, (language: Language) => string[]]>([
  ['what is asked', 'en', 80, shown], ['what is asked', 'ru', 70, shown], ['what is offered', 'en', 85, offered], ['what is offered', 'ru', 70, offered], ['what is explained', 'en', 65, explained], ['what is explained', 'ru', 55, explained],
])('%s (%s) is easy to read', (_, language, least, texts) => {
  expect(texts(language).length).toBeGreaterThan(14);
  expect(ease(language, texts(language))).toBeGreaterThan(least);
});

it.each<[Language]>([['en'], ['ru']])('no question in %s is long', (language) => {
  expect(shown(language).filter((text) => text.split(/[.!?]\s/).some((sentence) => (sentence.match(/[\p{L}’'-]+/gu) ?? []).length > 20))).toEqual([]);
});

it('tells easy from hard', () => {
  expect(ease('en', ['The cat sat on the mat.'])).toBeGreaterThan(100);
  expect(ease('en', ['The multidisciplinary evaluation necessitates comprehensive documentation of psychosocial determinants.'])).toBeLessThan(0);
  expect(ease('ru', ['Мама мыла раму.'])).toBeGreaterThan(80);
  expect(ease('ru', ['Осуществление межведомственного взаимодействия предусматривает предоставление документации.'])).toBeLessThan(0);
});
