import { clientsMatchIssuer, consentsChanged, hashOf, planEntryRecorded, referralRequested } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Temporal } from 'temporal-polyfill';
import { LegalAid } from '../src/legal-aid.module.js';
import { years } from './law-documents.js';

const canary = 'Zyx9Adversary';

let harness: Harness;
let lawyer: Caller;
let colleague: Caller;
let admin: Caller;

/** Whoever knows the clients, as the contract has it. */
const register = { server: undefined as Server | undefined, url: '', asked: [] as { body: any; authorization: string }[], answer: async (_body: any): Promise<object | undefined> => undefined };
let signing: Awaited<ReturnType<typeof generateKeyPair>>;
let forged: Awaited<ReturnType<typeof generateKeyPair>>;

const signed = (body: object, result: string, more: { key?: CryptoKey; asked?: string; issuer?: string; seconds?: number } = {}) => {
  const now = Math.floor(Date.parse(harness.clock.now()) / 1000);
  return new SignJWT({ purpose: 'conflict-check', result, asked: more.asked ?? hashOf(body) }).setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(more.issuer ?? clientsMatchIssuer).setIssuedAt(now).setExpirationTime(now + (more.seconds ?? 900)).sign(more.key ?? signing.privateKey);
};

beforeAll(async () => {
  signing = await generateKeyPair('ES256');
  forged = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(signing.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }];
  register.server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/match-keys') return response.end(JSON.stringify({ keys }));
      let text = '';
      for await (const part of request) text += String(part);
      const body = JSON.parse(text);
      register.asked.push({ body, authorization: request.headers.authorization! });
      const answer = await register.answer(body);
      return answer ? response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)) : response.writeHead(503).end();
    })();
  });
  await new Promise<void>((resolve) => register.server!.listen(0, '127.0.0.1', resolve));
  register.url = `http://127.0.0.1:${(register.server.address() as AddressInfo).port}`;
  harness = await startHarness([LegalAid], { agency: 'bureau', environment: { LEGAL_AID_CLIENTS_MATCH_AT: register.url } });
  lawyer = await harness.as('legal-aid', { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] });
  colleague = await harness.as('legal-aid', { sub: 'lawyer-2', agency: 'bureau', roles: ['legal-aid:practitioner'] });
  admin = await harness.as('legal-aid', { sub: 'boss', agency: 'bureau', roles: ['admin'] });
  // A second instance works on the same schema all the while.
  await harness.boot(LegalAid);
});

afterAll(async () => {
  await harness?.close();
  register.server?.close();
});

const said = async (type: string, clientId: string) =>
  (await harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1 and key = $2 order by seq`, [type, clientId])).map(({ value }) => JSON.parse(value.toString()));

const say = (clientId: string, version: number, aliases: string[] = []) => harness.say(consentsChanged, {
  clientId, version, recordedAt: harness.clock.now(), aliases,
  consents: [{ consentId: newId(), status: 'given', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' }],
}, { source: 'intake', key: clientId });

const opened = async () => {
  const [clientId, referralId] = [newId(), newId()];
  await harness.say(referralRequested, {
    referralId, clientId, module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [], urgency: 'routine',
    respondBy: Temporal.Instant.from(harness.clock.now()).add({ hours: 24 * 7 }).toString({ smallestUnit: 'millisecond' }),
  }, { source: 'counselling', key: clientId });
  await say(clientId, 1);
  const { body } = await eventually(() => lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {}), ({ status }) => status === 200);
  return { clientId, matterId: body.matterId as string, path: `/v1/legal-aid/matters/${body.matterId}` };
};

const active = async () => {
  const matter = await opened();
  await lawyer.post(`${matter.path}/conflict-check`, { outcome: 'clear', adverseParties: [] });
  const { headers } = await lawyer.post(`${matter.path}/eligibility`, { outcome: 'eligible', ground: 'low-income' });
  expect(await lawyer.post(`${matter.path}/activate`, { noDeadlineReason: 'no-court-procedure' }, { 'if-match': headers.get('etag')! })).toMatchObject({ status: 200 });
  return matter;
};
const days = (from: string, n: number) => Temporal.PlainDate.from(from).add({ days: n }).toString();
const today = () => harness.clock.now().slice(0, 10);

const record = async (path: string, body: object = {}) => {
  const answer = await lawyer.post(`${path}/deadlines`, { rule: 'ru-gpk/321-2', eventDay: today(), zone: 'Europe/Moscow', region: 'RU-MOW', ...body });
  expect(answer.status).toBe(201);
  return { ...answer, at: answer.headers.get('location')! };
};

describe('A stored deadline', () => {
  it('keeps its derivation, is confirmed by a person, and the plan and the list show it', async () => {
    const { path, matterId, clientId } = await active();
    const recorded = await record(path, { eventDay: '2026-03-02' });
    expect(recorded.body).toMatchObject({ status: 'computed', day: '2026-04-02', responsible: 'lawyer-1', derivation: { article: 'ГПК РФ, ст. 321 ч. 2', steps: expect.any(Array) } });
    expect((await lawyer.get(path)).body).not.toHaveProperty('nextDeadline');
    const confirmed = await lawyer.post(`${recorded.at}/confirm`, { responsible: 'lawyer-2' });
    expect(confirmed).toMatchObject({ status: 200, body: { status: 'confirmed', responsible: 'lawyer-2' } });
    expect((await lawyer.get(recorded.at)).body).toEqual(confirmed.body);
    expect((await lawyer.get(path)).body.nextDeadline).toBe('2026-04-02');
    expect((await lawyer.get(`${path}/deadlines`)).body.items).toHaveLength(1);
    const entries = await eventually(() => said(planEntryRecorded.type, `legal-aid/${matterId}`), (all) => all.at(-1)?.actions?.length === 1);
    expect(entries.at(-1).actions).toMatchObject([{ due: '2026-04-02', status: 'planned', responsible: 'lawyer-2' }]);
    const facts = await eventually(() => said('legal-aid.deadline-computed', clientId), ({ length }) => length === 1);
    expect(JSON.stringify(facts)).not.toMatch(/321|ГПК/);
  });

  it('approaches and is missed, each said once by two instances side by side', async () => {
    const { path, clientId, matterId } = await active();
    const { body, at } = await record(path);
    await lawyer.post(`${at}/confirm`, {});
    // 7, 3 and 1 days before: a rule of a month says nothing at 30.
    for (const [left, count] of [[7, 1], [3, 2], [1, 3]] as const) {
      harness.clock.advance({ hours: (Temporal.PlainDate.from(today()).until(days(body.day, -left)).days) * 24 });
      const facts = await eventually(() => said('legal-aid.deadline-approached', clientId), ({ length }) => length >= count);
      expect(facts.at(-1)).toMatchObject({ day: body.day, daysLeft: left });
    }
    harness.clock.advance({ hours: 48 });
    await eventually(() => said('legal-aid.deadline-missed', clientId), ({ length }) => length > 0);
    await eventually(() => said(planEntryRecorded.type, `legal-aid/${matterId}`), (all) => all.at(-1)?.actions?.[0]?.status === 'missed');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await said('legal-aid.deadline-approached', clientId)).toHaveLength(3);
    expect(await said('legal-aid.deadline-missed', clientId)).toHaveLength(1);
    expect(await harness.database.query('select look_at from legal_aid.matter where id = $1', [matterId])).toEqual([{ look_at: null }]);
    expect(await lawyer.post(`${at}/extend`, { day: days(today(), 20) })).toMatchObject({ status: 200, body: { status: 'extended', ground: 'restored' } });
    expect(await lawyer.post(`${at}/meet`, { on: today() })).toMatchObject({ status: 200, body: { status: 'met' } });
    expect((await lawyer.get(path)).body).not.toHaveProperty('nextDeadline');
  });

  it('moves with a new calendar, and the person responsible acknowledges it', async () => {
    const { path, clientId } = await active();
    const { at } = await record(path, { eventDay: '2028-05-15' });
    await lawyer.post(`${at}/confirm`, {});
    expect((await lawyer.get(at)).body).toMatchObject({ day: '2028-06-15', provisional: true });
    const document = { ...years[0]!, year: 2028, version: 1, days: [{ day: '2028-06-15', as: 'holiday', title: { en: 'A day', ru: 'День' }, article: 'Указ' }] };
    expect(await admin.post('/v1/legal-aid/law-documents', { document, sha256: hashOf(document) })).toMatchObject({ status: 201 });
    const moved = await eventually(() => lawyer.get(at), ({ body }) => body.movedFrom !== undefined);
    expect(moved.body).toMatchObject({ day: '2028-06-16', movedFrom: '2028-06-15', provisional: false, status: 'confirmed' });
    expect(await colleague.post(`${at}/acknowledge`, {})).toMatchObject({ status: 403, body: { code: 'not-responsible' } });
    expect((await lawyer.post(`${at}/acknowledge`, {})).body).not.toHaveProperty('movedFrom');
    await eventually(() => said('legal-aid.deadline-move-acknowledged', clientId), ({ length }) => length === 1);
    expect(await said('legal-aid.deadline-moved', clientId)).toMatchObject([{ from: '2028-06-15', day: '2028-06-16', provisional: false }]);
    const behind = 'select from legal_aid.matter where law_serial < (select max(serial) from legal_aid.law_document)';
    await eventually(() => harness.database.query(behind), ({ length }) => length === 0);
  });

  it('is found by new law among more than a hundred matters; each that moved waits for its own person', async () => {
    const eventDays = ['2030-05-14', '2030-05-15', '2030-05-20'] as const; // Ends on 14 June, which will be off; on Saturday 15 June; on 20 June.
    const recorded: { at: string; eventDay: string; responsible: string }[] = [];
    for (let begun = 0; begun < 120; begun += 12) {
      await Promise.all(Array.from({ length: 12 }, async (_, i) => {
        const n = begun + i;
        const { path } = await active();
        const responsible = n % 3 === 0 ? 'lawyer-2' : 'lawyer-1';
        // Every tenth matter has three terms.
        for (const eventDay of n % 10 === 0 ? eventDays : [eventDays[n % 2]!]) recorded.push({ at: (await record(path, { eventDay, responsible })).at, eventDay, responsible });
      }));
    }
    const matters = new Set(recorded.map(({ at }) => at.split('/')[4]));
    expect(matters.size).toBe(120);
    const document = { ...years[0]!, year: 2030, version: 1, days: [{ day: '2030-06-14', as: 'holiday', title: { en: 'A day', ru: 'День' }, article: 'Указ' }] };
    expect(await admin.post('/v1/legal-aid/law-documents', { document, sha256: hashOf(document) })).toMatchObject({ status: 201 });
    const behind = 'select from legal_aid.matter where law_serial < (select max(serial) from legal_aid.law_document)';
    await eventually(() => harness.database.query(behind), ({ length }) => length === 0);
    for (const { at, eventDay, responsible } of recorded) {
      const { body } = await lawyer.get(at);
      const moved = eventDay === eventDays[0];
      expect(body).toMatchObject({ day: eventDay === eventDays[2] ? '2030-06-20' : '2030-06-17', provisional: false, responsible, status: 'computed' });
      expect(body.movedFrom).toBe(moved ? '2030-06-14' : undefined);
      const [own, other] = responsible === 'lawyer-1' ? [lawyer, colleague] : [colleague, lawyer];
      expect((await other.post(`${at}/acknowledge`, {})).body.code).toBe(moved ? 'not-responsible' : 'not-moved');
      expect((await own.post(`${at}/acknowledge`, {})).status).toBe(moved ? 200 : 409);
      expect((await lawyer.get(at)).body).not.toHaveProperty('movedFrom');
    }
    const told = (type: string) => harness.database.query<{ value: Buffer }>(`select value from event_log.record where headers->>'ce_type' = $1`, [type]);
    const expected = recorded.filter(({ eventDay }) => eventDay === eventDays[0]).map(({ at }) => at.split('/').at(-1)).sort();
    for (const type of ['legal-aid.deadline-moved', 'legal-aid.deadline-move-acknowledged']) {
      const all = await eventually(async () => (await told(type)).map(({ value }) => JSON.parse(value.toString()).deadlineId as string).filter((id) => recorded.some(({ at }) => at.endsWith(id))), ({ length }) => length >= expected.length);
      expect(all.sort()).toEqual(expected);
    }
  }, 240_000);

  it('goes to a calendar program without anything of a person, for whom the file is', async () => {
    const { path, clientId, matterId } = await active();
    const { body, at } = await record(path);
    await lawyer.post(`${at}/confirm`, {});
    const ics = await lawyer.get(`${path}/deadlines.ics`, { 'accept-language': 'ru' });
    expect(ics.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    const text = String(ics.body).replaceAll(/\r\n[ \t]/g, '');
    expect(text).toContain(`DTSTART;VALUE=DATE:${body.day.replaceAll('-', '')}`);
    expect(text).toContain(`UID:${body.id}`);
    expect(text).toContain('SUMMARY:Процессуальный срок: Апелляционная жалоба');
    expect(text).toContain(matterId);
    expect(text).toContain('TRIGGER:-P7D');
    expect(text).not.toMatch(new RegExp(`${clientId}|lawyer-1|${canary}`));
    const outsider = await harness.as('legal-aid', { agency: 'centre', roles: ['legal-aid:practitioner'] });
    expect(await outsider.get(`${path}/deadlines.ics`)).toMatchObject({ status: 404 });
    expect(await outsider.get(`${path}/deadlines`)).toMatchObject({ status: 404 });
    expect(await outsider.post(`${at}/confirm`, {})).toMatchObject({ status: 404 });
    expect(await (await harness.as('legal-aid', { agency: 'bureau', roles: ['counsellor'] })).get(`${path}/deadlines.ics`)).toMatchObject({ status: 403 });
  });
});

describe('A conflict match', () => {
  const ask = (path: string) => lawyer.post(`${path}/conflict-match`, { adverseParties: [canary] });

  it('is asked with the lawyer’s own token, kept while it is good, and decided by a person', async () => {
    const { path, clientId } = await opened();
    register.answer = async (body) => ({ answer: await signed(body, 'possible') });
    register.asked.length = 0;
    expect(await ask(path)).toMatchObject({ status: 200, body: { status: 'conflict-check', conflictMatch: { result: 'possible' } } });
    expect(register.asked).toMatchObject([{ body: { purpose: 'conflict-check', names: [canary], except: clientId }, authorization: expect.stringMatching(/^Bearer ey/) }]);
    expect(await lawyer.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: [canary] })).toMatchObject({ status: 200, body: { status: 'eligibility' } });
    const [fact] = await eventually(() => said('legal-aid.conflict-checked', clientId), ({ length }) => length === 1);
    expect(fact).toMatchObject({ outcome: 'clear', matched: 'possible' });
  });

  it.each<[string, (body: object) => Promise<object | undefined>]>([
    ['nobody answers', async () => undefined],
    ['another key signed it', async (body) => ({ answer: await signed(body, 'none', { key: forged.privateKey }) })],
    ['it answers another question', async (body) => ({ answer: await signed(body, 'none', { asked: hashOf({}) }) })],
    ['another one signed it', async (body) => ({ answer: await signed(body, 'none', { issuer: 'urn:other' }) })],
    ['it is over already', async (body) => ({ answer: await signed(body, 'none', { seconds: -60 }) })],
    ['it is no such word', async (body) => ({ answer: await signed(body, 'perhaps') })],
    ['it is not signed', async () => ({ answer: 'none' })],
  ])('is not taken when %s', async (_, answer) => {
    const { path } = await opened();
    register.answer = answer;
    expect(await ask(path)).toMatchObject({ status: 409, body: { code: 'conflict-match-unavailable' } });
    expect((await lawyer.get(path)).body).not.toHaveProperty('conflictMatch');
  });

  it('has to be asked again when records of the client are merged; until then nothing of substance is decided', async () => {
    const { path, clientId } = await opened();
    register.answer = async (body) => ({ answer: await signed(body, 'none') });
    await ask(path);
    await lawyer.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: [canary] });
    await say(clientId, 2, [newId()]);
    await eventually(() => lawyer.get(path), ({ body }) => body.conflictRecheck === 'clients-merged');
    expect(await lawyer.post(`${path}/eligibility`, { outcome: 'eligible', ground: 'low-income' })).toMatchObject({ status: 409, body: { code: 'conflict-not-checked' } });
    await ask(path);
    expect((await lawyer.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: [canary] })).body).not.toHaveProperty('conflictRecheck');
    expect(await lawyer.post(`${path}/eligibility`, { outcome: 'eligible', ground: 'low-income' })).toMatchObject({ status: 200 });
  });

  it('and again when the merge is taken back, also of the merged record, of which nothing more is heard', async () => {
    const { path, clientId } = await opened();
    const clear = () => lawyer.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: [] });
    await clear();
    const survivor = newId();
    for (const [version, aliases] of [[1, [clientId]], [2, []]] as const) {
      await say(survivor, version, [...aliases]);
      await eventually(() => lawyer.get(path), ({ body }) => body.conflictRecheck === 'clients-merged');
      expect((await clear()).body).not.toHaveProperty('conflictRecheck');
    }
  });

  it('leaves the other parties in the schema, and out of every log', async () => {
    await eventually(() => harness.database.query('select from legal_aid.outbox where published_at is null'), ({ length }) => length === 0);
    const holding = async (table: string) => Number((await harness.database.query<{ count: string }>(`select count(*) from ${table} as t where t::text like $1 or t::text like $2`,
      [`%${canary}%`, `%${Buffer.from(canary).toString('hex')}%`]))[0]!.count);
    for (const table of ['event_log.record', 'legal_aid.outbox', 'legal_aid.inbox', 'legal_aid.snapshot', 'legal_aid.head', 'legal_aid.dead_letter', 'legal_aid.idempotency']) expect([table, await holding(table)]).toEqual([table, 0]);
    expect(await holding('legal_aid.matter')).toBeGreaterThan(0);
    expect(harness.log.join('\n')).not.toContain(canary);
    expect(await (await fetch(`${harness.url('legal-aid')}/metrics`)).text()).not.toContain(canary);
  });
});
