import { topics } from '@opora/contracts';
import { eventually } from '@opora/testing';
import type pg from 'pg';
import { playToReferral } from '../src/demo/journey.js';
import type { Region } from '../src/region/region.js';
import { inspect } from './observing.js';
import { staff } from './staff.js';

/** Within so long nothing is shared any more, anywhere. */
const SOON_MS = 5_000;

/** What a person takes back stops in every service, over Kafka; what is over by itself stops without a word. */
export const withdrawalHolds = (place: () => Region): void => {
  let database: pg.Pool;
  beforeAll(async () => { database = await inspect(place()); });
  afterAll(() => database?.end());

  it('stops sharing everywhere within seconds of a withdrawal: plan, texts, names, and the referral that waits', async () => {
    const region = place();
    const clientId = await playToReferral({ gateway: region.gateway, mint: region.mint, say: () => undefined });
    const [lawyer, counsellor, herself] = await Promise.all([region.as(staff.lawyer), region.as(staff.counsellor), region.as({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: clientId })]);
    const { body: { items: [referral] } } = await eventually(() => lawyer.get(`/v1/legal-aid/referrals?clientId=${clientId}`), ({ body }) => body.items?.length === 1, 30_000);
    const { body: { goals: [goal] } } = await eventually(() => counsellor.get(`/v1/clients/${clientId}/plan`), ({ body }) => body.sections?.length === 1 && body.goals.length === 1, 30_000);

    /** What another agency than the one that recorded it is shown. */
    const shown: Record<string, () => Promise<number>> = {
      'the other agency’s section of the plan': async () => (await counsellor.get(`/v1/clients/${clientId}/plan`)).body.sections.length,
      'goals in the plan': async () => (await lawyer.get(`/v1/clients/${clientId}/plan`)).body.goals?.length ?? 0,
      'texts of the plan': async () => (await lawyer.post('/v1/counselling/plan-texts', { entries: [{ entryId: goal.entryId, version: goal.version }] })).body.texts.length,
      'the person’s name': async () => (await lawyer.post('/v1/intake/clients:display', { ids: [clientId] })).body.items.length,
      // Asking the referral itself would answer it.
      'consent, as legal aid has heard it': async () => (await database.query<{ body: { consents: { status: string }[] } }>(
        'select body from legal_aid.head where topic = $1 and key = $2', [topics.consents.name, clientId])).rows[0]!.body.consents.filter(({ status }) => status === 'given').length,
    };
    for (const [what, count] of Object.entries(shown)) await eventually(async () => ({ what, count: await count() }), (answer) => answer.count > 0);

    const { body: { items } } = await herself.get(`/v1/intake/clients/${clientId}/consents`);
    for (const { consentId } of items) expect((await herself.post(`/v1/intake/clients/${clientId}/consents/${consentId}/withdraw`, {})).status).toBe(200);
    const withdrawn = performance.now();
    const took = Object.fromEntries(await Promise.all(Object.entries(shown).map(async ([what, count]): Promise<[string, number]> => {
      await eventually(async () => ({ what, count: await count() }), (answer) => answer.count === 0, SOON_MS);
      return [what, Math.round(performance.now() - withdrawn)];
    })));
    expect(await lawyer.post(`/v1/legal-aid/referrals/${referral.id}/accept`, {})).toMatchObject({ status: 409, body: { code: 'consent-missing' } });
    console.log(`Sharing stopped after a withdrawal, in ms: ${JSON.stringify({ ...took, 'the referral refused': Math.round(performance.now() - withdrawn) })}`);
    expect(Math.max(...Object.values(took))).toBeLessThan(SOON_MS);
  }, 90_000);

  it('stops sharing at the end of a consent, though nobody says a word', async () => {
    const region = place();
    const [worker, lawyer] = await Promise.all([region.as(staff.intake), region.as(staff.lawyer)]);
    const { body: { id: clientId } } = await worker.post('/v1/intake/clients', { anonymous: true });
    expect((await worker.post('/v1/intake/needs', { clientId, needCode: 'food', severity: 'high', reason: 'Nothing to eat' })).status).toBe(201);
    const until = new Date(Date.now() + 4_000).toISOString();
    expect((await worker.post(`/v1/intake/clients/${clientId}/consents`, { purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D0', 'D1', 'D2'], legalBasis: 'consent', until })).status).toBe(201);
    const said = async () => Number((await database.query('select count(*) from intake.snapshot where topic = $1 and key = $2', [topics.consents.name, clientId])).rows[0].count);
    const plan = () => lawyer.get(`/v1/clients/${clientId}/plan`);
    await eventually(plan, ({ status }) => status === 200);
    const before = await said();
    await eventually(plan, ({ status }) => status === 404, 4_000 + SOON_MS);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
    expect(await said()).toBe(before);
  }, 60_000);
};
