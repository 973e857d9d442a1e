import type { ConsentTerms, LegalBasis } from '@opora/contracts';
import { longestSentence, readingEase } from '@opora/testing';
import { statusAt, type Consent } from './consent.js';
import { receiptOf, termsOf } from './receipt.js';

const at = '2026-03-02T09:00:00.000Z';
const bases: LegalBasis[] = ['consent', 'contract', 'legal-obligation', 'vital-interests', 'public-task'];
const consent = (more: Partial<Consent> = {}): Consent => ({
  consentId: 'k1', status: 'given', purpose: 'coordination', recipients: ['bureau', 'centre'], dataClasses: ['D1', 'D2'], legalBasis: 'consent', from: at, givenAt: at,
  evidence: { document: { medium: 'paper', sha256: 'a'.repeat(64) }, takenBy: 'irina', byClient: false }, ...more,
});
const titles: Record<string, Record<'en' | 'ru', string>> = { bureau: { en: 'Legal Bureau', ru: 'Юридическое бюро' } };
const receipt = (one: Consent, language: 'en' | 'ru', now = at) => receiptOf(one, { language, at: now, titleOf: (agency) => titles[agency]?.[language] ?? agency });

it('says who may see what, what for, until when, why, and how it stops', () => {
  const until = '2026-06-01T00:00:00.000Z';
  expect(receipt(consent({ until }), 'en')).toEqual({ title: 'What you said yes to', words: [
    'Who may see it: Legal Bureau, centre.', 'What they may see: what help you need and get, and when; facts about your health and your mind.',
    'What for: they may read your plan, so that we can help you as one team.', 'From 2 March 2026 to 1 June 2026.', 'Why we may: you said yes.',
    expect.stringMatching(/^You may take back your yes at any time\. You need not say why\./), 'You signed a form on paper.', 'That was on 2 March 2026. Our worker wrote it down: irina.',
  ] });
  expect(receipt(consent(), 'ru').words).toEqual(expect.arrayContaining(['Кто может это видеть: Юридическое бюро, centre.', expect.stringContaining('2 марта 2026'), 'Почему нам можно: вы сказали «да».']));
});

it.each(bases.flatMap((legalBasis) => (['en', 'ru'] as const).map((language) => [legalBasis, language] as const)))('names its legal basis: %s (%s)', (legalBasis, language) => {
  const { words } = receipt(consent({ legalBasis, norm: 'ru/442-fz/6' }), language);
  const why = words.filter((one) => one.startsWith(language === 'en' ? 'Why we may: ' : 'Почему нам можно: '));
  expect(why).toHaveLength(1);
  expect(why[0]!.includes('ru/442-fz/6')).toBe(legalBasis === 'legal-obligation' || legalBasis === 'public-task');
  expect(words.some((one) => /take back|взять своё/.test(one))).toBe(legalBasis === 'consent');
});

it.each<[Consent['status'], RegExp]>([
  ['requested', /not said yes yet/], ['refused', /said no/], ['withdrawn', /took this back on 3 March/], ['ended', /put an end to this on 3 March/], ['objected-to', /asked us to stop on 3 March/], ['entered-in-error', /by mistake/],
])('says first that nothing is shared when it is %s', (status, expected) => {
  const [first, ...others] = receipt(consent({ status, endedAt: '2026-03-03T09:00:00.000Z' }), 'en').words;
  expect(first).toMatch(expected);
  expect(others.join()).not.toMatch('take back');
});

it('is over at its end', () => {
  const over = consent({ until: '2026-03-05T00:00:00.000Z' });
  expect(statusAt(over, '2026-03-05T00:00:00.000Z')).toBe('expired');
  expect(receipt(over, 'en', '2026-03-05T00:00:00.000Z').words[0]).toBe('This came to its end on 5 March 2026. We do not share any more.');
});

it('its terms are the same after a withdrawal, and others when anything of them changes', () => {
  const who = { clientId: 'c1', agency: 'centre' };
  const terms = termsOf(consent(), who);
  expect(termsOf(consent({ status: 'withdrawn', endedAt: at }), who)).toEqual(terms);
  const others: Partial<Consent>[] = [{ recipients: ['bureau'] }, { dataClasses: ['D1'] }, { until: at }, { legalBasis: 'contract' }, { purpose: 'referral' }, { from: '2026-03-01T00:00:00.000Z' }, { norm: 'x' },
    { evidence: { ...consent().evidence!, document: { medium: 'paper', sha256: 'b'.repeat(64) } } }];
  for (const more of others) expect(termsOf(consent(more), who)).not.toEqual(terms);
});

const statuses: ConsentTerms['status'][] = ['requested', 'given', 'refused', 'withdrawn'];

it.each([['en', 80], ['ru', 70]] as const)('is easy to read (%s)', (language, least) => {
  const texts = bases.flatMap((legalBasis) => [...statuses, 'ended', 'objected-to'].flatMap((status) => (['paper', 'electronic', 'spoken'] as const).flatMap((medium) =>
    receipt(consent({ legalBasis, status: status as Consent['status'], purpose: medium === 'paper' ? 'referral' : 'coordination', dataClasses: medium === 'paper' ? ['D0', 'D3'] : ['D1', 'D2'], endedAt: at, evidence: { document: { medium }, takenBy: 'irina', byClient: false } }), language).words)));
  const said = [...new Set(texts)];
  expect(said.length).toBeGreaterThan(20);
  expect(readingEase(language, said)).toBeGreaterThan(least);
  expect(longestSentence(said)).toBeLessThanOrEqual(20);
});
