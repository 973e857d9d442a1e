import type { Coded, DataClass, NeedCode } from '@opora/contracts';

/** What the plan calls a need, and why it ended; in both languages. */
const coded = (system: string, code: string, en: string, ru: string): Coded => ({ system: `urn:opora:${system}`, code, en, ru });

const needs: Record<NeedCode, Coded> = {
  housing: coded('need', 'housing', 'Housing', 'Жильё'),
  food: coded('need', 'food', 'Food', 'Питание'),
  income: coded('need', 'income', 'Income', 'Доход'),
  employment: coded('need', 'employment', 'Work', 'Работа'),
  legal: coded('need', 'legal', 'Legal help', 'Правовая помощь'),
  safety: coded('need', 'safety', 'Safety', 'Безопасность'),
  psychological: coded('need', 'psychological', 'Psychological support', 'Психологическая поддержка'),
  'daily-living': coded('need', 'daily-living', 'Everyday life', 'Повседневная жизнь'),
};

export const needCodes = Object.keys(needs) as NeedCode[];

export const needTitle = (code: NeedCode): Coded => needs[code];

/** Safety may tell of violence, psychological needs of health: a special category. */
export const needDataClass = (code: NeedCode): DataClass => (code === 'psychological' || code === 'safety' ? 'D2' : 'D1');

const withdrawals = {
  'client-disagrees': coded('need-end', 'client-disagrees', 'The client sees it differently', 'Клиент видит это иначе'),
  'no-longer-applies': coded('need-end', 'no-longer-applies', 'No longer a need', 'Потребности больше нет'),
  'wrongly-assessed': coded('need-end', 'wrongly-assessed', 'Wrongly assessed', 'Оценено неверно'),
  'screening-amended': coded('need-end', 'screening-amended', 'The answers were corrected', 'Ответы исправлены'),
  'rule-entered-in-error': coded('need-end', 'rule-entered-in-error', 'Found by a wrong rule', 'Выявлено по ошибочному правилу'),
  other: coded('need-end', 'other', 'Another reason', 'Другая причина'),
} satisfies Record<string, Coded>;

export type WithdrawalReason = keyof typeof withdrawals;

/** Those that a person may give; the others come from what happened to a screening or a rule. */
export const withdrawalReasons: readonly WithdrawalReason[] = ['client-disagrees', 'no-longer-applies', 'wrongly-assessed', 'other'];

export const withdrawal = (reason: WithdrawalReason): Coded => withdrawals[reason];

const outcomes = {
  met: coded('need-end', 'met', 'The need is met', 'Потребность удовлетворена'),
  unmet: coded('need-end', 'unmet', 'The need could not be met', 'Потребность не удалось удовлетворить'),
} satisfies Record<'met' | 'unmet', Coded>;

export const outcomeTitle = (outcome: 'met' | 'unmet'): Coded => outcomes[outcome];
