import { longestSentence, readingEase } from '@opora/testing';
import { objectionWords } from './objection-words.js';

const recorded = { status: 'recorded', dueOn: '2026-03-16', overdue: false } as const;
const all = (language: 'en' | 'ru') => [
  recorded, { ...recorded, overdue: true }, { ...recorded, status: 'withdrawn' as const },
  ...(['upheld', 'partly-upheld', 'declined'] as const).map((outcome) => ({ ...recorded, status: 'answered' as const, answer: { outcome } })),
].map((one) => objectionWords(one, language));

it('says by when a person answers, that it is late, and what was answered', () => {
  expect(all('en')[0]).toEqual(['You said that you do not agree.', 'A person will read it and answer you by 16 March 2026.']);
  expect(all('ru')[1]!.join(' ')).toContain('до 16 марта 2026 года. Мы опоздали.');
  expect(all('en')[5]!.join(' ')).toMatch(/another way.*court/);
});

it.each<['en' | 'ru', number]>([['en', 80], ['ru', 70]])('is easy to read (%s)', (language, least) => {
  const sentences = [...new Set(all(language).flat())];
  expect(readingEase(language, sentences)).toBeGreaterThan(least);
  expect(longestSentence(sentences)).toBeLessThanOrEqual(20);
});
