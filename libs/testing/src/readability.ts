type Language = 'en' | 'ru';

/** In English vowels that stand together sound as one, and an e at the end as none. In Russian every vowel is a syllable. */
const syllables: Record<Language, (word: string) => number> = {
  en: (word) => Math.max(1, (word.toLowerCase().replace(/(?:[^laeiouy]es|ed|[^laeiouy]e)$/, '').replace(/^y/, '').match(/[aeiouy]{1,2}/g) ?? []).length),
  ru: (word) => Math.max(1, (word.match(/[аеёиоуыэюя]/gi) ?? []).length),
};

/** Flesch 1948 for English; for Russian with the numbers of Oborneva 2006. 100 is very easy, 60 to 70 plain. */
export const readingEase = (language: Language, texts: readonly string[]): number => {
  const sentences = texts.flatMap((text) => text.split(/[.!?:;]+\s*/)).filter((text) => /\p{L}/u.test(text));
  const words = sentences.flatMap((sentence) => sentence.match(/[\p{L}’'-]+/gu) ?? []);
  const perSentence = words.length / sentences.length;
  const perWord = words.reduce((sum, word) => sum + syllables[language](word), 0) / words.length;
  return language === 'en' ? 206.835 - 1.015 * perSentence - 84.6 * perWord : 206.836 - 1.3 * perSentence - 60.1 * perWord;
};

/** The longest sentence, in words. */
export const longestSentence = (texts: readonly string[]): number =>
  Math.max(...texts.flatMap((text) => text.split(/[.!?]\s/)).map((sentence) => (sentence.match(/[\p{L}’'-]+/gu) ?? []).length));
