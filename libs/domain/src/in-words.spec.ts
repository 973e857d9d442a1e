import { inWords, mustKnowZone } from './in-words.js';

it.each<[string, 'en' | 'ru', Parameters<typeof inWords>[2], string]>([
  ['2026-03-02', 'en', {}, '2 March 2026'],
  ['2026-03-02', 'ru', { zone: 'Asia/Tokyo', clock: true }, '2 марта 2026 года'],
  ['2026-03-02T22:30:00.000Z', 'en', {}, '2 March 2026'],
  ['2026-03-02T22:30:00.000Z', 'en', { zone: 'Europe/Moscow' }, '3 March 2026'],
  ['2026-03-02T22:30:00.000Z', 'ru', { zone: 'Europe/Moscow', clock: true }, '3 марта 2026 года, 01:30'],
  ['2026-03-02T22:30:00.000Z', 'en', { clock: true }, '2 March 2026, 22:30 (UTC)'],
])('%s (%s, %j): %s', (moment, language, how, expected) => expect(inWords(moment, language, how)).toBe(expected));

it('knows the zones of the world', () => {
  for (const zone of [undefined, 'UTC', 'Asia/Vladivostok']) expect(() => mustKnowZone(zone)).not.toThrow();
  expect(() => mustKnowZone('Nowhere/Never')).toThrow(expect.objectContaining({ code: 'zone-unknown' }));
});
