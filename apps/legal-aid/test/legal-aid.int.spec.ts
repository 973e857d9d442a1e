import { consentsChanged, planEntryRecorded, referralAccepted, referralExpired, referralRequested } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { LegalAid } from '../src/legal-aid.module.js';

let harness: Harness;
let lawyer: Caller;

beforeAll(async () => {
  harness = await startHarness([LegalAid], { agency: 'bureau' });
  lawyer = await harness.as('legal-aid', { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] });
});

afterAll(() => harness?.close());

const consent = (clientId: string, status: 'given' | 'withdrawn' = 'given', version = 1) => harness.say(consentsChanged, {
  clientId, version, recordedAt: harness.clock.now(), aliases: [],
  consents: [{ consentId: newId(), status, purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' }],
}, { source: 'intake', key: clientId });

const ask = async (more: { referralId?: string; eventId?: string; clientId?: string } = {}) => {
  const { referralId = newId(), clientId = newId(), eventId = newId() } = more;
  await harness.say(referralRequested, {
    referralId, clientId, module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre',
    planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z',
  }, { source: 'counselling', key: clientId, id: eventId });
  return { referralId, clientId };
};

const arrived = (referralId: string) => eventually(() => lawyer.get(`/v1/legal-aid/referrals/${referralId}`), ({ status }) => status === 200);

const published = (type: string, key: string) =>
  harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1 and key = $2 order by seq`, [type, key]);

it('accepts a referral: the answer is on the topic, the matter is open, the plan entry says waiting', async () => {
  const { referralId, clientId } = await ask();
  await consent(clientId);
  await arrived(referralId);
  const accepted = await eventually(() => lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {}), ({ status }) => status !== 409);
  expect(accepted).toMatchObject({ status: 200, body: { status: 'accepted' } });
  expect(accepted.headers.get('opora-plan-entry')).toBe(`legal-aid/${accepted.body.matterId}@1`);
  await eventually(() => published(referralAccepted.type, clientId), (rows) => rows.length === 1);
  const entries = await eventually(() => published(planEntryRecorded.type, `legal-aid/${accepted.body.matterId}`), (rows) => rows.length === 1);
  expect(JSON.parse(entries[0]!.value.toString())).toMatchObject({ kind: 'service', phase: 'waiting', version: 1, clientId, module: 'legal-aid' });
});

it('refuses to accept without consent, and when consent was withdrawn meanwhile', async () => {
  const { referralId, clientId } = await ask();
  await arrived(referralId);
  expect(await lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'consent-missing' } });
  await consent(clientId, 'withdrawn');
  expect(await lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'consent-missing' } });
});

it('takes the same request once, however often it is delivered', async () => {
  const eventId = newId();
  const { referralId, clientId } = await ask({ eventId });
  await ask({ eventId, referralId, clientId });
  const later = await ask();
  await arrived(later.referralId);
  expect(await harness.database.query('select version from legal_aid.referral where id = $1', [referralId])).toEqual([{ version: 1 }]);
});

it('lets a request expire at respondBy, as a fact of its own', async () => {
  const { referralId, clientId } = await ask();
  await arrived(referralId);
  harness.clock.advance({ hours: 24 * 8 });
  const expired = await eventually(() => lawyer.get(`/v1/legal-aid/referrals/${referralId}`), ({ body }) => body.status === 'expired');
  expect(expired.status).toBe(200);
  await eventually(() => published(referralExpired.type, clientId), (rows) => rows.length === 1);
});

it('shows another agency nothing, and says the same as for what does not exist', async () => {
  const { referralId } = await ask();
  await arrived(referralId);
  const stranger = await harness.as('legal-aid', { agency: 'elsewhere', roles: ['legal-aid:practitioner'] });
  const hidden = await stranger.get(`/v1/legal-aid/referrals/${referralId}`);
  const missing = await stranger.get(`/v1/legal-aid/referrals/${newId()}`);
  expect(hidden).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(hidden.body).toEqual(missing.body);
});

it('repeats a command with the same Idempotency-Key once', async () => {
  const { referralId, clientId } = await ask();
  await consent(clientId);
  await arrived(referralId);
  const key = { 'idempotency-key': newId() };
  const body = { reason: 'no-capacity' };
  const first = await lawyer.post(`/v1/legal-aid/referrals/${referralId}/reject`, body, key);
  const again = await lawyer.post(`/v1/legal-aid/referrals/${referralId}/reject`, body, key);
  expect(first.status).toBe(200);
  expect(again).toMatchObject({ status: 200, body: { id: referralId, status: 'rejected' } });
  expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
  expect(await lawyer.post(`/v1/legal-aid/referrals/${referralId}/reject`, { reason: 'other' }, key)).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
});
