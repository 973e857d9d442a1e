import type { Severity } from '@opora/contracts';
import { needDomains } from './starter-screening.js';

export interface StarterNeedRule {
  /** Stable name of the rule within the starter screening. */
  rule: string;
  need: { system: string; code: string };
  severity: Severity;
  /** See `evaluateCondition`. */
  condition: string;
  explanation: { en: string; ru: string };
}

const chose = (linkId: string, ...codes: string[]): string => `answer('${linkId}').where(${codes.map((code) => `code = '${code}'`).join(' or ')}).exists()`;
const scored = (domain: string, least: number, most?: number): string =>
  `score('${domain}-score') >= ${least}${most === undefined ? '' : ` and score('${domain}-score') <= ${most}`}`;

const rule = (code: string, severity: Severity, condition: string, en: string, ru: string): StarterNeedRule =>
  ({ rule: `${code}-${severity}`, need: { system: needDomains, code }, severity, condition, explanation: { en, ru } });

/** Of the rules of one domain at most one is met by any answers, so that a person gets one need per domain. */
export const starterNeedRules: readonly StarterNeedRule[] = [
  rule('housing', 'critical', chose('housing-place', 'nowhere'), 'The person has no place to sleep.', 'Человеку негде ночевать.'),
  rule('housing', 'high', chose('housing-place', 'temporary', 'losing'), 'The home is temporary or may be lost soon.', 'Жильё временное, или его скоро можно лишиться.'),
  rule('housing', 'moderate', `${chose('housing-quality', 'bad')} and ${chose('housing-place', 'nowhere', 'temporary', 'losing')}.not()`,
    'The home is bad for the person’s health.', 'Жильё вредит здоровью человека.'),
  rule('food', 'high', scored('food', 3), 'The person often goes short of food or has none now.', 'Человеку часто не хватает еды, или её нет сейчас.'),
  rule('food', 'moderate', scored('food', 1, 2), 'The person sometimes goes short of food.', 'Человеку иногда не хватает еды.'),
  rule('income', 'high', scored('income', 4), 'Money does not last, and there are debts that cannot be paid.', 'Денег не хватает, и есть долги, которые нечем платить.'),
  rule('income', 'moderate', scored('income', 2, 3), 'Money often does not last, or there are unpaid debts.', 'Денег часто не хватает, или есть неоплаченные долги.'),
  rule('employment', 'high', chose('employment-now', 'unable'), 'The person cannot work and gets no support.', 'Человек не может работать и не получает поддержки.'),
  rule('employment', 'moderate', chose('employment-now', 'looking'), 'The person is looking for work.', 'Человек ищет работу.'),
  rule('employment', 'low', chose('employment-now', 'unsure'), 'The person may lose the job.', 'Человек может потерять работу.'),
  rule('legal', 'high', chose('legal-matter', 'dated'), 'There is a legal matter with a date to keep.', 'Есть правовой вопрос со сроком, который нельзя пропустить.'),
  rule('legal', 'moderate', `${scored('legal', 1)} and ${chose('legal-matter', 'dated')}.not()`, 'There is a legal matter, or papers are missing.', 'Есть правовой вопрос, или нет нужных документов.'),
  rule('safety', 'critical', chose('safety-today', 'yes'), 'The person needs help to be safe today.', 'Человеку нужна помощь, чтобы быть в безопасности сегодня.'),
  rule('safety', 'high', `${chose('safety-fear', 'yes', 'sometimes')} and ${chose('safety-today', 'yes')}.not()`, 'The person is afraid of someone close.', 'Человек боится кого-то из близких.'),
  rule('psychological', 'critical', chose('psychological-harm', 'now'), 'The person thinks about hurting themselves.', 'Человек думает о том, чтобы причинить себе вред.'),
  rule('psychological', 'high', `${scored('psychological', 3)} and ${chose('psychological-harm', 'now')}.not()`, 'The strain is heavy.', 'Нагрузка очень велика.'),
  rule('psychological', 'moderate', scored('psychological', 1, 2), 'The strain is noticeable.', 'Нагрузка заметна.'),
  rule('daily-living', 'high', scored('daily-living', 3), 'The person cannot manage everyday life without help.', 'Человек не справляется с повседневной жизнью без помощи.'),
  rule('daily-living', 'moderate', scored('daily-living', 2, 2), 'Everyday life is hard without more help.', 'Без дополнительной помощи справляться трудно.'),
];
