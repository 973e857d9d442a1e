import { inWords, type Day } from '@opora/domain';
import type { Language } from './plan-document.js';

interface Told {
  readonly status: 'recorded' | 'answered' | 'withdrawn';
  readonly dueOn: Day;
  readonly overdue: boolean;
  readonly answer?: { readonly outcome: 'upheld' | 'partly-upheld' | 'declined' } | undefined;
}

const words = {
  en: {
    waiting: (day: string) => ['You said that you do not agree.', `A person will read it and answer you by ${day}.`],
    late: (day: string) => ['You said that you do not agree.', `We had to answer by ${day}. We are late. You may ask us why.`],
    withdrawn: ['You took your words back.'],
    outcome: { 'upheld': 'A person has read it. You are right.', 'partly-upheld': 'A person has read it. You are right in part.', 'declined': 'A person has read it. We see it in another way.' },
    further: 'If you still do not agree, you may go to those who check on us, or to a court.',
  },
  ru: {
    waiting: (day: string) => ['Вы сказали, что не согласны.', `Вам ответит человек. Срок: до ${day}.`],
    late: (day: string) => ['Вы сказали, что не согласны.', `Мы должны были дать ответ до ${day}. Мы опоздали. Вы можете нас спросить, почему.`],
    withdrawn: ['Вы взяли свои слова назад.'],
    outcome: { 'upheld': 'Человек это прочёл. Вы правы.', 'partly-upheld': 'Человек это прочёл. Вы правы, но не во всём.', 'declined': 'Человек это прочёл. Мы видим это иначе.' },
    further: 'Если вы всё же не согласны, можно пойти к тем, кто за нами следит, или в суд.',
  },
} as const;

/** Where an objection stands, in sentences. */
export const objectionWords = ({ status, dueOn, overdue, answer }: Told, language: Language): string[] => {
  const say = words[language];
  if (status === 'withdrawn') return [...say.withdrawn];
  if (answer) return [say.outcome[answer.outcome], ...(answer.outcome === 'upheld' ? [] : [say.further])];
  return [...(overdue ? say.late : say.waiting)(inWords(dueOn, language))];
};
