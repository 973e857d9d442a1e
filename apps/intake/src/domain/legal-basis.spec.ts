import type { DataClass, LegalBasis, Purpose } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { evidenceOf, type Giving } from './consent-evidence.js';
import { mustCarry, type Grounds } from './legal-basis.js';

const troubles = (work: () => unknown): string[] => {
  try {
    work();
    return [];
  } catch (error) {
    return (error as DomainError).errors.map(({ pointer, code }) => `${pointer} ${code}`);
  }
};
const grounds = (legalBasis: LegalBasis, more: Partial<Grounds> = {}): Grounds => ({ legalBasis, purpose: 'coordination', dataClasses: ['D1'], ...more });
const norm = 'ru/442-fz/6';
const until = '2026-04-01T00:00:00.000Z';

it.each<[Grounds, string[]]>([
  [grounds('consent', { dataClasses: ['D0', 'D1', 'D2', 'D3'], purpose: 'referral' }), []],
  [grounds('contract'), []],
  [grounds('contract', { purpose: 'referral', dataClasses: ['D1', 'D2'] }), ['/purpose basis-unsuitable', '/dataClasses/1 basis-unsuitable']],
  [grounds('legal-obligation'), ['/norm norm-missing']],
  [grounds('legal-obligation', { norm, dataClasses: ['D2'] }), []],
  [grounds('public-task'), ['/norm norm-missing']],
  [grounds('public-task', { norm, dataClasses: ['D3'] }), ['/dataClasses/0 basis-unsuitable']],
  [grounds('vital-interests'), ['/until end-missing']],
  [grounds('vital-interests', { until, purpose: 'referral', dataClasses: ['D2'] }), []],
])('%j: %j', (asked, expected) => expect(troubles(() => mustCarry(asked))).toEqual(expected));

const sha256 = 'a'.repeat(64);
const paper = { medium: 'paper', sha256 } as const;

it.each<[string, Partial<Giving>, LegalBasis, string[]]>([
  ['said to a worker', {}, 'consent', []],
  ['said to a worker, where it must be in writing', { inWriting: ['D2'] }, 'consent', ['/document not-in-writing']],
  ['said to a worker, where other data must be in writing', { inWriting: ['D3'] }, 'consent', []],
  ['no consent, where consent must be in writing', { inWriting: ['D2'] }, 'public-task', []],
  ['signed, where it must be in writing', { inWriting: ['D2'], document: paper }, 'consent', []],
  ['the person’s own act, where it must be in writing', { inWriting: ['D2'], byClient: true }, 'consent', []],
  ['recorded speech, where it must be in writing', { inWriting: ['D2'], document: { medium: 'spoken', sha256 } }, 'consent', ['/document not-in-writing']],
  ['paper that nobody can find again', { document: { medium: 'paper' } }, 'consent', ['/document/sha256 hash-missing']],
])('%s', (_, more, legalBasis, expected) => {
  const giving: Giving = { takenBy: 'worker-1', byClient: false, inWriting: [], ...more };
  expect(troubles(() => evidenceOf(giving, { legalBasis, dataClasses: ['D1', 'D2'] satisfies DataClass[] }))).toEqual(expected);
});

it('what nobody says of a document follows from who records it', () => {
  const terms = { legalBasis: 'consent', dataClasses: ['D1'], purpose: 'referral' satisfies Purpose } as const;
  expect(evidenceOf({ takenBy: 'anna', byClient: true, inWriting: [] }, terms).document).toEqual({ medium: 'electronic' });
  expect(evidenceOf({ takenBy: 'worker-1', byClient: false, inWriting: [] }, terms).document).toEqual({ medium: 'spoken' });
});
