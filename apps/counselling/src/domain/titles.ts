import type { Coded } from '@opora/contracts';

/** The code lists of counselling, with the titles that plan entries show. */
const list = <K extends string>(system: string, titles: Record<K, readonly [en: string, ru: string]>) => {
  const codes = Object.keys(titles) as K[];
  const coded = (code: K): Coded => ({ system: `urn:opora:${system}`, code, en: titles[code][0], ru: titles[code][1] });
  return { codes, coded };
};

export const goals = list('goal', {
  'secure-home': ['A secure place to live', 'Надёжное жильё'],
  'enough-food': ['Enough food every day', 'Достаточно еды каждый день'],
  'stable-income': ['A stable income', 'Стабильный доход'],
  'suitable-work': ['Suitable work', 'Подходящая работа'],
  'rights-protected': ['Rights are protected', 'Права защищены'],
  'safe-life': ['A life in safety', 'Жизнь в безопасности'],
  'inner-balance': ['Feeling better', 'Душевное равновесие'],
  'independent-daily-life': ['Managing daily life independently', 'Самостоятельность в быту'],
  'stronger-relations': ['Stronger ties with other people', 'Крепкие связи с людьми'],
  'personal-goal': ['A personal goal', 'Личная цель'],
});
export type GoalTitle = (typeof goals.codes)[number];

export const actions = list('action', {
  'gather-documents': ['Gather documents', 'Собрать документы'],
  'make-appointment': ['Make an appointment', 'Записаться на приём'],
  'attend-appointment': ['Go to the appointment', 'Прийти на приём'],
  'apply-for-benefit': ['Apply for a benefit', 'Подать заявление на пособие'],
  'look-for-work': ['Look for work', 'Искать работу'],
  'attend-course': ['Attend a course', 'Посещать занятия'],
  'keep-in-touch': ['Keep in touch', 'Быть на связи'],
  'personal-step': ['A step of one’s own', 'Личный шаг'],
});
export type ActionTitle = (typeof actions.codes)[number];

export const outcomes = list('plan-outcome', {
  'goals-reached': ['The goals are reached', 'Цели достигнуты'],
  'partly-reached': ['The goals are partly reached', 'Цели достигнуты частично'],
  'client-ended': ['The person ended the work', 'Человек завершил работу'],
  'contact-lost': ['Contact was lost', 'Связь потеряна'],
  'moved-away': ['The person moved away', 'Человек переехал'],
  other: ['Another outcome', 'Другой исход'],
});
export type PlanOutcome = (typeof outcomes.codes)[number];

/** Why a need waits. */
export const notNowReasons = ['not-ready', 'another-need-first', 'helped-elsewhere', 'no-suitable-offer', 'client-choice', 'other'] as const;

/** Why a recommendation is not taken. */
export const declineReasons = ['client-choice', 'not-suitable', 'too-far', 'too-costly', 'wait-too-long', 'helped-elsewhere', 'other'] as const;

const record = list('record-status', {
  'entered-in-error': ['Recorded by mistake', 'Записано по ошибке'],
  dropped: ['No longer part of the plan', 'Больше не входит в план'],
});
export const enteredInErrorTitle = record.coded('entered-in-error');
export const droppedTitle = record.coded('dropped');

export const planTitle: Coded = { system: 'urn:opora:plan', code: 'support-plan', en: 'Support plan', ru: 'План поддержки' };
