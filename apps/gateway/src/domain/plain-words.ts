import type { Phase } from '@opora/contracts';
import type { Language, SectionState } from './plan-document.js';

type Told = (title: string) => string;

export interface PlainWords {
  readonly title: string;
  readonly plan: Record<Phase | 'none', string>;
  readonly need: Record<Phase, Told>;
  readonly goal: Record<Phase, Told>;
  readonly help: Record<Phase, Told>;
  readonly section: Record<SectionState, Told>;
  readonly step: Record<'start' | 'due' | 'end', (when: string, title: string) => string>;
  readonly who: Told;
  readonly why: Told;
  readonly review: (day: string) => string;
  readonly nothingNext: string;
  readonly stale: string;
  readonly yours: string;
}

const en: PlainWords = {
  title: 'Your plan',
  plan: {
    none: 'You have no plan yet. We make it with you.', proposed: 'This plan is not fixed yet. You may change it. Nothing starts before you say yes.', requested: 'This plan waits for your word. You may change it.',
    waiting: 'This plan waits for its start.', active: 'You said yes to this plan. We work by it.', suspended: 'This plan stands still for now.', declined: 'You said no to this plan.', ended: 'This plan is over.',
  },
  need: {
    proposed: (t) => `We think that you may need help here: ${t}. Is that so? You know best.`, requested: (t) => `You asked for help here: ${t}.`, waiting: (t) => `Help here has to wait: ${t}.`,
    active: (t) => `You need help here: ${t}.`, suspended: (t) => `We left this for later: ${t}.`, declined: (t) => `You do not want help here: ${t}.`, ended: (t) => `You do not need help here any more: ${t}.`,
  },
  goal: {
    proposed: (t) => `We would like to talk with you about this goal: ${t}.`, requested: (t) => `You asked for this goal: ${t}.`, waiting: (t) => `This goal comes later: ${t}.`,
    active: (t) => `This is what we work for with you: ${t}.`, suspended: (t) => `We put this goal off: ${t}.`, declined: (t) => `You do not want this goal: ${t}.`, ended: (t) => `We do not work for this any more: ${t}.`,
  },
  help: {
    proposed: (t) => `This help is only an idea so far: ${t}.`, requested: (t) => `We asked for this help: ${t}. There is no answer yet.`, waiting: (t) => `You are on the list for this help: ${t}.`,
    active: (t) => `You get this help now: ${t}.`, suspended: (t) => `This help stands still for now: ${t}.`, declined: (t) => `You will not get this help here: ${t}.`, ended: (t) => `This help is over: ${t}.`,
  },
  section: {
    active: (t) => `They help you now: ${t}.`, waiting: (t) => `You are on their list: ${t}. They will tell you when it is your turn.`, suspended: (t) => `Their help stands still for now: ${t}.`,
    requested: (t) => `We asked them to help you: ${t}. They have not said yes or no yet.`, declined: (t) => `They cannot help you here: ${t}.`, ended: (t) => `Their help is over: ${t}.`,
  },
  step: { start: (when, t) => `On ${when}: ${t}.`, due: (when, t) => `By ${when}: ${t}.`, end: (when, t) => `Up to ${when}: ${t}.` },
  who: (t) => `Who sees to it: ${t}.`, why: (t) => `Why: ${t}.`, review: (day) => `On ${day} we look at this with you once more.`,
  nothingNext: 'There is no next step with a date yet.', stale: 'Some of this may be out of date: not all of those who help you could be asked.',
  yours: 'This plan is yours. You may say at any time that you want it to change.',
};

const ru: PlainWords = {
  title: 'Ваш план',
  plan: {
    none: 'Плана пока нет. Мы составим его вместе с вами.', proposed: 'План ещё не готов. Вы можете его менять. Пока вы не скажете «да», ничего не начнётся.', requested: 'План ждёт вашего слова. Вы можете его менять.',
    waiting: 'План пока не начат.', active: 'Вы сказали этому плану «да». Мы идём по нему.', suspended: 'План пока стоит.', declined: 'Вы сказали этому плану «нет».', ended: 'Этот план закончен.',
  },
  need: {
    proposed: (t) => `Нам кажется, что тут вам нужна помощь: ${t}. Это так? Вам виднее.`, requested: (t) => `Вы просили тут помочь: ${t}.`, waiting: (t) => `С этим пока надо подождать: ${t}.`,
    active: (t) => `Тут вам нужна помощь: ${t}.`, suspended: (t) => `Это мы пока отложили: ${t}.`, declined: (t) => `Тут вам помощь не нужна: ${t}.`, ended: (t) => `Тут помощь вам больше не нужна: ${t}.`,
  },
  goal: {
    proposed: (t) => `Об этой цели мы хотим с вами поговорить: ${t}.`, requested: (t) => `Вы просили об этой цели: ${t}.`, waiting: (t) => `К этой цели мы придём позже: ${t}.`,
    active: (t) => `К этому мы идём вместе с вами: ${t}.`, suspended: (t) => `Эту цель мы пока отложили: ${t}.`, declined: (t) => `Этой цели вы не хотите: ${t}.`, ended: (t) => `К этому мы больше не идём: ${t}.`,
  },
  help: {
    proposed: (t) => `Это пока только мысль: ${t}.`, requested: (t) => `Мы просили об этой помощи: ${t}. Ответа пока нет.`, waiting: (t) => `Вы в списке на эту помощь: ${t}.`,
    active: (t) => `Эта помощь уже идёт: ${t}.`, suspended: (t) => `Эта помощь пока стоит: ${t}.`, declined: (t) => `Этой помощи тут не будет: ${t}.`, ended: (t) => `Эта помощь закончена: ${t}.`,
  },
  section: {
    active: (t) => `Сейчас вам помогают: ${t}.`, waiting: (t) => `Вы у них в списке: ${t}. Когда придёт ваш черёд, вам скажут.`, suspended: (t) => `Их помощь пока стоит: ${t}.`,
    requested: (t) => `Мы просили их вам помочь: ${t}. Они ещё не дали ответ.`, declined: (t) => `Тут они помочь не могут: ${t}.`, ended: (t) => `Их помощь закончена: ${t}.`,
  },
  step: { start: (when, t) => `День и час: ${when}. Что будет: ${t}.`, due: (when, t) => `До ${when}. Что надо: ${t}.`, end: (when, t) => `По ${when}. Что идёт: ${t}.` },
  who: (t) => `Кто за это в ответе: ${t}.`, why: (t) => `Почему: ${t}.`, review: (day) => `День, когда мы снова посмотрим на это вместе с вами: ${day}.`,
  nothingNext: 'Шагов с датой пока нет.', stale: 'Что-то здесь могло устареть: не всех, кто вам помогает, удалось спросить.',
  yours: 'Это ваш план. Вы в любой день можете сказать, что хотите его изменить.',
};

/** Kept easy to read: a test measures it. */
export const plainWords: Record<Language, PlainWords> = { en, ru };
