import type { RejectionCode } from '@opora/contracts';
import { given } from '@opora/domain';
import { activated, agreed, at, chosen, complete, endsOf, flat, hostel, housing, id, offeringsOf, shelter, submitted, told, types } from '../../test/given-plan.js';
import { close, decideByClient } from './agreeing.js';
import { dismissProposal, noteAnswer } from './answering.js';
import { consequences } from './consequences.js';
import { evolve } from './evolve.js';
import type { Plan, ReferralAnswer } from './plan.js';
import type { PlanFact } from './plan-facts.js';

const plan = (alternatives = [hostel, flat], decide = agreed): PlanFact[] => told(...complete, chosen(30, shelter, { alternatives }), submitted, decide, activated);
const answering = (history: PlanFact[], answer: ReferralAnswer, reason?: RejectionCode, more: { change?: Parameters<typeof offeringsOf>[0]; of?: number; module?: string; ends?: Parameters<typeof endsOf>[0] } = {}) =>
  given(evolve, ...history).when((p: Plan | undefined) => noteAnswer(p, {
    referralId: p!.referrals[more.of ?? 0]!.referralId, module: more.module ?? p!.referrals[more.of ?? 0]!.module, answer, reason,
    offerings: offeringsOf(more.change ?? {}), ended: endsOf(more.ends), reroutedId: ({ offer }) => offer === 'hostel' ? id(601) : id(602), proposalId: id(603), at,
  }));
const after = (history: PlanFact[], ...more: Parameters<typeof answering> extends [unknown, ...infer R] ? R : never): PlanFact[] => [...history, ...answering(history, ...more).facts!];

const closed = (history: PlanFact[]): PlanFact[] => [...history, ...close(history.reduce<Plan | undefined>(evolve, undefined), { outcome: 'other', at })];

const [noted, requested, proposed] = ['counselling.referral-answer-noted', 'opora.referral.requested', 'counselling.proposal-made'];

it('notes a yes, and nothing follows', () => {
  const { facts, state } = answering(plan(), 'accepted');
  expect(types(facts)).toEqual([noted]);
  expect(state!.referrals[0]).toMatchObject({ status: 'accepted' });
});

describe('the consequence of each no', () => {
  it.each(Object.entries(consequences).filter(([code]) => code !== 'unanswered'))('%s', (code, { kind }) => {
    const [answer, reason] = code === 'expired' || code === 'entered-in-error' ? [code, undefined] as const : ['rejected', code as RejectionCode] as const;
    const { facts, state } = answering(plan(), answer, reason);
    const expected = { 'next-offer': [noted, requested], reassess: [noted, proposed], park: [noted, proposed], stop: [noted] }[kind];
    expect(types(facts)).toEqual(expected);
    if (facts![1]?.type === proposed) expect(state!.proposals).toMatchObject([{ proposalId: id(603), consequence: kind, reason: code, status: 'open', choiceId: id(30) }]);
  });
  it('parks for so many days', () => expect(answering(plan(), 'rejected', 'could-not-contact').state!.proposals[0]).toMatchObject({ notBefore: '2026-03-09' }));
});

describe('asking somebody else by itself', () => {
  it('goes to the first alternative that the client agreed to, with a new time to answer', () =>
    expect(answering(plan(), 'rejected', 'no-capacity').facts![1]).toMatchObject({ data: { ...hostel, referralId: id(601), agency: 'inn', respondBy: '2026-03-05T09:00:00.000Z' }, own: { choiceId: id(30) } }));
  it('goes on to the next one, and in the end to the counsellor', () => {
    const second = after(plan(), 'rejected', 'no-capacity');
    const third = answering(second, 'expired', undefined, { of: 1 });
    expect(third.facts![1]).toMatchObject({ type: requested, data: { ...flat, referralId: id(602) } });
    expect(types(answering([...second, ...third.facts!], 'rejected', 'waitlist-only', { of: 2 }).facts)).toEqual([noted, proposed]);
  });
  it.each([
    ['consent does not cover it', { hostel: { consented: false } }],
    ['it takes nobody', { hostel: { availability: 'closed' as const } }],
    ['it is gone', { hostel: null }],
  ])('passes over an alternative when %s', (_, change) => expect(answering(plan(), 'rejected', 'no-capacity', { change }).facts![1]).toMatchObject({ type: requested, data: flat }));
  it.each<[string, PlanFact[], Parameters<typeof offeringsOf>[0]]>([
    ['there is no alternative', plan([]), {}],
    ['the client agreed to no alternative', plan([hostel], (p) => decideByClient(p, { decision: 'agree', by: 'c', at, choices: [{ choiceId: id(30), agreed: true, alternatives: [] }] })), {}],
    ['consent covers none', plan([hostel]), { hostel: { consented: false } }],
  ])('is left to the counsellor when %s', (_, history, change) =>
    expect(answering(history, 'rejected', 'no-capacity', { change }).state!.proposals).toMatchObject([{ consequence: 'next-offer', reason: 'no-capacity', status: 'open' }]));
});

it('asks nobody else by itself for needs that have all ended', () =>
  expect(types(answering(plan(), 'rejected', 'no-capacity', { ends: { [housing.ref.id]: 'otherwise' } }).facts)).toEqual([noted, proposed]));

describe('what changes nothing', () => {
  it('the same answer again', () => expect(answering(after(plan(), 'rejected', 'no-capacity'), 'rejected', 'no-capacity').facts).toEqual([]));
  it('an answer of a module that was not asked', () => expect(answering(plan(), 'accepted', undefined, { module: 'beta' }).facts).toEqual([]));
  it('a no to what was taken back', () => expect(answering(closed(plan()), 'rejected', 'other').facts).toEqual([]));
  it('a plan that is not there', () => expect(noteAnswer(undefined, { referralId: id(9), module: 'alpha', answer: 'accepted', offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(1), proposalId: id(2), at })).toEqual([]));
});

it('notes a no to a plan that is closed, without asking further', () => {
  expect(types(answering(closed(after(plan(), 'accepted')), 'entered-in-error').facts)).toEqual([noted]);
});

describe('a proposal', () => {
  const proposal = after(plan([]), 'rejected', 'other');
  const dismissing = (history: PlanFact[], proposalId = id(603)) => given(evolve, ...history).when((p) => dismissProposal(p, { proposalId, reason: 'discussed', at }));
  it('is dismissed with a reason, once', () => {
    const { facts, state } = dismissing(proposal);
    expect(state!.proposals).toMatchObject([{ status: 'dismissed', dismissal: 'discussed' }]);
    expect(dismissing([...proposal, ...facts!])).toEqual({ refused: 'wrong-status' });
  });
  it('must exist', () => expect(dismissing(proposal, id(9))).toEqual({ refused: 'not-found' }));
});
