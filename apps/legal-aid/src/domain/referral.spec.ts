import { check, contractOf, planEntryRecorded } from '@opora/contracts';
import { given } from '@opora/domain';
import { accept, enterInError, evolve, expire, planEntries, receive, reject, takeBack, withdraw, type Referral, type ReferralFact } from './referral.js';

const id = (n: number) => `018f0000-0000-7000-8000-00000000000${n}`;
const respondBy = '2026-03-09T09:00:00.000Z';
const before = '2026-03-09T08:59:59.999Z';
const asked = {
  referralId: id(1), clientId: id(2), offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre',
  asker: { module: 'counselling', id: id(3) }, needs: [{ module: 'intake', id: id(4) }], urgency: 'routine' as const, respondBy,
};
const parties = { referralId: id(1), clientId: id(2), module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre' };

const fact = <T extends ReferralFact['type']>(type: T, data: object = {}) => ({ type: `opora.referral.${type.split('.').at(-1)}`, data: { ...parties, ...data } }) as unknown as ReferralFact;
const received: ReferralFact = { type: 'legal-aid.referral-received', data: { referralId: id(1), clientId: id(2), offer: 'legal-consultation', urgency: 'routine', respondBy }, own: asked };
const accepted = fact('opora.referral.accepted');
const rejected = fact('opora.referral.rejected', { reason: 'no-capacity' });
const expired = fact('opora.referral.expired', { respondBy });
const withdrawn = fact('opora.referral.withdrawn');
const entered = fact('opora.referral.entered-in-error');

const histories: Record<Referral['status'] | 'unknown', ReferralFact[]> = {
  unknown: [], requested: [received], accepted: [received, accepted], rejected: [received, rejected],
  expired: [received, expired], withdrawn: [received, withdrawn], 'entered-in-error': [received, entered],
};
const after = (...facts: ReferralFact[]) => given(evolve, ...facts);
const statuses = Object.keys(histories) as (keyof typeof histories)[];
type Decision = (referral: Referral | undefined) => ReferralFact[];
const decisions: Record<string, Decision> = {
  receive: (r) => receive(r, asked),
  accept: (r) => accept(r, { at: before, consented: true, alreadyOpen: false }),
  reject: (r) => reject(r, { reason: 'no-capacity' }),
  expire: (r) => expire(r, { at: respondBy }),
  withdraw, enterInError, takeBack,
};

/** What each decision says in each status: a fact, a refusal by its code, or nothing. */
const rules: Record<string, Record<keyof typeof histories, ReferralFact | string | undefined>> = {
  receive: { unknown: received, requested: undefined, accepted: undefined, rejected: undefined, expired: undefined, withdrawn: undefined, 'entered-in-error': undefined },
  accept: { unknown: 'not-found', requested: accepted, accepted: 'wrong-status', rejected: 'wrong-status', expired: 'wrong-status', withdrawn: 'wrong-status', 'entered-in-error': 'wrong-status' },
  reject: { unknown: 'not-found', requested: rejected, accepted: 'wrong-status', rejected: 'wrong-status', expired: 'wrong-status', withdrawn: 'wrong-status', 'entered-in-error': 'wrong-status' },
  expire: { unknown: undefined, requested: expired, accepted: undefined, rejected: undefined, expired: undefined, withdrawn: undefined, 'entered-in-error': undefined },
  withdraw: { unknown: undefined, requested: withdrawn, accepted: undefined, rejected: undefined, expired: undefined, withdrawn: undefined, 'entered-in-error': undefined },
  enterInError: { unknown: 'not-found', requested: entered, accepted: 'matter-exists', rejected: entered, expired: entered, withdrawn: entered, 'entered-in-error': undefined },
  takeBack: { unknown: undefined, requested: undefined, accepted: entered, rejected: undefined, expired: undefined, withdrawn: undefined, 'entered-in-error': undefined },
};

describe('A referral', () => {
  it.each(Object.entries(rules).flatMap(([decision, by]) => statuses.map((status) => [decision, status, by[status]] as const)))('%s, when it is %s', (decision, status, expected) => {
    const outcome = after(...histories[status]).when(decisions[decision]!);
    if (typeof expected === 'string') expect(outcome).toEqual({ refused: expected });
    else expect(outcome.facts).toEqual(expected ? [expected] : []);
    for (const { type, data } of outcome.facts ?? []) check(contractOf(type)!, data);
  });

  it.each([['2026-03-09T08:59:59.999Z', undefined], [respondBy, 'too-late'], ['2026-04-01T00:00:00.000Z', 'too-late']])('can be accepted until respondBy: at %s', (at, refused) => {
    expect(after(received).when((r) => accept(r, { at, consented: true, alreadyOpen: false })).refused).toBe(refused);
  });

  it('is accepted by no one without the client’s consent, but can be rejected', () => {
    expect(after(received).when((r) => accept(r, { at: before, consented: false, alreadyOpen: false }))).toEqual({ refused: 'consent-missing' });
    expect(after(received).when((r) => reject(r, { reason: 'client-declined' }))).toMatchObject({ state: { status: 'rejected', reason: 'client-declined' } });
  });

  it('is not accepted while the client has an open matter under the same offer', () => {
    expect(after(received).when((r) => accept(r, { at: before, consented: true, alreadyOpen: true }))).toEqual({ refused: 'already-enrolled' });
  });

  it('expires not a moment before respondBy', () => {
    expect(after(received).when((r) => expire(r, { at: before })).facts).toEqual([]);
  });

  it.each<[Referral['status'], string, string | undefined, string]>([
    ['requested', 'requested', undefined, 'planned'],
    ['accepted', 'ended', 'accepted', 'done'],
    ['rejected', 'declined', 'no-capacity', 'done'],
    ['expired', 'declined', 'expired', 'missed'],
    ['withdrawn', 'ended', 'withdrawn', 'cancelled'],
    ['entered-in-error', 'ended', 'entered-in-error', 'cancelled'],
  ])('that is %s shows in the plan as %s', (status, phase, reason, action) => {
    const [entry, ...more] = planEntries(after(...histories[status]).state!);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ entryId: id(1), clientId: id(2), agency: 'bureau', kind: 'referral', phase, dataClass: 'D1', because: [asked.asker], needs: asked.needs });
    expect(entry!.reason?.code).toBe(reason);
    expect(entry!.actions).toMatchObject([{ due: respondBy, status: action }]);
    check(planEntryRecorded, { ...entry, module: 'legal-aid', version: 1, aggregate: { id: id(1), version: 1 }, recordedAt: before });
  });
});
