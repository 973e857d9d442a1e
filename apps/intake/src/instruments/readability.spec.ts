import { longestSentence, readingEase } from '@opora/testing';
import { starterNeedRules } from './starter-need-rules.js';
import { starterInterpretations } from './starter-interpretations.js';
import { starterScreening } from './starter-screening.js';
import type { Item } from './fhir.js';
import { textIn, type Language } from './words.js';

const questions = (items: Item[] = []): Item[] => items.flatMap((item) => [...(['choice', 'display'].includes(item.type) ? [item] : []), ...questions(item.item)]);

const shown = (language: Language) => questions(starterScreening.item).map((item) => textIn(item, 'text', language)!);
const offered = (language: Language) => questions(starterScreening.item).flatMap(({ answerOption = [] }) => answerOption.map(({ valueCoding }) => textIn(valueCoding!, 'display', language)!));
const explained = (language: Language) => [...starterNeedRules.map(({ explanation }) => explanation[language]), ...starterInterpretations.flatMap(({ ranges }) => ranges.map(({ text }) => text[language]))];

it.each<[string, Language, number, (language: Language) => string[]]>([
  ['what is asked', 'en', 80, shown], ['what is asked', 'ru', 70, shown], ['what is offered', 'en', 85, offered], ['what is offered', 'ru', 70, offered], ['what is explained', 'en', 65, explained], ['what is explained', 'ru', 55, explained],
])('%s (%s) is easy to read', (_, language, least, texts) => {
  expect(texts(language).length).toBeGreaterThan(14);
  expect(readingEase(language, texts(language))).toBeGreaterThan(least);
});

it.each<[Language]>([['en'], ['ru']])('no question in %s is long', (language) => {
  expect(longestSentence(shown(language))).toBeLessThanOrEqual(20);
});

it('tells easy from hard', () => {
  expect(readingEase('en', ['The cat sat on the mat.'])).toBeGreaterThan(100);
  expect(readingEase('en', ['The multidisciplinary evaluation necessitates comprehensive documentation of psychosocial determinants.'])).toBeLessThan(0);
  expect(readingEase('ru', ['Мама мыла раму.'])).toBeGreaterThan(80);
  expect(readingEase('ru', ['Осуществление межведомственного взаимодействия предусматривает предоставление документации.'])).toBeLessThan(0);
});
