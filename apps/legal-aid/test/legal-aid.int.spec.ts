import { consentsChanged, planEntryRecorded, referralAccepted, referralEnteredInError, referralExpired, referralRequested, referralWithdrawn } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { Temporal } from 'temporal-polyfill';
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
    planId: newId(), planVersion: 1, needs: [], urgency: 'routine',
    respondBy: Temporal.Instant.from(harness.clock.now()).add({ hours: 24 * 7 }).toString({ smallestUnit: 'millisecond' }),
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

it('takes a client on once under one offer, also when two requests are accepted at once', async () => {
  const first = await ask();
  const second = await ask({ clientId: first.clientId });
  await consent(first.clientId);
  await Promise.all([arrived(first.referralId), arrived(second.referralId)]);
  const accept = (referralId: string) => eventually(() => lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {}), ({ body }) => body.code !== 'consent-missing');
  const answers = await Promise.all([accept(first.referralId), accept(second.referralId)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)!.body.code).toBe('already-enrolled');
});

it('refuses to accept once the time of the consent is over, though nobody said a word', async () => {
  const { referralId, clientId } = await ask();
  await arrived(referralId);
  const until = Temporal.Instant.from(harness.clock.now()).add({ hours: 1 }).toString({ smallestUnit: 'millisecond' });
  await harness.say(consentsChanged, {
    clientId, version: 1, recordedAt: harness.clock.now(), aliases: [],
    consents: [{ consentId: newId(), status: 'given', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z', until }],
  }, { source: 'intake', key: clientId });
  await eventually(() => harness.database.query('select 1 from legal_aid.head where key = $1', [clientId]), ({ length }) => length === 1);
  harness.clock.advance({ hours: 1 });
  expect(await lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'consent-missing' } });
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

it('lets one of several who accept at the same time; the others learn that it is done, and one matter is open', async () => {
  const { referralId, clientId } = await ask();
  await consent(clientId);
  await arrived(referralId);
  await eventually(() => harness.database.query('select from legal_aid.head where key = $1', [clientId]), ({ length }) => length === 1);
  const answers = await Promise.all(Array.from({ length: 6 }, () => lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {})));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  expect(new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code as string))).toEqual(new Set(['wrong-status']));
  expect(await harness.database.query('select from legal_aid.matter where referral_id = $1', [referralId])).toHaveLength(1);
  expect(await eventually(() => published(referralAccepted.type, clientId), ({ length }) => length > 0)).toHaveLength(1);
});

it('takes back a request that the asker withdrew, and bears the withdrawal of one it never heard of', async () => {
  const { referralId, clientId } = await ask();
  const parties = { referralId, clientId, module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre' };
  await harness.say(referralWithdrawn, { ...parties, referralId: newId() }, { source: 'counselling', key: clientId });
  await harness.say(referralWithdrawn, parties, { source: 'counselling', key: clientId });
  await eventually(() => lawyer.get(`/v1/legal-aid/referrals/${referralId}`), ({ body }) => body.status === 'withdrawn');
  expect(await harness.database.query('select code from legal_aid.dead_letter')).toEqual([]);
  expect(await lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
});

describe('A matter', () => {
  const canary = 'Zyx9Adversary';
  const summary = 'Qwv7Summary';

  const opened = async () => {
    const { referralId, clientId } = await ask();
    await consent(clientId);
    await arrived(referralId);
    const { body } = await eventually(() => lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {}), ({ status }) => status === 200);
    return { referralId, clientId, matterId: body.matterId as string, path: `/v1/legal-aid/matters/${body.matterId}` };
  };
  const active = async () => {
    const matter = await opened();
    await lawyer.post(`${matter.path}/conflict-check`, { outcome: 'clear', adverseParties: [canary] });
    await lawyer.post(`${matter.path}/eligibility`, { outcome: 'eligible', ground: 'low-income' });
    const { headers } = await lawyer.get(matter.path);
    expect(await lawyer.post(`${matter.path}/activate`, { nextDeadline: '2026-04-01' }, { 'if-match': headers.get('etag')! })).toMatchObject({ status: 200, body: { status: 'active', nextDeadline: '2026-04-01' } });
    return matter;
  };
  const entries = (entryId: string) => eventually(async () => (await published(planEntryRecorded.type, `legal-aid/${entryId}`)).map(({ value }) => JSON.parse(value.toString()) as { version: number; phase: string; actions: object[]; reason?: { code: string } }), ({ length }) => length > 0);
  const texts = async (caller: Caller, ...wanted: { entryId: string; version: number }[]) => (await caller.post('/v1/legal-aid/plan-texts', { entries: wanted })).body.texts as { text: string }[];

  it('lives from the conflict check to the closed file, and the plan follows', async () => {
    const { matterId, path } = await opened();
    const command = (name: string, body: object = {}) => lawyer.post(`${path}/${name}`, body);
    expect(await command('eligibility', { outcome: 'eligible', ground: 'low-income' })).toMatchObject({ status: 409, body: { code: 'conflict-not-checked' } });
    expect(await command('conflict-check', { outcome: 'clear', adverseParties: [canary] })).toMatchObject({ status: 200, body: { status: 'eligibility', adverseParties: [canary] } });
    expect(await command('eligibility', { outcome: 'eligible', ground: 'low-income' })).toMatchObject({ status: 200, body: { status: 'accepted' } });
    expect(await command('activate', { nextDeadline: '2026-04-01' })).toMatchObject({ status: 428 });
    for (const next of [{}, { nextDeadline: '2026-04-01', noDeadlineReason: 'none' }, { nextDeadline: '2026-04-31' }]) {
      expect(await lawyer.post(`${path}/activate`, next, { 'if-match': '"3"' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/nextDeadline' }] } });
    }
    expect(await lawyer.post(`${path}/activate`, { nextDeadline: '2026-04-01' }, { 'if-match': '"2"' })).toMatchObject({ status: 412 });
    const activated = await lawyer.post(`${path}/activate`, { nextDeadline: '2026-04-01' }, { 'if-match': '"3"' });
    expect(activated.headers.get('opora-plan-entry')).toBe(`legal-aid/${matterId}@2`);
    expect(await command('await-third-party')).toMatchObject({ body: { status: 'awaiting-third-party' } });
    expect(await command('deadline', { nextDeadline: '2026-05-01', responsible: 'lawyer-2' })).toMatchObject({ body: { status: 'awaiting-third-party', nextDeadline: '2026-05-01' } });
    expect(await command('resume')).toMatchObject({ body: { status: 'active' } });
    expect(await command('close')).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    expect(await command('resolve', { outcome: 'settled' })).toMatchObject({ body: { status: 'resolved', outcome: 'settled' } });
    expect(await command('close')).toMatchObject({ body: { status: 'closed', outcome: 'settled' } });
    const shown = await eventually(() => entries(matterId), (all) => all.at(-1)!.reason?.code === 'closed');
    expect(shown.map(({ version, phase }) => [version, phase])).toEqual([[1, 'waiting'], [2, 'active'], [3, 'active'], [4, 'ended'], [5, 'ended']]);
    expect(shown[2]!.actions).toMatchObject([{ due: '2026-05-01', status: 'planned', responsible: 'lawyer-2' }]);
  });

  it('entered in error takes the referral’s answer back; both stay in the plan as mistakes', async () => {
    const { matterId, referralId, clientId, path } = await active();
    expect(await lawyer.post(`/v1/legal-aid/referrals/${referralId}/enter-in-error`, { reason: 'wrong-person' })).toMatchObject({ status: 403 });
    const supervisor = await harness.as('legal-aid', { sub: 'boss', agency: 'bureau', roles: ['supervisor'] });
    expect(await supervisor.post(`/v1/legal-aid/referrals/${referralId}/enter-in-error`, { reason: 'wrong-person' })).toMatchObject({ status: 409, body: { code: 'matter-exists' } });
    expect(await lawyer.post(`${path}/enter-in-error`, { reason: 'wrong-person' })).toMatchObject({ status: 200, body: { status: 'entered-in-error' } });
    expect(await lawyer.get(`/v1/legal-aid/referrals/${referralId}`)).toMatchObject({ body: { status: 'entered-in-error' } });
    await eventually(() => published(referralEnteredInError.type, clientId), ({ length }) => length === 1);
    for (const id of [matterId, referralId]) expect((await eventually(() => entries(id), (all) => all.at(-1)!.reason?.code === 'entered-in-error')).at(-1)).toMatchObject({ phase: 'ended' });
    expect(await lawyer.post(`${path}/summary`, { text: 'x' })).toMatchObject({ status: 404 });
    expect(await lawyer.post(`${path}/enter-in-error`, { reason: 'wrong-person' })).toMatchObject({ status: 404 });
    expect(await published(referralEnteredInError.type, clientId)).toHaveLength(1);
  });

  it('has a text for each version of its entry: the one that stood while that version was shown', async () => {
    const { matterId, clientId, path } = await active();
    const client = await harness.as('legal-aid', { sub: clientId, agency: 'bureau', roles: ['client'], opora_client: clientId });
    const write = async (text: string, more: object = {}) => { harness.clock.advance({ minutes: 1 }); expect(await lawyer.post(`${path}/summary`, { text, ...more })).toMatchObject({ status: 200, body: { summary: text } }); };
    const move = async (day: string) => { harness.clock.advance({ minutes: 1 }); await lawyer.post(`${path}/deadline`, { nextDeadline: day }); };
    await write('first');
    await write('second');
    await move('2026-05-01');
    await write('third', { occurredAt: '2026-03-01T00:00:00Z' });
    await move('2026-06-01');
    const of = async (version: number) => (await texts(client, { entryId: matterId, version })).map(({ text }) => text);
    expect(await of(1)).toEqual([]);
    expect(await of(2)).toEqual(['second']);
    expect(await of(3)).toEqual(['third']);
    expect(await of(4)).toEqual(['third']);
    expect(await of(5)).toEqual([]);
    await lawyer.post(`${path}/enter-in-error`, { reason: 'wrong-person' });
    expect(await of(4)).toEqual([]);
  });

  it('gives its text to the client and to the bureau’s legal aid, to nobody else', async () => {
    const { matterId, clientId, path } = await active();
    await lawyer.post(`${path}/summary`, { text: summary });
    const wanted = { entryId: matterId, version: 2 };
    const see = async (who: Parameters<Harness['as']>[1]) => (await texts(await harness.as('legal-aid', who), wanted, { entryId: newId(), version: 1 })).length;
    expect(await see({ agency: 'bureau', roles: ['client'], opora_client: clientId })).toBe(1);
    expect(await see({ agency: 'bureau', roles: ['legal-aid:practitioner'] })).toBe(1);
    expect(await see({ agency: 'bureau', roles: ['client'], opora_client: newId() })).toBe(0);
    expect(await see({ agency: 'bureau', roles: ['supervisor', 'counsellor'] })).toBe(0);
    expect(await see({ agency: 'centre', roles: ['counsellor'] })).toBe(0);
    expect(await see({ agency: 'centre', roles: ['legal-aid:practitioner'] })).toBe(0);
    const outsider = await harness.as('legal-aid', { agency: 'centre', roles: ['legal-aid:practitioner'] });
    expect(await outsider.get(path)).toMatchObject({ status: 404 });
    expect(await outsider.post(`${path}/close`, {})).toMatchObject({ status: 404 });
    expect((await outsider.get('/v1/legal-aid/matters')).body.items).toEqual([]);
  });

  it('never lets the adverse parties or the summary out of the schema', async () => {
    const { path } = await active();
    await lawyer.post(`${path}/summary`, { text: summary });
    await lawyer.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: [canary], [canary]: 1 });
    await lawyer.post(`${path}/summary`, { text: `${summary}${'x'.repeat(4000)}` });
    await eventually(() => harness.database.query('select from legal_aid.outbox where published_at is null'), ({ length }) => length === 0);
    const holding = async (table: string) => Number((await harness.database.query<{ count: string }>(`select count(*) from ${table} as t where t::text like $1 or t::text like $2 or t::text like $3 or t::text like $4`,
      [canary, summary].flatMap((word) => [`%${word}%`, `%${Buffer.from(word).toString('hex')}%`])))[0]!.count);
    for (const table of ['event_log.record', 'legal_aid.outbox', 'legal_aid.inbox', 'legal_aid.snapshot', 'legal_aid.head', 'legal_aid.dead_letter', 'legal_aid.idempotency']) expect([table, await holding(table)]).toEqual([table, 0]);
    expect(await holding('legal_aid.matter')).toBeGreaterThan(0);
    expect(await holding('legal_aid.fact')).toBeGreaterThan(0);
    expect(harness.log.join('\n')).not.toMatch(new RegExp(`${canary}|${summary}`));
    expect(await (await fetch(`${harness.url('legal-aid')}/metrics`)).text()).not.toMatch(new RegExp(`${canary}|${summary}`));
  });
});
