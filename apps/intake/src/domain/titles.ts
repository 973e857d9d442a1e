import type { Coded } from '@opora/contracts';

/** The titles that intake publishes in the plan entries of help requests. What was given stays here: it may tell of violence or illness. */
const coded = (system: string, code: string, en: string, ru: string): Coded => ({ system: `urn:opora:${system}`, code, en, ru });

export const urgentHelp = coded('service', 'urgent-help', 'Urgent help', 'Срочная помощь');
export const helpGiven = coded('action', 'urgent-help-given', 'Urgent help was given', 'Оказана срочная помощь');
export const helped = coded('help-request-status', 'resolved', 'The help was given', 'Помощь оказана');
export const entered = coded('record-status', 'entered-in-error', 'Recorded by mistake', 'Записано по ошибке');
