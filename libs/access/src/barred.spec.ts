import type { ConsentState } from '@opora/contracts';
import { isBarred } from './barred.js';

const open: ConsentState = { clientId: 'anna', version: 1, recordedAt: '2026-03-01T09:30:00.000Z', consents: [], aliases: [] };
const state: ConsentState = { ...open, barred: { subjects: ['boris-at-work', 'boris-for-anna'], clients: ['boris'] } };

it.each<[string, Parameters<typeof isBarred>, boolean]>([
  ['an employee', [{ sub: 'boris-at-work' }, state], true],
  ['another employee', [{ sub: 'worker-1' }, state], false],
  ['a client', [{ sub: 'any', clientId: 'boris' }, state], true],
  ['another client', [{ sub: 'any', clientId: 'clara' }, state], false],
  ['a representative, who comes with the person’s own clientId', [{ sub: 'boris-for-anna', clientId: 'anna' }, state, true], true],
  ['the person, under an id that was barred before two records were merged', [{ sub: 'anna', clientId: 'boris' }, state, true], false],
  ['somebody whose sub is a barred clientId', [{ sub: 'boris' }, state], false],
  ['anybody, when nobody is barred', [{ sub: 'boris-at-work', clientId: 'boris' }, open], false],
  ['anybody, when nothing is known', [{ sub: 'boris-at-work', clientId: 'boris' }, undefined], false],
])('%s: %#', (_, given, expected) => expect(isBarred(...given)).toBe(expected));
