import {
  consentsChanged, moduleAnnounced, planEntryRecorded, referralAccepted, referralRejected, referralRequested, type Contract, type Offer, type PlanEntry, type RejectionCode,
} from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness } from '@opora/testing';
import { Counselling } from '../src/counselling.module.js';

export const agency = 'centre';
export const canary = 'Звать в дом гостей без страха';

const offer = (code: string, of: string, more: Partial<Offer> = {}): Offer => ({
  code, agency: of, titles: { en: code, ru: code }, needs: ['housing'], availability: 'open', cost: { amount: 0, currency: 'RUB' }, waitingDays: 3,
  requiredDocuments: [{ en: 'Passport', ru: 'Паспорт' }], languages: ['ru'], accessibility: [], ...more,
});

export const ok = <T extends { status: number; body: unknown }>(reply: T): T => {
  expect(reply).toMatchObject({ status: expect.any(Number) });
  if (reply.status >= 300) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
  return reply;
};
export const seen = ({ headers }: { headers: Headers }) => ({ 'if-match': headers.get('etag')! });

/** Counselling among modules that offer, find needs, and answer: `alpha` has the needs, `beta` and `gamma` the offers. */
export const startAmongOthers = async () => {
  const harness = await startHarness([Counselling], { agency });
  const counsellor = await harness.as('counselling', { sub: 'counsellor-1', agency, roles: ['counsellor'] });
  const announce = (module: string, ...offers: Offer[]) => harness.say(moduleAnnounced, {
    module, revision: 1, version: '1.0.0', titles: { en: module, ru: module }, baseUrl: 'http://127.0.0.1:1', lifecycle: 'active', offers, says: [], hears: [], serves: ['openapi'],
  }, { source: module, key: module });
  await announce('beta', offer('shelter', 'house'), offer('hostel', 'inn', { waitingDays: 1, availability: 'waitlist' }));
  await announce('gamma', offer('flat', 'rooms', { availability: 'closed', waitingDays: 0 }), offer('meals', 'rooms', { needs: ['food'] }));

  const say = {
    need: async (clientId: string, { entryId = newId(), ...more }: Partial<PlanEntry> = {}) => {
      await harness.say(planEntryRecorded, {
        module: 'alpha', entryId, version: 1, aggregate: { id: entryId, version: 1 }, recordedAt: harness.clock.now(), clientId, agency, kind: 'need', phase: 'active',
        title: { system: 'urn:opora:need', code: 'housing', en: 'Housing', ru: 'Жильё' }, dataClass: 'D1', because: [], needs: [], actions: [], ...more,
      }, { source: 'alpha', key: `alpha/${entryId}` });
      return { module: 'alpha', id: entryId };
    },
    /** The need that was said as version 1 is over. */
    ended: (clientId: string, { id: entryId }: { id: string }, code: string, version = 2) =>
      say.need(clientId, { entryId, version, phase: 'ended', reason: { system: 'urn:alpha:end', code, en: code, ru: code } }),
    consent: (clientId: string, recipients: string[], version = 1, purposes: ('referral' | 'coordination')[] = ['referral']) => harness.say(consentsChanged, {
      clientId, version, recordedAt: harness.clock.now(), aliases: [],
      consents: purposes.map((purpose) => ({
        consentId: newId(), status: 'given' as const, purpose, recipients, dataClasses: ['D1' as const], legalBasis: 'consent' as const, from: '2026-01-01T00:00:00.000Z',
      })),
    }, { source: 'alpha', key: clientId }),
    rejected: (asked: Record<string, any>, reason: RejectionCode, id = newId(), source: string = asked['module']) => {
      const { referralId, clientId, module, offer: code, agency: of, askedBy } = asked;
      return harness.say(referralRejected, { referralId, clientId, module, offer: code, agency: of, askedBy, reason }, { source, key: clientId, id });
    },
    accepted: (asked: Record<string, any>) => {
      const { referralId, clientId, module, offer: code, agency: of, askedBy } = asked;
      return harness.say(referralAccepted, { referralId, clientId, module, offer: code, agency: of, askedBy }, { source: module, key: clientId });
    },
  };

  const published = async (contract: Contract, key: string): Promise<any[]> =>
    (await harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1 and key = $2 order by seq`, [contract.type, key]))
      .map(({ value }) => JSON.parse(value.toString()));

  const options = (clientId: string, who = counsellor) => who.get(`/v1/counselling/clients/${clientId}/recommendations`);

  const person = async (recipients: string[] = ['house', 'inn'], more: Partial<PlanEntry> = {}) => {
    const clientId = newId();
    await say.consent(clientId, recipients);
    const need = await say.need(clientId, more);
    // The consent comes on another topic: both have to be there.
    await eventually(() => options(clientId), ({ status, body }) =>
      status === 200 && body.needs.length === 1 && (recipients.length === 0 || body.needs[0].options.some((o: any) => o.reason.consent === 'given')));
    return { clientId, need, path: `/v1/counselling/clients/${clientId}/recommendations` };
  };

  /** A plan with one goal and these choices, agreed to by the client. */
  const agreedPlan = async (recipients?: string[], alternatives: { module: string; offer: string }[] = []) => {
    const { clientId, need } = await person(recipients);
    const { body: { id } } = ok(await counsellor.post('/v1/counselling/plans', { clientId }));
    const path = `/v1/counselling/plans/${id}`;
    ok(await counsellor.post(`${path}/goals`, { needs: [need], title: 'secure-home', ownAim: canary, levels: [{ level: -2, text: 'street' }, { level: 0, text: 'shelter' }], actions: [{ title: 'gather-documents', due: '2026-03-20' }] }));
    ok(await counsellor.post(`${path}/choices`, { needs: [need], module: 'beta', offer: 'shelter', urgency: 'urgent', alternatives }));
    ok(await counsellor.post(`${path}/responsible`, { responsible: 'counsellor-1' }));
    const ready = ok(await counsellor.post(`${path}/review-date`, { reviewOn: '2099-01-01' }));
    const submitted = ok(await counsellor.post(`${path}/submit`, {}, seen(ready)));
    const client = await harness.as('counselling', { sub: 'client-1', agency, roles: ['client'], opora_client: clientId });
    const agreed = ok(await client.post(`${path}/client-decision`, { decision: 'agree' }, seen(submitted)));
    return { clientId, need, id, path, agreed, client };
  };
  const activePlan = async (...more: Parameters<typeof agreedPlan>) => {
    const plan = await agreedPlan(...more);
    const active = ok(await counsellor.post(`${plan.path}/activate`, {}, seen(plan.agreed)));
    const [asked] = await eventually(() => published(referralRequested, plan.clientId), (facts) => facts.length === 1);
    return { ...plan, active, asked };
  };

  return { harness, counsellor, say, published, options, person, agreedPlan, activePlan };
};

export type AmongOthers = Awaited<ReturnType<typeof startAmongOthers>>;
