import type { DataClass, Offer, PlanAction, PlanEntry } from '@opora/contracts';
import { assemble, type PlanQuestion, type Policy } from './plan.js';
import type { KnownModule } from './sections.js';

const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const clientId = id(1);
const planId = id(2);

const entry = (more: Partial<PlanEntry> & Pick<PlanEntry, 'module' | 'entryId' | 'kind' | 'phase'>): PlanEntry => ({
  version: 1, clientId, agency: 'north', aggregate: { id: more.entryId, version: 1 }, recordedAt: '2026-03-01T09:00:00.000Z',
  title: { system: 'urn:opora:test', code: 'thing', en: 'A thing', ru: 'Вещь' }, dataClass: 'D1', because: [], needs: [], actions: [], ...more,
});
const plan = (more: Partial<PlanEntry> = {}) => entry({ module: 'planning', entryId: planId, kind: 'plan', phase: 'active', reviewOn: '2026-06-01', ...more });
const service = (n: number, phase: PlanEntry['phase'], more: Partial<PlanEntry> = {}) =>
  entry({ module: 'job-club', entryId: id(n), kind: 'service', phase, agency: 'south', ...more });
const ask = (n: number, module = 'job-club') => ({ module, offer: 'coaching', referralId: id(n), respondBy: '2026-03-08T09:00:00.000Z' });
const action = (n: number, more: Partial<PlanAction>): PlanAction =>
  ({ id: id(n), title: { system: 'urn:opora:action', code: 'meet', en: 'Meet', ru: 'Встреча' }, status: 'planned', ...more });

const offer = { code: 'coaching', agency: 'south' } as Offer;
const jobClub: KnownModule = { titles: { en: 'Job club', ru: 'Клуб ищущих работу' }, offers: [offer] };
const everything: Policy = { own: false, reads: () => true, refers: () => true };

const assembled = (entries: PlanEntry[], more: Partial<PlanQuestion> = {}) =>
  assemble({ clientId, entries, modules: new Map([['job-club', jobClub]]), policy: everything, isStale: () => false, language: 'en', ...more });

describe('a section’s state', () => {
  it.each<[PlanEntry['phase'], string]>([
    ['proposed', 'requested'], ['requested', 'requested'], ['waiting', 'waiting'], ['active', 'active'], ['suspended', 'suspended'], ['declined', 'declined'], ['ended', 'ended'],
  ])('of one entry that is %s: %s', (phase, state) => {
    expect(assembled([service(10, phase)])?.sections).toMatchObject([{ module: 'job-club', title: 'Job club', agency: 'south', state }]);
  });

  it('is the strongest of its entries: active, waiting, suspended, requested, declined, ended', () => {
    const order = ['active', 'waiting', 'suspended', 'requested', 'declined', 'ended'] as const;
    order.forEach((phase, i) => {
      const weaker = order.slice(i).map((p, n) => service(20 + n, p)).reverse();
      expect(assembled(weaker)?.sections[0]?.state).toBe(phase);
    });
  });

  it('carries the reason of the entry that decides it, the one changed last among equals', () => {
    const reason = (code: string) => ({ system: 'urn:opora:reason', code, en: code, ru: code });
    const sections = assembled([
      service(11, 'declined', { reason: reason('first'), recordedAt: '2026-03-01T09:00:00.000Z' }),
      service(10, 'declined', { reason: reason('second'), recordedAt: '2026-03-02T09:00:00.000Z' }),
      service(12, 'ended', { reason: reason('third'), recordedAt: '2026-03-03T09:00:00.000Z' }),
    ])?.sections;
    expect(sections).toMatchObject([{ state: 'declined', reason: { code: 'second', title: 'second' }, changedAt: '2026-03-03T09:00:00.000Z' }]);
  });
});

describe('a request', () => {
  it('shows a section before its module has spoken, with the day of the answer', () => {
    expect(assembled([plan({ asks: [ask(10)] })])?.sections).toEqual([{
      module: 'job-club', title: 'Job club', agency: 'south', state: 'requested', entries: [], stale: false, changedAt: '2026-03-01T09:00:00.000Z',
      actions: [{ id: id(10), entryId: id(10), system: 'urn:opora:action', code: 'answer-referral', title: 'The request is answered', due: '2026-03-08T09:00:00.000Z', status: 'planned' }],
    }]);
  });

  it('gives way to the answer', () => {
    const sections = assembled([plan({ asks: [ask(10)] }), service(10, 'declined', { kind: 'referral' })])?.sections;
    expect(sections).toMatchObject([{ state: 'declined', actions: [] }]);
  });

  it('gives way to an answer that the reader may not see', () => {
    const policy = { ...everything, reads: ({ agency }: PlanEntry) => agency === 'north' };
    expect(assembled([plan({ asks: [ask(10)] }), service(10, 'active', { kind: 'referral' })], { policy })?.sections).toEqual([]);
  });

  it('stands beside what the module does already', () => {
    expect(assembled([plan({ asks: [ask(10)] }), service(11, 'ended')])?.sections).toMatchObject([{ state: 'requested', entries: [{ entryId: id(11) }], actions: [{ id: id(10) }] }]);
  });

  it.each(['ended', 'declined'] as const)('of a plan that is %s is none', (phase) => {
    expect(assembled([plan({ phase, asks: [ask(10)] })])?.sections).toEqual([]);
  });

  it('disappears for staff, not for the person, when data may no longer go to the asked agency', () => {
    const entries = [plan({ asks: [ask(10)] })];
    const refers = (agency: string) => agency !== 'south';
    expect(assembled(entries, { policy: { ...everything, refers } })).toMatchObject({ sections: [], next: [] });
    expect(assembled(entries, { policy: { ...everything, own: true, refers } })?.sections).toHaveLength(1);
  });
});

describe('what the reader may not see', () => {
  const hide = (dataClass: DataClass): Policy => ({ ...everything, reads: (e) => e.dataClass !== dataClass });

  it('is in no part of the document', () => {
    const secret = service(10, 'active', { module: 'shelter', dataClass: 'D3', actions: [action(50, { due: '2026-03-02' })], reviewOn: '2026-03-03', recordedAt: '2026-03-09T09:00:00.000Z' });
    const open = service(11, 'active', { because: [{ module: 'shelter', id: id(10) }, { module: 'planning', id: planId }], needs: [{ module: 'shelter', id: id(10) }] });
    const document = assembled([plan(), secret, open], { policy: hide('D3') });
    expect(JSON.stringify(document)).not.toMatch(/shelter|000010"|03-02|03-03|03-09/);
    expect(document?.sections[0]?.entries[0]?.because).toEqual([{ module: 'planning', id: planId }]);
  });

  it('leaves no person when it is everything; to the person it is an empty plan', () => {
    expect(assembled([plan()], { policy: hide('D1') })).toBeUndefined();
    expect(assembled([], { policy: { ...everything, own: true } })).toMatchObject({ clientId, plan: null, sections: [], next: [], changedAt: null, stale: false });
  });
});

describe('staleness', () => {
  it('is told per section and for the whole', () => {
    const document = assembled([plan(), service(10, 'active'), service(11, 'active', { module: 'shelter' })], { isStale: (module) => module === 'shelter' });
    expect(document).toMatchObject({ stale: true, sections: [{ module: 'job-club', stale: false }, { module: 'shelter', stale: true }] });
  });

  it('counts modules without a section too', () => {
    expect(assembled([plan(), service(10, 'active')], { isStale: (module) => module === 'planning' })).toMatchObject({ stale: true, sections: [{ stale: false }] });
  });
});

describe('a module that left', () => {
  const modules = new Map([['job-club', { ...jobClub, leftAt: '2026-04-01T00:00:00.000Z' }]]);
  const entries = [service(10, 'active', { actions: [action(50, { due: '2026-05-01' })] })];

  it('keeps its section as ended history, under its own title, and is not stale', () => {
    expect(assembled(entries, { modules, isStale: () => true })).toMatchObject({
      stale: false, next: [], sections: [{ title: 'Job club', state: 'ended', reason: { code: 'module-left' }, stale: false, entries: [{ phase: 'active' }] }],
    });
  });

  it('was there before it left', () => {
    const before = { modules, asOf: '2026-03-31T23:59:59.999Z' };
    expect(assembled(entries, before)).toMatchObject({ asOf: before.asOf, sections: [{ state: 'active' }], next: [{ id: id(50) }] });
  });
});

it('puts needs, goals, the plan in force and the next review in their places', () => {
  const document = assembled([
    plan({ entryId: id(3), phase: 'ended', reviewOn: '2026-02-01' }), plan(),
    entry({ module: 'screening', entryId: id(21), kind: 'need', phase: 'active', title: { system: 'urn:opora:need', code: 'housing', en: 'Housing', ru: 'Жильё' } }),
    entry({ module: 'screening', entryId: id(20), kind: 'need', phase: 'ended' }),
    entry({ module: 'planning', entryId: id(30), kind: 'goal', phase: 'active', reviewOn: '2026-05-01', needs: [{ module: 'screening', id: id(21) }], actions: [action(50, {})] }),
  ]);
  expect(document).toMatchObject({
    plan: { entryId: planId, phase: 'active', reviewOn: '2026-06-01' }, reviewOn: '2026-05-01',
    needs: [{ entryId: id(20), phase: 'ended' }, { entryId: id(21), code: 'housing', title: 'Housing' }],
    goals: [{ entryId: id(30), needs: [{ module: 'screening', id: id(21) }], actions: [{ id: id(50), title: 'Meet' }] }],
  });
});

it('lists what is still to be done in the order of time, a day before its hours', () => {
  const document = assembled([
    plan({ actions: [action(50, { due: '2026-03-10' }), action(51, { due: '2026-03-01', status: 'done' })], asks: [ask(60, 'shelter')] }),
    service(10, 'active', {
      actions: [
        action(52, { start: '2026-03-10T08:00:00.000Z', due: '2026-04-01' }), action(53, { due: '2026-03-09T22:00:00-03:00', status: 'in-progress' }), action(54, {}),
        action(55, { start: '2026-03-05' }), action(56, { due: '2026-03-10T08:00:00Z' }),
      ],
    }),
    service(11, 'ended', { actions: [action(57, { due: '2026-03-07' })] }),
  ]);
  expect(document?.next.map(({ module, id: actionId }) => [module, Number(actionId.slice(-2))])).toEqual([
    ['job-club', 55], ['shelter', 60], ['planning', 50], ['job-club', 53], ['job-club', 52], ['job-club', 56],
  ]);
  expect(document?.sections.find(({ module }) => module === 'job-club')?.actions.map(({ id: actionId }) => Number(actionId.slice(-2)))).toEqual([55, 57, 53, 52, 56, 54]);
});

it('speaks the reader’s language; an unknown module goes by its name', () => {
  const reason = { system: 'urn:opora:reason', code: 'full', en: 'No free places', ru: 'Нет свободных мест' };
  const entries = [service(10, 'declined', { reason }), service(11, 'ended', { module: 'shelter' })];
  expect(assembled(entries, { language: 'ru' })?.sections).toMatchObject([{ title: 'Клуб ищущих работу', reason: { code: 'full', title: 'Нет свободных мест' }, entries: [{ title: 'Вещь' }] }, { title: 'shelter' }]);
});

it('does not lose the plan over one odd date', () => {
  expect(assembled([service(10, 'active', { actions: [action(50, { due: '2026-03-10T08:00:00.12345678901234Z' }), action(51, { due: '2026-03-11' })] })])?.next).toHaveLength(2);
});
