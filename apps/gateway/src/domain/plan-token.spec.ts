import { parsePlanToken, waitOf } from './plan-token.js';

const entryId = '00000000-0000-7000-8000-000000000001';

it('reads what a command answered', () => expect(parsePlanToken(`job-club/${entryId}@12`)).toEqual({ key: `job-club/${entryId}`, version: 12 }));

it.each(['', 'x', `job-club/${entryId}`, `job-club/${entryId}@0`, `job-club/${entryId}@1.5`, `job-club/${entryId}@1 `, `job-club/1@1`, `../${entryId}@1`, `job-club/${entryId}@9999999999`])(
  'refuses %p', (text) => expect(() => parsePlanToken(text)).toThrow(expect.objectContaining({ code: 'plan-token-malformed' })));

it.each<[string | undefined, number | undefined]>([
  [undefined, undefined], ['return=minimal', undefined], ['wait=2', 2], ['respond-async, wait=3', 3], ['Wait = "1"', 1], ['wait=60', 5], ['wait=0', 0], ['await=2', undefined], ['wait=x', undefined],
])('waits by Prefer %p: %p', (prefer, seconds) => expect(waitOf(prefer)).toBe(seconds));
