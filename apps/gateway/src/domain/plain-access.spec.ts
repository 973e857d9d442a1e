import { longestSentence, readingEase } from '@opora/testing';
import { merged } from './access-pages.js';
import { accessWords, deedOf } from './access-words.js';
import { plainAccess } from './plain-access.js';
import type { Language } from './plan-document.js';

const titles: Record<string, Record<Language, string>> = { centre: { en: 'Support Centre', ru: 'Центр помощи' } };
const access = (more: object = {}) => ({ at: '2026-03-03T10:05:00.000Z', by: { subject: 'worker-7', agency: 'centre', roles: ['counsellor'] }, action: 'matter.read', purpose: 'care', decision: 'permit' as const, ...more });
const told = (language: Language, more: object = {}, zone?: string) => plainAccess('law', access(more), { language, zone, titleOf: (agency) => titles[agency]?.[language] ?? agency });

it('says who, when, what and what for', () => {
  expect(told('en').words).toEqual(['3 March 2026, 10:05 (UTC): a worker of Support Centre (plans help with you).', 'They read this: your case at law.', 'What for: to help you.', 'The rules let them.']);
  expect(told('ru', {}, 'Europe/Moscow').words).toEqual(['Когда: 3 марта 2026 года, 13:05. Кто: работник (ведёт ваш план). Где: Центр помощи.', 'Что прочли: ваше дело у юриста.', 'Зачем: помочь вам.', 'Им так можно.']);
});

it('says who was not let in', () => {
  expect(told('en', { decision: 'deny', purpose: 'emergency' })).toMatchObject({ decision: 'deny', words: [expect.any(String), 'They wanted to read this: your case at law.', 'What for: there was danger.', 'We did not let them. They got nothing.'] });
});

it('has words for what nobody foresaw, and names nobody', () => {
  const odd = told('en', { action: 'moon.howl-at', purpose: 'fun', by: { subject: 'worker-7', agency: 'else', roles: ['wolf'] }, onBehalfOf: 'cousin-3' });
  expect(odd.words).toEqual(['3 March 2026, 10:05 (UTC): a worker of else (worker).', 'They worked on this: your record.', 'What for: other work.', 'The rules let them.']);
  expect(JSON.stringify(odd)).not.toMatch(/worker-7|cousin-3/);
  expect(told('en', { by: { subject: 'x', agency: 'centre', roles: ['module'] } }).words[0]).toContain('a program of Support Centre');
  expect(['plan.read-own', 'deadline.export', 'matter.decide-eligibility', 'matter.write-summary'].map(deedOf)).toEqual(['read', 'copied', 'decided', 'wrote']);
});

it.each<[Language, number]>([['en', 80], ['ru', 70]])('is easy to read (%s)', (language, least) => {
  const { roles, purposes, things, missing, none } = accessWords[language];
  const sentences = [...new Set([missing('A, B'), none, ...(['permit', 'deny'] as const).flatMap((decision) => [
    ...[...Object.keys(roles), 'legal-aid:practitioner', 'x'].map((role) => ({ by: { subject: 'x', agency: 'centre', roles: [role] } })), ...Object.keys(purposes).map((purpose) => ({ purpose })),
    ...[...Object.keys(things), 'x'].flatMap((thing) => ['read', 'write', 'decide', 'export'].map((verb) => ({ action: `${thing}.${verb}` }))),
  ].flatMap((more) => told(language, { decision, ...more }).words))])];
  expect(sentences.length).toBeGreaterThan(100);
  expect(readingEase(language, sentences)).toBeGreaterThan(least);
  expect(longestSentence(sentences)).toBeLessThanOrEqual(20);
});

describe('pages of several trails', () => {
  const at = (minute: number, id: number) => access({ id: String(id), at: `2026-03-03T10:${String(minute).padStart(2, '0')}:00.000Z` });
  const trails: Record<string, ReturnType<typeof at>[]> = { aa: [at(9, 5), at(7, 4), at(7, 3), at(1, 1)], bb: [at(8, 2), at(7, 1)], cc: [] };
  const page = (limit: number, before?: Readonly<Record<string, string>>, down: string[] = []) => {
    const asked = Object.keys(trails).filter((module) => !before || module in before);
    const answers = asked.filter((module) => !down.includes(module)).map((module) => {
      const from = before?.[module];
      const rest = trails[module]!.filter((one) => !from || Number((one as { id?: string }).id) < Number(from));
      return { module, items: rest.slice(0, limit), more: rest.length > limit };
    });
    return merged(answers, limit, before, asked.filter((module) => down.includes(module)));
  };
  const all = (limit: number, down: string[] = []) => {
    const seen: string[] = [];
    for (let next: Readonly<Record<string, string>> | undefined = undefined, first = true; first || next; first = false) {
      const one: ReturnType<typeof merged> = page(limit, next, first ? down : []);
      seen.push(...one.items.map(({ module, access: { id } }) => module[0]! + id!));
      next = one.next;
    }
    return seen;
  };

  it.each([1, 2, 3, 6, 50])('hold each access once, newest first, %i at a time', (limit) => expect(all(limit)).toEqual(['a5', 'b2', 'a4', 'a3', 'b1', 'a1']));
  it('lose nothing of who did not answer at first', () => expect(all(2, ['bb']).sort()).toEqual(['a1', 'a3', 'a4', 'a5', 'b1', 'b2']));
});
