import type { Coded, RejectionCode } from '@opora/contracts';

/** The titles that legal aid publishes in plan entries, in both languages. */
const coded = (system: string, code: string, en: string, ru: string): Coded => ({ system: `urn:opora:${system}`, code, en, ru });

const offers: Record<string, Coded> = {
  'legal-consultation': coded('offer:legal-aid', 'legal-consultation', 'Legal advice', 'Юридическая консультация'),
  'court-representation': coded('offer:legal-aid', 'court-representation', 'Representation in court', 'Представительство в суде'),
};

export const offerTitle = (code: string): Coded => offers[code] ?? coded('offer:legal-aid', code, 'Legal aid', 'Юридическая помощь');

export const answerReferral = coded('action', 'answer-referral', 'Legal aid answers the request', 'Юридическая помощь отвечает на запрос');
export const proceduralDeadline = coded('action', 'procedural-deadline', 'Procedural deadline', 'Процессуальный срок');

const rejections: Record<RejectionCode | 'expired', Coded> = {
  'no-capacity': coded('referral-reason', 'no-capacity', 'No free places', 'Нет свободных мест'),
  'waitlist-only': coded('referral-reason', 'waitlist-only', 'Only the waiting list is open', 'Открыт только лист ожидания'),
  'not-eligible': coded('referral-reason', 'not-eligible', 'The conditions are not met', 'Условия не выполнены'),
  'out-of-scope': coded('referral-reason', 'out-of-scope', 'Not what we do', 'Вне нашей деятельности'),
  'conflict-of-interest': coded('referral-reason', 'conflict-of-interest', 'A conflict of interest', 'Конфликт интересов'),
  'could-not-contact': coded('referral-reason', 'could-not-contact', 'The client could not be reached', 'Не удалось связаться'),
  'unsafe-to-contact': coded('referral-reason', 'unsafe-to-contact', 'No safe way of contact', 'Нет безопасного способа связи'),
  'client-declined': coded('referral-reason', 'client-declined', 'The client declined', 'Клиент отказался'),
  duplicate: coded('referral-reason', 'duplicate', 'Already taken on', 'Уже принято'),
  'documents-missing': coded('referral-reason', 'documents-missing', 'Documents are missing', 'Не хватает документов'),
  other: coded('referral-reason', 'other', 'Another reason', 'Другая причина'),
  expired: coded('referral-reason', 'expired', 'Nobody answered in time', 'Ответа в срок не было'),
};

export const rejection = (code: RejectionCode | 'expired'): Coded => rejections[code];

export const takenOn = coded('referral-status', 'accepted', 'Taken on', 'Принято в работу');
export const takenBack = coded('referral-status', 'withdrawn', 'The request was taken back', 'Запрос отозван');
export const entered = coded('record-status', 'entered-in-error', 'Recorded by mistake', 'Записано по ошибке');
export const closedMatter = coded('matter-status', 'closed', 'The matter is closed', 'Дело закрыто');
export const resolvedMatter = coded('matter-status', 'resolved', 'The matter came to an outcome', 'По делу получен результат');
