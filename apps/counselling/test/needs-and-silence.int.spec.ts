import { planEntryRecorded, proposalMade, referralRequested, referralUnanswered, referralWithdrawn } from '@opora/contracts';
import { eventually } from '@opora/testing';
import pg from 'pg';
import { ok, seen, startAmongOthers, type AmongOthers } from './with-others.js';

let others: AmongOthers;

beforeAll(async () => {
  others = await startAmongOthers();
});

afterAll(() => others?.harness.close());

const hostel = { module: 'beta', offer: 'hostel' };

describe('a need that ends', () => {
  it('before the activation keeps the plan from coming into force, and nothing is asked', async () => {
    const { counsellor, say, published, options, agreedPlan } = others;
    const { clientId, need, path, agreed } = await agreedPlan();
    await say.ended(clientId, need, 'withdrawn');
    await eventually(() => options(clientId), ({ body }) => body.needs.length === 0);
    expect(await counsellor.post(`${path}/activate`, {}, seen(agreed))).toMatchObject({
      status: 409, body: { code: 'plan-incomplete', errors: [{ pointer: '/goals', code: 'goal-missing' }, { pointer: '/choices/0', code: 'need-not-confirmed' }] },
    });
    expect((await counsellor.get(path)).body.versions[0].status).toBe('agreed');
    expect(await published(referralRequested, clientId)).toEqual([]);
  });

  it('at the moment of the activation is known to whichever comes second', async () => {
    const { harness, counsellor, say, agreedPlan } = others;
    const { clientId, need, id, path, agreed } = await agreedPlan();
    const holder = new pg.Client({ connectionString: harness.database.adminUrl });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from counselling.plan where id = $1 for update', [id]);
      const waiting = (count: number) => eventually(
        () => harness.database.query('select 1 from pg_stat_activity where datname = current_database() and wait_event_type = $1', ['Lock']), (rows) => rows.length === count);
      await say.ended(clientId, need, 'met');
      await waiting(1);
      const activation = counsellor.post(`${path}/activate`, {}, seen(agreed));
      await waiting(2);
      await holder.query('commit');
      expect(await activation).toMatchObject({ status: 409, body: { code: 'plan-incomplete' } });
    } finally {
      await holder.end();
    }
  });

  it('by mistake afterwards: the request is taken back, and a counsellor decides about goal and choice', async () => {
    const { counsellor, say, published, activePlan } = others;
    const { clientId, need, id, path, asked, active } = await activePlan();
    await say.ended(clientId, need, 'entered-in-error');
    await say.ended(clientId, need, 'entered-in-error');
    expect(await eventually(() => published(referralWithdrawn, clientId), (facts) => facts.length > 0)).toEqual([
      { referralId: asked.referralId, clientId, module: 'beta', offer: 'shelter', agency: 'house', askedBy: 'centre' },
    ]);
    const { body, headers } = await counsellor.get(path);
    const [version] = active.body.versions;
    expect(body.versions[0]).toMatchObject({ status: 'active', goals: version.goals });
    expect(body.versions[0].choices[0].referrals).toMatchObject([{ status: 'withdrawn' }]);
    expect(body.proposals).toMatchObject([{
      consequence: 'reassess', reason: 'need-ended', need, goalIds: [version.goals[0].goalId], choiceIds: [version.choices[0].choiceId], status: 'open',
    }]);
    expect(await published(proposalMade, clientId)).toHaveLength(1);
    await eventually(() => published(planEntryRecorded, `counselling/${id}`), (all) => all.at(-1)?.asks.length === 0);

    // Old versions come again when their module says everything again; none of it is news.
    await say.need(clientId, { entryId: need.id });
    await say.ended(clientId, need, 'met', 1);
    await say.ended(clientId, need, 'entered-in-error');
    const later = await activePlan();
    await say.ended(later.clientId, later.need, 'met');
    await eventually(() => counsellor.get(later.path), (plan) => plan.body.proposals.length === 1);
    expect((await counsellor.get(path)).headers.get('etag')).toBe(headers.get('etag'));
  });

  it('because it was met leaves the request to the counsellor; the machine asks nobody else for it', async () => {
    const { counsellor, say, published, activePlan } = others;
    const { clientId, need, path, asked } = await activePlan(undefined, [hostel]);
    await say.ended(clientId, need, 'met');
    const { body } = await eventually(() => counsellor.get(path), (plan) => plan.body.proposals.length === 1);
    expect(body.versions[0].choices[0].referrals).toMatchObject([{ status: 'requested' }]);
    ok(await counsellor.post(`${path}/proposals/${body.proposals[0].proposalId}/dismiss`, { reason: 'discussed' }));
    await say.rejected(asked, 'no-capacity');
    const after = await eventually(() => counsellor.get(path), (plan) => plan.body.proposals.length === 2);
    expect(after.body.proposals[1]).toMatchObject({ consequence: 'next-offer', reason: 'no-capacity', status: 'open' });
    expect(await published(referralRequested, clientId)).toHaveLength(1);
  });
});

it('a module that says nothing at all is waited for a day longer; then the agreed alternative is asked, or the counsellor', async () => {
  const { harness, counsellor, say, published, activePlan } = others;
  const [rerouted, alone] = [await activePlan(undefined, [hostel]), await activePlan()];
  harness.clock.advance({ hours: 4 * 24 - 1 });
  const prompt = await activePlan();
  await say.accepted(prompt.asked);
  await eventually(() => counsellor.get(prompt.path), ({ body }) => body.versions[0].choices[0].referrals[0].status === 'accepted');
  expect(await published(referralWithdrawn, rerouted.clientId)).toEqual([]);

  harness.clock.advance({ hours: 1 });
  const requests = await eventually(() => published(referralRequested, rerouted.clientId), (facts) => facts.length === 2);
  expect(requests[1]).toMatchObject({ ...hostel, agency: 'inn', respondBy: '2026-03-09T09:00:00.000Z' });
  expect(await published(referralUnanswered, rerouted.clientId)).toMatchObject([{ referralId: rerouted.asked.referralId, respondBy: rerouted.asked.respondBy, planId: rerouted.id }]);
  expect(await eventually(() => published(referralWithdrawn, rerouted.clientId), (facts) => facts.length > 0)).toMatchObject([{ referralId: rerouted.asked.referralId }]);
  const left = await eventually(() => counsellor.get(alone.path), ({ body }) => body.proposals.length === 1);
  expect(left.body.proposals).toMatchObject([{ consequence: 'next-offer', reason: 'unanswered', referralId: alone.asked.referralId, status: 'open' }]);

  await say.rejected(rerouted.asked, 'other');
  await say.accepted(rerouted.asked);
  const late = await eventually(() => counsellor.get(rerouted.path), ({ body }) => body.versions[0].choices[0].referrals[0].status === 'accepted');
  expect(late.body.versions[0].choices[0].referrals).toMatchObject([{ status: 'accepted' }, { ...hostel, status: 'requested' }]);
  expect(late.body.proposals).toEqual([]);
});
