import { consentsChanged, planEntryRecorded, referralRequested, referralWithdrawn } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, type Caller } from '@opora/testing';
import { agency, canary, ok, seen, startAmongOthers, type AmongOthers } from './with-others.js';

let harness: AmongOthers['harness'];
let counsellor: AmongOthers['counsellor'];
let say: AmongOthers['say'];
let published: AmongOthers['published'];
let person: AmongOthers['person'];
let agreedPlan: AmongOthers['agreedPlan'];
let activePlan: AmongOthers['activePlan'];

beforeAll(async () => {
  ({ harness, counsellor, say, published, person, agreedPlan, activePlan } = await startAmongOthers());
});

afterAll(() => harness?.close());

describe('a support plan', () => {
  it('is drafted, submitted, agreed, active, changed and closed', async () => {
    const { clientId, need, id, path, active, asked, client } = await activePlan();
    expect(active.headers.get('opora-plan-entry')).toMatch(new RegExp(`^counselling/${id}@\\d+$`));
    expect(asked).toMatchObject({ module: 'beta', offer: 'shelter', agency: 'house', askedBy: agency, planId: id, planVersion: 1, needs: [need], respondBy: '2026-03-05T09:00:00.000Z' });
    const [entry] = (await eventually(() => published(planEntryRecorded, `counselling/${id}`), (all) => all.at(-1)?.phase === 'active')).slice(-1);
    expect(entry).toMatchObject({ kind: 'plan', reviewOn: '2099-01-01', asks: [{ referralId: asked.referralId, module: 'beta', offer: 'shelter', respondBy: asked.respondBy }] });

    await say.rejected(asked, 'other', newId(), 'gamma');
    await say.accepted(asked);
    const answered = await eventually(() => counsellor.get(path), ({ body }) => body.versions[0].choices[0].referrals[0].status === 'accepted');
    expect(answered.body.proposals).toEqual([]);
    const goalId = answered.body.versions[0].goals[0].goalId;
    const goals = await published(planEntryRecorded, `counselling/${goalId}`);
    expect(goals.map(({ phase }) => phase)).toEqual(['proposed', 'active']);
    expect(goals[1]).toMatchObject({ kind: 'goal', title: { code: 'secure-home' }, needs: [need], because: [{ module: 'counselling', id }], actions: [{ due: '2026-03-20', status: 'planned' }] });

    ok(await counsellor.post(`${path}/review`, {}));
    ok(await counsellor.post(`${path}/versions`, {}));
    expect((await client.get(path)).body.versions).toMatchObject([{ number: 1, status: 'under-review' }]);
    const second = ok(await counsellor.post(`${path}/choices`, { needs: [need], module: 'beta', offer: 'hostel', urgency: 'routine' }));
    const submitted = ok(await counsellor.post(`${path}/submit`, {}, seen(second)));
    const agreed = ok(await counsellor.post(`${path}/client-decision`, { decision: 'agree', onBehalfOf: clientId }, seen(submitted)));
    const newer = ok(await counsellor.post(`${path}/activate`, {}, seen(agreed)));
    expect(newer.body.versions.map(({ status }: any) => status)).toEqual(['superseded', 'active']);
    await eventually(() => published(referralRequested, clientId), (facts) => facts.length === 2 && facts[1].offer === 'hostel');

    const closed = ok(await counsellor.post(`${path}/close`, { outcome: 'goals-reached' }));
    expect(closed.body).toMatchObject({ status: 'closed', outcome: 'goals-reached' });
    expect(await eventually(() => published(referralWithdrawn, clientId), (facts) => facts.length === 1)).toMatchObject([{ offer: 'hostel' }]);
    expect(ok(await counsellor.post('/v1/counselling/plans', { clientId })).body.id).not.toBe(id);
  });

  it('is one per person', async () => {
    const { clientId } = await person();
    const both = await Promise.all([counsellor.post('/v1/counselling/plans', { clientId }), counsellor.post('/v1/counselling/plans', { clientId })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const [made, refused] = both.sort((a, b) => a.status - b.status);
    expect(refused!.body).toMatchObject({ code: 'plan-exists', detail: expect.stringContaining(made!.body.id) });
    expect(await counsellor.post('/v1/counselling/plans', { clientId: newId() })).toMatchObject({ status: 404 });
  });

  it('takes the id that a device made, once', async () => {
    const [{ clientId }, another] = [await person(), await person()];
    const id = newId();
    const opened = ok(await counsellor.post('/v1/counselling/plans', { id, clientId }));
    expect(opened.headers.get('location')).toBe(`/v1/counselling/plans/${id}`);
    expect(await counsellor.post('/v1/counselling/plans', { id, clientId: another.clientId })).toMatchObject({ status: 409, body: { code: 'id-taken' } });
    expect(await counsellor.post('/v1/counselling/plans', { id: 'mine', clientId })).toMatchObject({ status: 422, body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: '/id' })]) } });
  });

  it('is not submitted before it is complete', async () => {
    const { clientId, need } = await person();
    const opened = ok(await counsellor.post('/v1/counselling/plans', { clientId }));
    const path = `/v1/counselling/plans/${opened.body.id}`;
    expect(await counsellor.post(`${path}/submit`, {})).toMatchObject({ status: 428 });
    const refused = await counsellor.post(`${path}/submit`, {}, seen(opened));
    expect(refused).toMatchObject({ status: 409, body: { code: 'plan-incomplete' } });
    expect(refused.body.errors.map(({ code }: any) => code)).toEqual(['goal-missing', 'responsible-missing', 'review-date-missing', 'need-unanswered']);
    expect(await counsellor.post(`${path}/not-now`, { need, reason: 'because' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }] } });
    expect(ok(await counsellor.post(`${path}/not-now`, { need, reason: 'not-ready' })).body.versions[0].notNow).toEqual([{ need, reason: 'not-ready' }]);
    expect(await counsellor.post(`${path}/goals`, { needs: [need], ownAim: 'x', secret: 1 })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/secret' }] } });
  });

  it('is decided on by the client alone, or by a counsellor who says for whom', async () => {
    const { path, agreed } = await agreedPlan();
    const taken = ok(await counsellor.post(`${path}/withdraw-submission`, {}));
    const submitted = ok(await counsellor.post(`${path}/submit`, {}, seen(taken)));
    expect(await counsellor.post(`${path}/client-decision`, { decision: 'agree' }, seen(submitted))).toMatchObject({ status: 422, body: { code: 'on-behalf-missing' } });
    const another = await harness.as('counselling', { agency, roles: ['client'], opora_client: newId() });
    expect(await another.post(`${path}/client-decision`, { decision: 'agree' }, seen(submitted))).toMatchObject({ status: 404 });
    expect(await counsellor.post(`${path}/client-decision`, { decision: 'agree', onBehalfOf: 'x' }, seen(agreed))).toMatchObject({ status: 412 });
    const no = ok(await counsellor.post(`${path}/client-decision`, { decision: 'disagree', disagreement: canary, onBehalfOf: 'x' }, seen(submitted)));
    expect(no.body.versions[0]).toMatchObject({ status: 'draft', clientDecisions: [{ decision: 'agree' }, { decision: 'disagree', disagreement: canary }] });
  });

  it('is activated as a whole or not at all: without consent nothing is written', async () => {
    const { clientId, path, agreed } = await agreedPlan([]);
    const refused = await counsellor.post(`${path}/activate`, {}, seen(agreed));
    expect(refused).toMatchObject({ status: 409, body: { code: 'consent-missing', errors: [{ pointer: '/choices/0', code: 'consent-missing' }] } });
    const { body, headers } = await counsellor.get(path);
    expect(body.versions[0].status).toBe('agreed');
    expect(headers.get('etag')).toBe(agreed.headers.get('etag'));
    await say.consent(clientId, ['house'], 2);
    await eventually(() => counsellor.post(`${path}/activate`, {}, seen(agreed)), ({ status }) => status === 200);
    await eventually(() => published(referralRequested, clientId), (facts) => facts.length === 1);
  });

  it('is activated once by two at the same moment', async () => {
    const { clientId, path, agreed } = await agreedPlan();
    const both = await Promise.all([1, 2].map(() => counsellor.post(`${path}/activate`, {}, seen(agreed))));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    await eventually(() => published(planEntryRecorded, `counselling/${both[0]!.body.id ?? both[1]!.body.id}`), (all) => all.at(-1)?.phase === 'active');
    expect(await published(referralRequested, clientId)).toHaveLength(1);
  });

  it('is entered in error, and takes its open requests with it', async () => {
    const { clientId, id, path } = await activePlan();
    ok(await counsellor.post(`${path}/enter-in-error`, { reason: 'wrong-person' }));
    await eventually(() => published(referralWithdrawn, clientId), (facts) => facts.length === 1);
    const entries = await eventually(() => published(planEntryRecorded, `counselling/${id}`), (all) => all.at(-1)?.phase === 'ended');
    expect(entries.at(-1)).toMatchObject({ reason: { code: 'entered-in-error' }, asks: [] });
    expect(await counsellor.post(`${path}/review`, {})).toMatchObject({ status: 404 });
    ok(await counsellor.post('/v1/counselling/plans', { clientId }));
  });

  it('shows another agency nothing', async () => {
    const { clientId, path } = await activePlan();
    const stranger = await harness.as('counselling', { agency: 'elsewhere', roles: ['counsellor', 'supervisor'] });
    expect(await stranger.get(path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await stranger.post(`${path}/review`, {})).toMatchObject({ status: 404 });
    expect((await stranger.get(`/v1/counselling/plans?clientId=${clientId}`)).body.items).toEqual([]);
    expect((await counsellor.get(`/v1/counselling/plans?clientId=${clientId}`)).body.items).toHaveLength(1);
  });
});

describe('a no', () => {
  const hostel = { module: 'beta', offer: 'hostel' };

  it('is followed by the alternative that the client agreed to, once, however often it is said', async () => {
    const { clientId, id, path, asked } = await activePlan(undefined, [hostel]);
    const event = newId();
    await say.rejected(asked, 'no-capacity', event);
    await say.rejected(asked, 'no-capacity', event);
    await say.rejected(asked, 'no-capacity');
    const requests = await eventually(() => published(referralRequested, clientId), (facts) => facts.length >= 2);
    expect(requests[1]).toMatchObject({ ...hostel, agency: 'inn', planVersion: 1 });
    const { body } = await counsellor.get(path);
    expect(body.versions[0].choices[0].referrals).toMatchObject([{ status: 'rejected', reason: 'no-capacity' }, { ...hostel, status: 'requested' }]);
    const later = await activePlan();
    await say.rejected(later.asked, 'other');
    await eventually(() => counsellor.get(later.path), (plan) => plan.body.proposals.length === 1);
    expect(await published(referralRequested, clientId)).toHaveLength(2);
    await eventually(() => published(planEntryRecorded, `counselling/${id}`), (all) => all.at(-1)?.asks.length === 2);
  });

  it('is left to the counsellor when consent does not cover the alternative', async () => {
    const { clientId, path, asked } = await activePlan(['house'], [hostel]);
    await say.rejected(asked, 'no-capacity');
    const { body } = await eventually(() => counsellor.get(path), (plan) => plan.body.proposals.length === 1);
    expect(body.proposals).toMatchObject([{ consequence: 'next-offer', reason: 'no-capacity', status: 'open', referralId: asked.referralId }]);
    expect(await published(referralRequested, clientId)).toHaveLength(1);
    const dismissed = ok(await counsellor.post(`${path}/proposals/${body.proposals[0].proposalId}/dismiss`, { reason: 'discussed' }));
    expect(dismissed.body.proposals).toMatchObject([{ status: 'dismissed', dismissal: 'discussed' }]);
    expect(await counsellor.post(`${path}/proposals/${newId()}/dismiss`, { reason: 'discussed' })).toMatchObject({ status: 404 });
  });
});

it('tells the person’s own aim to those who may read it, and to nobody else', async () => {
  const { clientId, active, client } = await activePlan();
  const entryId = active.body.versions[0].goals[0].goalId;
  const ask = (who: Caller) => who.post('/v1/counselling/plan-texts', { entries: [{ entryId, version: 2 }, { entryId: newId(), version: 1 }] });
  expect((await ask(counsellor)).body).toEqual({ texts: [{ entryId, version: 2, text: canary }] });
  expect((await ask(client)).body.texts).toHaveLength(1);
  const bureau = await harness.as('counselling', { agency: 'bureau', roles: ['gamma:practitioner'] });
  expect((await ask(bureau)).body).toEqual({ texts: [] });
  await harness.say(consentsChanged, {
    clientId, version: 2, recordedAt: harness.clock.now(), aliases: [],
    consents: [{ consentId: newId(), status: 'given', purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' }],
  }, { source: 'alpha', key: clientId });
  await eventually(() => ask(bureau), ({ body }) => body.texts.length === 1);
});

it('publishes and logs nothing in anybody’s own words', async () => {
  const [{ found }] = await harness.database.query<{ found: string }>(
    `select (select count(*) from event_log.record where position(convert_to($1, 'UTF8') in value) > 0) + (select count(*) from counselling.outbox where value like '%' || $1 || '%') as found`, [canary]) as [{ found: string }];
  expect(found).toBe('0');
  expect(harness.log.filter((line) => line.includes(canary))).toEqual([]);
  const [{ kept }] = await harness.database.query<{ kept: string }>(`select count(*) as kept from counselling.fact where own::text like '%' || $1 || '%'`, [canary]) as [{ kept: string }];
  expect(Number(kept)).toBeGreaterThan(0);
});
