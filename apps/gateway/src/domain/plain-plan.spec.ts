import type { Phase } from '@opora/contracts';
import { longestSentence, readingEase } from '@opora/testing';
import type { EntryView, Language, NextView, PlanDocument } from './plan-document.js';
import { plainly, type PlainPlan } from './plain-plan.js';

const at = '2026-03-02T09:00:00.000Z';
const titles: Record<string, Record<Language, string>> = { centre: { en: 'Support Centre', ru: 'Центр помощи' }, bureau: { en: 'Legal Bureau', ru: 'Бюро права' } };
const phases: Phase[] = ['proposed', 'requested', 'waiting', 'active', 'suspended', 'declined', 'ended'];
const words = { need: { en: 'Housing', ru: 'Жильё' }, goal: { en: 'A safe home', ru: 'Свой дом' }, service: { en: 'Legal help', ru: 'Помощь юриста' } };

const entry = (language: Language, kind: 'need' | 'goal' | 'service', phase: Phase, n: number): EntryView => ({
  module: kind === 'service' ? 'law' : 'planning', entryId: `${kind}-${n}`, version: 1, agency: kind === 'service' ? 'bureau' : 'centre', kind, phase, system: 'x', code: 'x', title: words[kind][language], dataClass: 'D1',
  because: [], needs: [], changedAt: at,
});
const next = (language: Language, entryId: string, more: Partial<NextView>): NextView =>
  ({ module: 'planning', id: `action-${entryId}`, entryId, system: 'x', code: 'x', title: language === 'en' ? 'Bring your papers' : 'Взять бумаги', status: 'planned', ...more });

const plan = (language: Language, phase: Phase | undefined, more: Partial<PlanDocument> = {}): PlanDocument => ({
  clientId: 'c1', plan: phase ? { entryId: 'plan', phase, reviewOn: null } : null, reviewOn: '2026-06-01', stale: false, changedAt: at,
  needs: phases.map((one, n) => entry(language, 'need', one, n)), goals: phases.map((one, n) => entry(language, 'goal', one, n)),
  sections: (['active', 'waiting', 'suspended', 'requested', 'declined', 'ended'] as const).map((state, n) => ({
    module: 'law', title: words.service[language], agency: n === 3 ? null : 'bureau', state, entries: [entry(language, 'service', phases[n]!, n)], actions: [], stale: false, changedAt: at,
  })),
  next: [next(language, 'goal-3', { due: '2026-03-20' }), next(language, 'service-0', { module: 'law', start: '2026-03-21T11:00:00.000Z' }), next(language, 'ask-1', { module: 'nobody', end: '2026-04-01' })],
  ...more,
});
const told = (language: Language, phase: Phase | undefined, more: Partial<PlanDocument> = {}, zone?: string): PlainPlan =>
  plainly(plan(language, phase, more), { language, zone, titleOf: (agency) => titles[agency]?.[language] ?? agency });

it('says what each part means, what comes next and when, and who sees to it', () => {
  const { title, words: intro, needs, help, next: steps } = told('en', 'active', {}, 'Europe/Moscow');
  expect([title, intro]).toEqual(['Your plan', ['You said yes to this plan. We work by it.', 'On 1 June 2026 we look at this with you once more.', 'This plan is yours. You may say at any time that you want it to change.']]);
  expect(needs[3]).toEqual({ module: 'planning', entryId: 'need-3', title: 'Housing', words: ['You need help here: Housing.'] });
  expect(help[0]).toMatchObject({ responsible: 'Legal Bureau', words: ['They help you now: Legal help.', 'Who sees to it: Legal Bureau.'] });
  expect(help[3]).toMatchObject({ responsible: null, words: ['We asked them to help you: Legal help. They have not said yes or no yet.'] });
  expect(steps.map((one) => [one.responsible, one.words[0]])).toEqual([
    ['Support Centre', 'By 20 March 2026: Bring your papers.'], ['Legal Bureau', 'On 21 March 2026, 14:00: Bring your papers.'], [null, 'Up to 1 April 2026: Bring your papers.']]);
});

it('says it in Russian; an hour in nobody’s zone is named', () => {
  const { title, next: steps } = told('ru', 'active');
  expect([title, ...steps.map((one) => one.words[0])]).toEqual(['Ваш план', 'До 20 марта 2026 года. Что надо: Взять бумаги.', 'День и час: 21 марта 2026 года, 11:00 (UTC). Что будет: Взять бумаги.', 'По 1 апреля 2026 года. Что идёт: Взять бумаги.']);
});

it('holds every entry of the plan and nothing else, with its reason and its text', () => {
  const document = plan('en', 'active');
  const reason = { system: 'x', code: 'x', title: 'The wait is too long' };
  const { needs, goals, help } = plainly({ ...document, needs: [{ ...document.needs[0]!, reason }] }, { language: 'en', titleOf: (agency) => agency, texts: new Map([['planning/need-0', 'I want to sleep.']]) });
  expect(needs).toMatchObject([{ entryId: 'need-0', text: 'I want to sleep.', words: [expect.any(String), 'Why: The wait is too long.'] }]);
  const ids = (entries: readonly { entryId: string }[]) => entries.map(({ entryId }) => entryId);
  expect(ids(goals)).toEqual(ids(document.goals));
  expect(help.flatMap(({ entries }) => ids(entries))).toEqual(document.sections.flatMap(({ entries }) => ids(entries)));
});

it('says that there is no plan, no next step, and that it may be out of date', () => {
  expect(told('en', undefined, { next: [], stale: true, reviewOn: null }).words).toEqual([
    'You have no plan yet. We make it with you.', 'There is no next step with a date yet.', expect.stringMatching(/^Some of this may be out of date/), expect.any(String)]);
});

it.each<[Language, number]>([['en', 80], ['ru', 70]])('is easy to read (%s)', (language, least) => {
  const sentences = [...new Set([undefined, ...phases].flatMap((phase) => {
    const { words: intro, needs, goals, help, next: steps } = told(language, phase, { stale: true, ...(phase === 'ended' && { next: [] }) });
    return [...intro, ...[...needs, ...goals, ...help, ...steps, ...help.flatMap(({ entries }) => entries)].flatMap((one) => one.words)];
  }))];
  expect(sentences.length).toBeGreaterThan(40);
  expect(readingEase(language, sentences)).toBeGreaterThan(least);
  expect(longestSentence(sentences)).toBeLessThanOrEqual(20);
});
