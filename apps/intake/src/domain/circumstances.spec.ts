import type { PlanEntry } from '@opora/contracts';
import { given } from '@opora/domain';
import { followPlan, join, leave, namedIn } from './care-team.js';
import type { CircumstanceFact } from './circumstances.js';
import { consentState, evolve, give, request, type ConsentFact, type ConsentRecord } from './consent.js';
import { close, open, review } from './opening.js';
import { bar, hide, lift, unhide } from './protection.js';

const at = '2026-03-02T09:00:00.000Z';
const about = { clientId: 'c1', agency: 'centre', at };
const [worker, other, head] = [{ sub: 'worker-1', oversees: false }, { sub: 'worker-2', oversees: false }, { sub: 'head-1', oversees: true }];
type Step = (known: ConsentRecord | undefined) => readonly ConsentFact[];
const on = (decide: (known: ConsentRecord['circumstances']) => CircumstanceFact[]): Step => (record) => decide(record?.circumstances);
const after = (...steps: Step[]) => given(evolve, ...steps.reduce<ConsentFact[]>((facts, step) => [...facts, ...step(given(evolve, ...facts).state)], []));
const told = (...steps: Step[]) => consentState(after(...steps).state!);

const joins = (member: string, by = worker) => on((c) => join(c, { ...about, member, by }));
const leaves = (member: string, by = worker) => on((c) => leave(c, { ...about, member, by }));
const named = (...names: string[]) => on((c) => followPlan(c, { ...about, named: names }));
const bars = (barred: Parameters<typeof bar>[1]['barred'], barId = 'b1') => on((c) => bar(c, { ...about, barId, barred }));

describe('the care team', () => {
  it('is begun by anybody of the agency; then it and supervisors say who else', () => {
    expect(told(joins('worker-1')).team).toEqual(['worker-1']);
    expect(after(joins('worker-1')).when(joins('worker-2', other))).toEqual({ refused: 'not-in-care-team' });
    expect(told(named('lawyer-1'), joins('worker-1')).team).toEqual(['worker-1', 'lawyer-1']);
    expect(told(joins('worker-1'), joins('worker-2')).team).toEqual(['worker-1', 'worker-2']);
    expect(told(joins('worker-1'), joins('worker-2', head), leaves('worker-1', head)).team).toEqual(['worker-2']);
    expect(after(joins('worker-1')).when(joins('worker-1')).facts).toEqual([]);
    expect(after(joins('worker-1')).when(leaves('worker-2'))).toEqual({ refused: 'not-found' });
  });

  it('follows the plan, and keeps whom somebody assigned', () => {
    expect(told(named('lawyer-1', 'worker-1')).team).toEqual(['lawyer-1', 'worker-1']);
    expect(told(joins('worker-1'), named('worker-1', 'lawyer-1'), named()).team).toEqual(['worker-1']);
    expect(told(named('lawyer-1'), named()).team).toBeUndefined();
    expect(after(named('lawyer-1')).when(leaves('lawyer-1', head))).toEqual({ refused: 'named-in-plan' });
    expect(after(named('lawyer-1')).when(named('lawyer-1')).facts).toEqual([]);
  });

  it('are those who answer for something that is still open', () => {
    const entry = (phase: PlanEntry['phase'], status: string, responsible: string) => ({ phase, actions: [{ status, responsible }, { status }] }) as unknown as PlanEntry;
    expect(namedIn([entry('active', 'planned', 'b'), entry('proposed', 'done', 'a'), entry('ended', 'planned', 'c'), entry('declined', 'planned', 'd'), entry('active', 'cancelled', 'e'), entry('waiting', 'missed', 'b')])).toEqual(['a', 'b']);
  });
});

describe('protection', () => {
  const boris = { client: 'boris', subject: 'boris-at-work', relation: 'former-partner' } as const;

  it('says who is barred, and nothing of it in a fact', () => {
    expect(told(bars(boris))).toMatchObject({ clientId: 'c1', barred: { subjects: ['boris-at-work'], clients: ['boris'] } });
    expect(JSON.stringify(after().when(bars(boris)).facts!.map(({ data }) => data))).not.toMatch(/boris|partner/);
  });

  it.each<[string, Parameters<typeof bar>[1]['barred'], string | undefined]>([
    ['a worker', { subject: 's', relation: 'relative' }, undefined], ['a client', { client: 'x', relation: 'relative' }, undefined],
    ['nobody', { relation: 'relative' }, 'invalid-request'], ['the person', { client: 'c1', relation: 'other' }, 'invalid-request'],
  ])('bars %s', (_, barred, refused) => expect(after().when(bars(barred)).refused).toBe(refused));

  it('bars once, and until it is lifted', () => {
    expect(after(bars(boris)).when(bars(boris)).facts).toEqual([]);
    const lifted = on((c) => lift(c, { ...about, barId: 'b1', reason: 'own-wish' }));
    expect(told(bars(boris), lifted).barred).toBeUndefined();
    expect(after().when(lifted)).toEqual({ refused: 'not-found' });
    expect(after(...Array.from({ length: 50 }, (_, n) => bars({ subject: `s${n}`, relation: 'other' }, `b${n}`))).when(bars(boris, 'one-more'))).toEqual({ refused: 'too-many-bars' });
  });

  it('takes whoever is barred out of the care team, and not back in', () => {
    expect(told(named('boris-at-work', 'worker-1'), bars(boris)).team).toEqual(['worker-1']);
    expect(after(bars(boris)).when(joins('boris-at-work', head))).toEqual({ refused: 'member-barred' });
  });

  it('outlives whatever is said of consents', () => {
    const terms = { clientId: 'c1', agency: 'centre', consentId: 'k1', at, purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' } as const;
    const asked: Step = (record) => request(record, { ...terms, recipients: ['bureau'], dataClasses: ['D1'] });
    const gave: Step = (record) => give(record, { consentId: 'k1', at, takenBy: 'worker-1', byClient: false, inWriting: [] });
    const state = told(bars(boris), asked, gave, named('lawyer-1'));
    expect(state).toMatchObject({ consents: [{ status: 'given' }], barred: { clients: ['boris'] }, team: ['lawyer-1'] });
  });

  it('hides a record for the care team and supervisors, who may show it again', () => {
    const hides = (by = worker) => on((c) => hide(c, { ...about, reason: 'threat', by }));
    const shows = on((c) => unhide(c, { ...about, reason: 'threat-over', by: head }));
    expect(after().when(hides())).toEqual({ refused: 'not-in-care-team' });
    expect(told(joins('worker-1'), hides()).hidden).toBe(true);
    expect(told(hides(head)).hidden).toBe(true);
    expect(told(hides(head), shows)).not.toHaveProperty('hidden');
    expect(after(joins('worker-1')).when(shows)).toEqual({ refused: 'wrong-status' });
  });
});

describe('break-glass', () => {
  const opens = (more: Partial<Parameters<typeof open>[1]> = {}) => on((c) =>
    open(c, { ...about, openingId: 'o1', subject: 'nurse-1', subjectAgency: 'clinic', reason: 'danger-to-life', text: 'Found unconscious', minutes: 30, ...more }));
  const reviews = (finding: 'justified' | 'not-justified', by = 'head-1', when = at) => on((c) => review(c, { ...about, at: when, openingId: 'o1', by, finding, text: 'Right' }));
  const later = (time: string) => `2026-03-02T${time}:00.000Z`;

  it('opens to one worker for a while, and has a review due; its words stay here', () => {
    expect(told(opens()).openings).toEqual([{ openingId: 'o1', subject: 'nurse-1', agency: 'clinic', from: at, until: later('09:30') }]);
    const [fact] = after().when(opens()).facts!;
    expect(fact!.data).toMatchObject({ reason: 'danger-to-life', reviewDue: '2026-03-05T09:00:00.000Z' });
    expect(JSON.stringify(fact!.data)).not.toMatch('unconscious');
  });

  it('is not renewed: again only when it is over, and with a new reason', () => {
    expect(after(opens()).when(opens({ openingId: 'o2', text: 'Still' }))).toEqual({ refused: 'already-opened' });
    expect(after(opens()).when(opens({ openingId: 'o2', at: later('09:30') }))).toEqual({ refused: 'invalid-request' });
    expect(after(opens()).when(opens({ openingId: 'o2', at: later('09:30'), text: 'found unconscious…' }))).toEqual({ refused: 'invalid-request' });
    expect(told(opens(), opens({ openingId: 'o2', at: later('09:30'), text: 'Seizures' })).openings).toMatchObject([{ openingId: 'o2' }]);
    expect(told(opens(), opens({ openingId: 'o2', subject: 'nurse-2' })).openings).toHaveLength(2);
  });

  it('ends before its time, once', () => {
    const closes = (when: string) => on((c) => close(c, { ...about, at: when, openingId: 'o1' }));
    expect(told(opens(), closes(later('09:10')))).not.toHaveProperty('openings');
    expect(after(opens(), closes(later('09:10'))).when(closes(later('09:11')))).toEqual({ refused: 'wrong-status' });
    expect(after(opens()).when(closes(later('09:30')))).toEqual({ refused: 'wrong-status' });
  });

  it('is reviewed once, by somebody else; what was not justified ends', () => {
    expect(after(opens()).when(reviews('justified', 'nurse-1'))).toEqual({ refused: 'own-opening' });
    expect(after(opens()).when(reviews('justified')).facts).toHaveLength(1);
    expect(told(opens(), reviews('not-justified'))).not.toHaveProperty('openings');
    expect(after(opens()).when(reviews('not-justified', 'head-1', later('10:00'))).facts).toHaveLength(1);
    expect(after(opens(), reviews('justified')).when(reviews('justified', 'head-2'))).toEqual({ refused: 'wrong-status' });
    expect(after().when(reviews('justified'))).toEqual({ refused: 'not-found' });
  });
});

it('an old record, of which nothing was said, says what it always said', () => {
  expect(consentState({ clientId: 'c1', agency: 'centre', consents: [] })).toEqual({ clientId: 'c1', consents: [], aliases: [] });
});
