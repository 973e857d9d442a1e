import { check, contractOf } from '@opora/contracts';
import { given } from '@opora/domain';
import { documents, laws } from '../../test/law-documents.js';
import type { CalendarYear } from './law.js';
import { answerFrom, pinned, type LawBook, type TermQuestion } from './law-book.js';
import { activate, checkConflict, decideEligibility, deadlinesOf, evolve, needRecheck, nextDeadline, open, recordMatch, resolve, setDeadline, type Matter, type MatterFact } from './matter.js';
import { acknowledgeMove, computeDeadline, confirmDeadline, extendDeadline, lookAt, meetDeadline, passTime, recomputeDeadlines, withdrawDeadline } from './matter-deadlines.js';
import { planEntries } from './matter-entries.js';

const id = (n: number) => `018f0000-0000-7000-8000-00000000000${n}`;
const at = '2026-03-02T09:00:00.000Z';
const book: LawBook = { serial: 1, documents };

/** An appeal: the last day is 10 March. */
const appeal: TermQuestion = { rule: 'ru-gpk/321-2', event: { day: '2026-02-10' }, zone: 'Asia/Vladivostok', region: 'RU-MOW' };
const courtSet: TermQuestion = { rule: 'ru-gpk/107-1', event: { day: '2026-03-02' }, zone: 'Europe/Moscow', length: { unit: 'days', n: 3 } };
const opening = { matterId: id(1), clientId: id(2), referralId: id(3), offer: 'court-representation', agency: 'bureau', needs: [] };

type Decision = (matter: Matter | undefined) => MatterFact[];
const compute = (question = appeal, deadlineId = id(5)): Decision => (m) => {
  const { packVersion, notice } = pinned(book, question);
  return computeDeadline(m, { deadlineId, question: { ...question, packVersion }, derivation: answerFrom(book, question), responsible: 'lawyer-1', notice, at });
};
const confirm: Decision = (m) => confirmDeadline(m, { deadlineId: id(5), at });
const begun: Decision[] = [
  (m) => open(m, { ...opening, at }), (m) => checkConflict(m, { outcome: 'clear', adverseParties: [], at, recordedAt: at }), (m) => decideEligibility(m, { outcome: 'eligible', ground: 'low-income', at }),
  (m) => activate(m, { next: { none: 'no-court-procedure' }, deadlineId: id(4), at }),
];
const after = (...decisions: Decision[]): MatterFact[] => [...begun, ...decisions].reduce<MatterFact[]>((facts, decide) => {
  const outcome = given(evolve, ...facts).when(decide);
  if (!outcome.facts) throw new Error(`refused: ${outcome.refused}`);
  for (const { type, data } of outcome.facts) check(contractOf(type)!, data);
  return [...facts, ...outcome.facts];
}, []);
const when = (decisions: Decision[], decide: Decision) => given(evolve, ...after(...decisions)).when(decide);
const stateAfter = (...decisions: Decision[]): Matter => given(evolve, ...after(...decisions)).state!;
const tick = (now: string): Decision => (m) => passTime(m, { at: now });
const dueOf = (matter: Matter) => planEntries(matter)[0]!.actions.map(({ due, status }) => [due, status]);

describe('A deadline of a matter', () => {
  it('is computed, then confirmed by a person: only then the plan shows it', () => {
    expect(stateAfter(compute())).toMatchObject({ deadlines: [{ status: 'computed', day: '2026-03-10', endsAt: '2026-03-10T14:00:00.000Z', derivation: { article: 'ГПК РФ, ст. 321 ч. 2' } }] });
    expect(dueOf(stateAfter(compute()))).toEqual([]);
    expect(dueOf(stateAfter(compute(), confirm))).toEqual([['2026-03-10', 'planned']]);
    expect(when([compute()], compute())).toEqual({ refused: 'already-recorded' });
  });

  it('publishes the day, but not which rule it follows nor anything else of the file', () => {
    const [fact] = when([], compute()).facts!;
    expect(fact!.data).toEqual({ matterId: id(1), clientId: id(2), deadlineId: id(5), at, day: '2026-03-10', provisional: false });
  });

  it('the plan shows the next of several, and one set by hand among them', () => {
    const byHand: Decision = (m) => setDeadline(m, { next: { day: '2026-03-05', responsible: 'lawyer-2' }, deadlineId: id(6), at });
    expect(dueOf(stateAfter(compute(), confirm, byHand))).toEqual([['2026-03-05', 'planned']]);
    expect(dueOf(stateAfter(compute(), confirm, byHand, (m) => meetDeadline(m, { deadlineId: id(6), on: '2026-03-02', at, recordedAt: at })))).toEqual([['2026-03-10', 'planned']]);
    expect(nextDeadline(stateAfter(byHand, (m) => meetDeadline(m, { deadlineId: id(6), on: '2026-03-02', at, recordedAt: at })))).toBeUndefined();
  });

  it.each([
    ['2026-03-02T13:59:59.999Z', undefined],
    ['2026-03-02T14:00:00.000Z', ['legal-aid.deadline-approached', 7]],
    ['2026-03-08T14:00:00.000Z', ['legal-aid.deadline-approached', 1]],
    ['2026-03-10T13:59:59.999Z', ['legal-aid.deadline-approached', 0]],
    ['2026-03-10T14:00:00.000Z', ['legal-aid.deadline-missed', undefined]],
  ])('at %s time says %j', (now, said) => {
    const facts = when([compute(), confirm], tick(now)).facts!;
    expect(facts.map(({ type, data }) => [type, (data as { daysLeft?: number }).daysLeft])).toEqual(said ? [said] : []);
    expect(when([compute(), confirm, tick(now)], tick(now)).facts).toEqual([]);
  });

  it('is looked at next when something of it falls due, and never after the matter is over', () => {
    expect(lookAt(stateAfter(compute(), confirm))).toBe('2026-03-02T14:00:00.000Z');
    expect(lookAt(stateAfter(compute(), confirm, tick('2026-03-03T00:00:00.000Z')))).toBe('2026-03-06T14:00:00.000Z');
    expect(lookAt(stateAfter(compute(), confirm, tick('2026-03-11T00:00:00.000Z')))).toBeNull();
    expect(lookAt(stateAfter(compute(), confirm, (m) => resolve(m, { outcome: 'settled', at })))).toBeNull();
  });

  it('missed stays in the plan as missed until it is made good: what was done in time may be told late', () => {
    const missed = [compute(), confirm, tick('2026-03-10T14:00:00.000Z')];
    expect(dueOf(stateAfter(...missed))).toEqual([['2026-03-10', 'missed']]);
    const meet = (on: string): Decision => (m) => meetDeadline(m, { deadlineId: id(5), on, at: '2026-03-12T00:00:00.000Z', recordedAt: '2026-03-12T00:00:00.000Z' });
    expect(when(missed, meet('2026-03-11'))).toEqual({ refused: 'after-the-deadline' });
    expect(when(missed, meet('2026-03-13'))).toEqual({ refused: 'in-the-future' });
    expect(dueOf(when(missed, meet('2026-03-10')).state!)).toEqual([]);
  });

  it('is extended only where the court set it, and restored when missed', () => {
    const extend = (day: string): Decision => (m) => extendDeadline(m, { deadlineId: id(5), day, at });
    expect(when([compute()], extend('2026-03-20'))).toEqual({ refused: 'not-extendable' });
    expect(when([compute(courtSet)], extend('2026-03-05'))).toEqual({ refused: 'not-later' });
    expect(when([compute(courtSet)], extend('2026-03-20'))).toMatchObject({ facts: [{ data: { from: '2026-03-05', day: '2026-03-20', ground: 'extended' } }], state: { deadlines: [{ status: 'extended', endsAt: '2026-03-20T21:00:00.000Z', said: [] }] } });
    expect(when([compute(), tick('2026-03-11T00:00:00.000Z')], extend('2026-04-01'))).toMatchObject({ facts: [{ data: { ground: 'restored' } }], state: { deadlines: [{ status: 'extended', day: '2026-04-01' }] } });
  });

  it('withdrawn is nobody’s any more; a day set anew by hand takes the place of the old one', () => {
    expect(dueOf(stateAfter(compute(), confirm, (m) => withdrawDeadline(m, { deadlineId: id(5), reason: 'case-ended', at })))).toEqual([]);
    const byHand = (n: number, day: string): Decision => (m) => setDeadline(m, { next: { day, responsible: 'lawyer-2' }, deadlineId: id(n), at });
    const twice = stateAfter(byHand(6, '2026-03-05'), tick('2026-03-06T00:00:00.000Z'), byHand(7, '2026-04-05'));
    expect(deadlinesOf(twice).map(({ status }) => status)).toEqual(['withdrawn', 'confirmed']);
    expect(dueOf(twice)).toEqual([['2026-04-05', 'planned']]);
  });

  it('is refused where there is none, and before the matter is taken on', () => {
    expect(when([], confirm)).toEqual({ refused: 'not-found' });
    expect(given(evolve, ...begun[0]!(undefined)).when(compute())).toEqual({ refused: 'wrong-status' });
  });
});

describe('A new calendar', () => {
  const published = documents.find((one): one is CalendarYear => one.kind === 'calendar-year' && one.year === 2026)!;
  const later = (...days: string[]): LawBook => ({ serial: 2, documents: [...documents, {
    ...published, version: 2, days: [...published.days, ...days.map((day) => ({ day, as: 'holiday' as const, title: { en: 'A day', ru: 'День' }, article: 'Указ' }))],
  }] });
  const recompute = (by: LawBook): Decision => (m) => recomputeDeadlines(m, { answer: (question) => answerFrom(by, question), at });
  const moved = [compute(), confirm, tick('2026-03-03T00:00:00.000Z'), recompute(later('2026-03-10'))];

  it('moves what it changes; the person responsible, and nobody else, acknowledges that', () => {
    expect(when([compute(), confirm], recompute(later('2026-03-10')))).toMatchObject({
      facts: [{ type: 'legal-aid.deadline-moved', data: { from: '2026-03-10', day: '2026-03-11' } }],
      state: { deadlines: [{ status: 'confirmed', day: '2026-03-11', endsAt: '2026-03-11T14:00:00.000Z', movedFrom: '2026-03-10', said: [] }] },
    });
    expect(when(moved, (m) => acknowledgeMove(m, { deadlineId: id(5), by: 'lawyer-2', at }))).toEqual({ refused: 'not-responsible' });
    const known = when(moved, (m) => acknowledgeMove(m, { deadlineId: id(5), by: 'lawyer-1', at })).state!;
    expect(deadlinesOf(known)[0]).not.toHaveProperty('movedFrom');
    expect(given(evolve, ...after(...moved)).when(recompute(later('2026-03-10'))).facts).toEqual([]);
  });

  it('that changes nothing for a deadline is noted beside it, with nothing to acknowledge', () => {
    const noted = when([compute(), confirm], recompute(later('2026-11-20')));
    expect(noted).toMatchObject({ facts: [{ type: 'legal-aid.deadline-recomputed' }] });
    expect(deadlinesOf(noted.state!)[0]!.derivation!.documents.at(-1)).toMatchObject({ year: 2026, version: 2 });
    expect(given(evolve, ...after(compute(), confirm)).when((m) => acknowledgeMove(m, { deadlineId: id(5), by: 'lawyer-1', at }))).toEqual({ refused: 'not-moved' });
  });

  it.each([['confirmed', confirm], ['computed', undefined]] as const)('that comes late undoes a miss of what was %s: it moved, and what was done in time is met', (status, decide) => {
    const missed = [compute(), ...(decide ? [decide] : []), tick('2026-03-10T14:00:00.000Z')];
    const late = when(missed, recompute(later('2026-03-10')));
    expect(late).toMatchObject({
      facts: [{ type: 'legal-aid.deadline-moved', data: { from: '2026-03-10', day: '2026-03-11' } }], state: { deadlines: [{ status, day: '2026-03-11', movedFrom: '2026-03-10' }] },
    });
    const meet: Decision = (m) => meetDeadline(m, { deadlineId: id(5), on: '2026-03-11', at, recordedAt: '2026-03-13T00:00:00.000Z' });
    expect(when([...missed, recompute(later('2026-03-10'))], meet).state).toMatchObject({ deadlines: [{ status: 'met', metOn: '2026-03-11' }] });
    // The new day is over, too: missed again, but against the right day.
    const again = [...missed, recompute(later('2026-03-10')), tick('2026-03-12T00:00:00.000Z')];
    expect(stateAfter(...again)).toMatchObject({ deadlines: [{ status: 'missed', day: '2026-03-11', movedFrom: '2026-03-10' }] });
    expect(when(again, meet).state).toMatchObject({ deadlines: [{ status: 'met' }] });
    expect(given(evolve, ...after(...again)).when(recompute(later('2026-03-10'))).facts).toEqual([]);
  });

  it('by which one term cannot be computed any more moves the others; that one keeps its day, in doubt until law gives it one again', () => {
    const two = [compute({ ...appeal, region: 'RU-XX' }, id(6)), compute()];
    const law = laws.find(({ name }) => name === 'ru')!;
    // Knows no other regions than those that it lists.
    const broken = ({ serial, documents: others }: LawBook): Decision => recompute({ serial, documents: [...others, { ...law, version: 2, regions: { ...law.regions, closed: true } }] });
    const outcome = when(two, broken(later('2026-03-10')));
    expect(outcome.facts).toMatchObject([
      { type: 'legal-aid.deadline-recomputed', data: { deadlineId: id(6), day: '2026-03-10', provisional: true } }, { type: 'legal-aid.deadline-moved', data: { deadlineId: id(5), day: '2026-03-11' } },
    ]);
    for (const { type, data } of outcome.facts!) check(contractOf(type)!, data);
    expect(deadlinesOf(outcome.state!)[0]).toMatchObject({ day: '2026-03-10', status: 'computed', derivation: { day: '2026-03-10', doubts: ['regional-days-incomplete', 'no-longer-computed'] } });
    expect(when([...two, broken(later('2026-03-10'))], broken(later('2026-03-10'))).facts).toEqual([]);
    const mended = when([...two, broken(book)], recompute(book));
    expect(mended.facts).toMatchObject([{ type: 'legal-aid.deadline-recomputed', data: { deadlineId: id(6) } }, { type: 'legal-aid.deadline-recomputed', data: { deadlineId: id(5) } }]);
    expect(deadlinesOf(mended.state!)[0]!.derivation!.doubts).toEqual(['regional-days-incomplete']);
    expect(() => when(two, (m) => recomputeDeadlines(m, { at, answer: () => { throw new TypeError('a bug'); } }))).toThrow(TypeError);
  });

  it('leaves alone what is met, missed or set by the court’s own extension', () => {
    expect(when([compute(), (m) => meetDeadline(m, { deadlineId: id(5), on: '2026-03-02', at, recordedAt: at })], recompute(later('2026-03-10'))).facts).toEqual([]);
    expect(when([compute(), tick('2026-03-11T00:00:00.000Z')], recompute(later('2026-11-20'))).facts).toEqual([]);
    expect(when([compute(courtSet), (m) => extendDeadline(m, { deadlineId: id(5), day: '2026-03-20', at })], recompute(later('2026-03-20'))).facts).toEqual([]);
  });

  it('does not bring another version of the rule with it', () => {
    const pack = documents.find((one) => one.kind === 'pack' && one.name === 'ru-gpk')!;
    const both: LawBook = { serial: 3, documents: [...documents, { ...pack, version: 2 } as typeof pack] };
    expect(when([compute(), confirm], recompute(both)).facts).toEqual([]);
  });
});

describe('A conflict check', () => {
  const match = (result: 'none' | 'possible'): Decision => (m) => recordMatch(m, { result, parties: ['Landlord Ltd'], at, until: '2026-03-02T09:15:00.000Z', proof: 'e30.e30.e30' });
  const decide = (recordedAt: string, ...adverseParties: string[]): Decision => (m) => checkConflict(m, { outcome: 'clear', adverseParties, at, recordedAt });
  const outcome = (...decisions: Decision[]) => decisions.reduce<MatterFact[]>((facts, one) => [...facts, ...given(evolve, ...facts).when(one).facts!], begun[0]!(undefined) as MatterFact[]);

  it('says which answer lay before the person, while that was good and for these parties', () => {
    expect(outcome(match('possible'), decide('2026-03-02T09:14:59.999Z', 'Landlord Ltd')).at(-1)!.data).toMatchObject({ outcome: 'clear', matched: 'possible' });
    expect(outcome(match('none'), decide('2026-03-02T09:15:00.000Z', 'Landlord Ltd')).at(-1)!.data).not.toHaveProperty('matched');
    expect(outcome(match('none'), decide(at, 'Landlord Ltd', 'Another')).at(-1)!.data).not.toHaveProperty('matched');
  });

  it('has to be made again when records of the client were merged, once for each merge', () => {
    const merged = (...records: string[]): Decision => (m) => needRecheck(m, { records: [id(2), ...records], at });
    expect(when([], merged()).facts).toEqual([]);
    const facts = after(match('none'), merged(id(9)));
    expect(given(evolve, ...facts).state).toMatchObject({ status: 'active', recheck: 'clients-merged' });
    expect(given(evolve, ...facts).state).not.toHaveProperty('match');
    expect(given(evolve, ...facts).when(merged(id(9))).facts).toEqual([]);
    const again = given(evolve, ...facts).when(decide(at, 'Landlord Ltd'));
    expect(again).toMatchObject({ facts: [{ type: 'legal-aid.conflict-rechecked' }], state: { status: 'active', adverseParties: ['Landlord Ltd'] } });
    expect(again.state).not.toHaveProperty('recheck');
    expect(given(evolve, ...facts).when((m) => checkConflict(m, { outcome: 'conflict', adverseParties: [], at, recordedAt: at })).state).toMatchObject({ status: 'declined', reason: 'conflict-of-interest' });
  });
});
