import { check, contractOf, planEntryRecorded } from '@opora/contracts';
import { given } from '@opora/domain';
import {
  activate, awaitThirdParty, checkConflict, close, decideEligibility, enterInError, evolve, open, resolve, resume, setDeadline, writeSummary, type Matter, type MatterFact,
} from './matter.js';
import { planEntries } from './matter-entries.js';

const id = (n: number) => `018f0000-0000-7000-8000-00000000000${n}`;
const at = '2026-03-02T09:00:00.000Z';
const opening = { matterId: id(1), clientId: id(2), referralId: id(3), offer: 'court-representation', agency: 'bureau', needs: [{ module: 'intake', id: id(4) }] };
const next = { day: '2026-04-01', responsible: 'lawyer-1' } as const;

type Decision = (matter: Matter | undefined) => MatterFact[];
const decisions = {
  open: (m) => open(m, { ...opening, at }),
  clear: (m) => checkConflict(m, { outcome: 'clear', adverseParties: ['Landlord Ltd'], at, recordedAt: at }),
  conflict: (m) => checkConflict(m, { outcome: 'conflict', adverseParties: ['Landlord Ltd'], at, recordedAt: at }),
  eligible: (m) => decideEligibility(m, { outcome: 'eligible', ground: 'low-income', at }),
  'not eligible': (m) => decideEligibility(m, { outcome: 'not-eligible', ground: 'income-too-high', at }),
  activate: (m) => activate(m, { next, deadlineId: id(5), at }),
  'set deadline': (m) => setDeadline(m, { next: { day: '2026-05-01', responsible: 'lawyer-2' }, deadlineId: id(6), at }),
  'await third party': (m) => awaitThirdParty(m, { at }),
  resume: (m) => resume(m, { at }),
  'write summary': (m) => writeSummary(m, { text: 'We wrote to the landlord', at, recordedAt: at }),
  resolve: (m) => resolve(m, { outcome: 'settled', at }),
  close: (m) => close(m, { at }),
  'enter in error': (m) => enterInError(m, { reason: 'wrong-person', at }),
} as const satisfies Record<string, Decision>;
type Name = keyof typeof decisions;

/** Takes decisions one after the other, each on what the ones before it said. */
const after = (...names: Name[]): MatterFact[] => names.reduce<MatterFact[]>((facts, name) => {
  const outcome = given(evolve, ...facts).when(decisions[name]);
  if (!outcome.facts) throw new Error(`${name} was refused: ${outcome.refused}`);
  return [...facts, ...outcome.facts];
}, []);

const ways: Record<Matter['status'], Name[]> = {
  'conflict-check': ['open'],
  eligibility: ['open', 'clear'],
  accepted: ['open', 'clear', 'eligible'],
  active: ['open', 'clear', 'eligible', 'activate'],
  'awaiting-third-party': ['open', 'clear', 'eligible', 'activate', 'await third party'],
  resolved: ['open', 'clear', 'eligible', 'activate', 'resolve'],
  closed: ['open', 'clear', 'eligible', 'activate', 'resolve', 'close'],
  declined: ['open', 'conflict'],
  'entered-in-error': ['open', 'enter in error'],
};
const statuses = Object.keys(ways) as Matter['status'][];
const state = (status: Matter['status']) => given(evolve, ...after(...ways[status])).state!;

/** Where each decision leads from each status that allows it; everywhere else it is refused. */
const leads: Record<Exclude<Name, 'open'>, Partial<Record<Matter['status'], Matter['status']>>> = {
  clear: { 'conflict-check': 'eligibility' },
  conflict: { 'conflict-check': 'declined' },
  eligible: { eligibility: 'accepted' },
  'not eligible': { eligibility: 'declined' },
  activate: { accepted: 'active' },
  'set deadline': { active: 'active', 'awaiting-third-party': 'awaiting-third-party' },
  'await third party': { active: 'awaiting-third-party' },
  resume: { 'awaiting-third-party': 'active' },
  'write summary': { active: 'active', 'awaiting-third-party': 'awaiting-third-party', resolved: 'resolved' },
  resolve: { active: 'resolved', 'awaiting-third-party': 'resolved' },
  close: { resolved: 'closed' },
  'enter in error': Object.fromEntries(statuses.filter((status) => status !== 'entered-in-error').map((status) => [status, 'entered-in-error'])),
};
const table = Object.entries(leads).flatMap(([name, to]) => statuses.map((status) => [name as Name, status, to[status]] as const));

describe('A matter', () => {
  it.each(table.filter(([, , to]) => to !== undefined))('%s, when it is %s: becomes %s', (name, status, to) => {
    const outcome = given(evolve, ...after(...ways[status])).when(decisions[name]);
    expect(outcome.state?.status).toBe(to);
    for (const { type, data } of outcome.facts!) expect(check(contractOf(type)!, data)).toMatchObject({ matterId: id(1), clientId: id(2), at });
  });

  it.each(table.filter(([, , to]) => to === undefined))('%s, when it is %s: is refused', (name, status) => {
    const refused = status === 'entered-in-error' ? 'not-found' : status === 'conflict-check' && ['eligible', 'not eligible'].includes(name) ? 'conflict-not-checked' : 'wrong-status';
    expect(given(evolve, ...after(...ways[status])).when(decisions[name])).toEqual({ refused });
  });

  it.each(Object.keys(leads) as Name[])('%s, when there is no matter: is refused', (name) => {
    expect(given(evolve).when(decisions[name])).toEqual({ refused: 'not-found' });
  });

  it('is opened once, and never again', () => {
    expect(given(evolve).when(decisions.open)).toMatchObject({ state: { status: 'conflict-check', adverseParties: [], summaries: [] } });
    for (const status of statuses) expect(given(evolve, ...after(...ways[status])).when(decisions.open)).toEqual({ refused: 'already-open' });
  });

  it('allows no substantive work before a clear conflict check', () => {
    const substantive: Name[] = ['eligible', 'not eligible', 'activate', 'set deadline', 'write summary', 'resolve'];
    for (const name of substantive) expect(given(evolve, ...after('open')).when(decisions[name]).refused).toMatch(/^(conflict-not-checked|wrong-status)$/);
    for (const name of substantive) expect(given(evolve, ...after('open', 'conflict')).when(decisions[name])).toEqual({ refused: 'wrong-status' });
  });

  it.each<[Name[], string]>([[['open', 'conflict'], 'conflict-of-interest'], [['open', 'clear', 'not eligible'], 'not-eligible']])('after %j is declined with its reason: %s', (names, reason) => {
    const facts = after(...names);
    expect(facts.at(-1)).toMatchObject({ type: 'legal-aid.matter-declined', data: { reason } });
    expect(given(evolve, ...facts).state).toMatchObject({ status: 'declined', reason });
  });

  it('has a next deadline when active, or an explicit none with its reason', () => {
    expect(state('active')).toMatchObject({ next, deadlineId: id(5) });
    const none = given(evolve, ...after(...ways.accepted)).when((m) => activate(m, { next: { none: 'no-court-procedure' }, deadlineId: id(5), at }));
    expect(none.facts).toMatchObject([{ data: { noDeadlineReason: 'no-court-procedure' } }]);
    expect(none.facts![0]!.data).not.toHaveProperty('nextDeadline');
    expect(planEntries(none.state!)[0]!.actions).toEqual([]);
    const set = given(evolve, ...after(...ways.active, 'set deadline'));
    expect(planEntries(set.state!)[0]!.actions).toMatchObject([{ id: id(6), due: '2026-05-01', responsible: 'lawyer-2' }]);
  });

  it('keeps the adverse parties and the summaries to itself', () => {
    const facts = after('open', 'clear', 'eligible', 'activate', 'write summary', 'resolve');
    const leaving = JSON.stringify([facts.map(({ type, data }) => [type, data]), planEntries(given(evolve, ...facts).state!)]);
    expect(leaving).not.toContain('Landlord');
    expect(leaving).not.toContain('We wrote');
    expect(given(evolve, ...facts).state).toMatchObject({ adverseParties: ['Landlord Ltd'], summaries: [{ text: 'We wrote to the landlord', at }] });
  });

  it('dates a summary by when it was written, not by when what it tells of happened', () => {
    const written = given(evolve, ...after(...ways.active)).when((m) => writeSummary(m, { text: 'x', at: '2026-01-01T00:00:00.000Z', recordedAt: at }));
    expect(written).toMatchObject({ facts: [{ data: { at: '2026-01-01T00:00:00.000Z' } }], state: { summaries: [{ at }] } });
  });

  it.each<[Matter['status'], string, string | undefined, string | undefined]>([
    ['conflict-check', 'waiting', undefined, undefined],
    ['eligibility', 'waiting', undefined, undefined],
    ['accepted', 'waiting', undefined, undefined],
    ['active', 'active', undefined, 'planned'],
    ['awaiting-third-party', 'active', undefined, 'planned'],
    ['resolved', 'ended', 'resolved', 'done'],
    ['closed', 'ended', 'closed', 'done'],
    ['declined', 'declined', 'conflict-of-interest', undefined],
    ['entered-in-error', 'ended', 'entered-in-error', undefined],
  ])('that is %s shows in the plan as %s', (status, phase, reason, action) => {
    const [entry, ...more] = planEntries(state(status));
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ entryId: id(1), clientId: id(2), agency: 'bureau', kind: 'service', phase, dataClass: 'D1', because: [{ module: 'legal-aid', id: id(3) }], needs: opening.needs });
    expect(entry!.reason?.code).toBe(reason);
    expect(entry!.actions.map((one) => one.status)).toEqual(action ? [action] : []);
    check(planEntryRecorded, { ...entry, module: 'legal-aid', version: 1, aggregate: { id: id(1), version: 1 }, recordedAt: at });
  });

  it('that was entered in error while active cancels its next deadline', () => {
    const entered = given(evolve, ...after(...ways.active, 'enter in error')).state!;
    expect(planEntries(entered)[0]!.actions).toMatchObject([{ status: 'cancelled' }]);
  });
});
