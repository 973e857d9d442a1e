import { given } from '@opora/domain';
import { activated, agreed, at, chosen, complete, endsOf, flat, hostel, housing, id, offeringsOf, shelter, submitted, told, types } from '../../test/given-plan.js';
import { close } from './agreeing.js';
import { noteAnswer, noteUnanswered } from './answering.js';
import { evolve } from './evolve.js';
import type { Plan, ReferralAnswer } from './plan.js';
import type { PlanFact } from './plan-facts.js';

// Asked as urgent on 2 March: to be answered by the 5th, 09:00, and waited for one day more.
const late = '2026-03-06T09:00:00.000Z';
const asking = (alternatives = [hostel, flat]): PlanFact[] => told(...complete, chosen(30, shelter, { alternatives }), submitted, agreed, activated);
const waiting = (history: PlanFact[], now = late, ends: Parameters<typeof endsOf>[0] = {}) => given(evolve, ...history).when((p: Plan | undefined) => noteUnanswered(p, {
  referralId: p!.referrals[0]!.referralId, offerings: offeringsOf(), ended: endsOf(ends), reroutedId: () => id(601), proposalId: id(603), at: now,
}));
const answered = (history: PlanFact[], answer: ReferralAnswer): PlanFact[] => [...history, ...given(evolve, ...history).when((p: Plan | undefined) => noteAnswer(p, {
  referralId: p!.referrals[0]!.referralId, module: 'alpha', answer, ...(answer === 'rejected' && { reason: 'other' }),
  offerings: offeringsOf(), ended: endsOf(), reroutedId: () => id(602), proposalId: id(604), at,
})).facts!];
const [withdrawn, unanswered, requested, proposed] = ['opora.referral.withdrawn', 'counselling.referral-unanswered', 'opora.referral.requested', 'counselling.proposal-made'];

it('is waited for until a day after the time to answer', () => {
  expect(waiting(asking(), '2026-03-06T08:59:59.999Z').facts).toEqual([]);
  expect(types(waiting(asking()).facts)).toEqual([withdrawn, unanswered, requested]);
});

it('takes the request back and asks the alternative that the client agreed to, with a time of its own', () => {
  const { facts, state } = waiting(asking());
  expect(facts).toMatchObject([
    { data: { ...shelter, agency: 'house' } }, { data: { choiceId: id(30), respondBy: '2026-03-05T09:00:00.000Z' } },
    { data: { ...hostel, referralId: id(601), agency: 'inn', respondBy: '2026-03-09T09:00:00.000Z' }, own: { choiceId: id(30) } },
  ]);
  expect(state!.referrals.map(({ status }) => status)).toEqual(['unanswered', 'requested']);
});

it.each<[string, PlanFact[], Parameters<typeof endsOf>[0]]>([
  ['there is no alternative', asking([]), {}],
  ['the needs have all ended', asking(), { [housing.ref.id]: 'otherwise' }],
])('is left to the counsellor when %s', (_, history, ends) => {
  const { facts, state } = waiting(history, late, ends);
  expect(types(facts)).toEqual([withdrawn, unanswered, proposed]);
  expect(state!.proposals).toMatchObject([{ proposalId: id(603), consequence: 'next-offer', reason: 'unanswered', choiceId: id(30), status: 'open' }]);
});

it.each<[string, PlanFact[]]>([
  ['was noted before', [...asking(), ...waiting(asking()).facts!]],
  ['is too late: somebody answered', answered(asking(), 'accepted')],
  ['is too late: the plan is closed', [...asking(), ...close(asking().reduce<Plan | undefined>(evolve, undefined), { outcome: 'other', at })]],
])('changes nothing when it %s', (_, history) => expect(waiting(history).facts).toEqual([]));

describe('a late answer', () => {
  const silent = [...asking(), ...waiting(asking()).facts!];
  const status = (answer: ReferralAnswer) => answered(silent, answer).reduce<Plan | undefined>(evolve, undefined)!.referrals[0]!.status;
  it('that is a yes is noted, and nothing follows', () => {
    expect(status('accepted')).toBe('accepted');
    expect(answered(silent, 'accepted')).toHaveLength(silent.length + 1);
  });
  it.each(['rejected', 'expired', 'entered-in-error'] as const)('%s changes nothing', (answer) => expect(answered(silent, answer)).toEqual(silent));
});
