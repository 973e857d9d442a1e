import { AuditTrail, makeSigningKey, verifyTrail, type Seen } from '@opora/access';
import { consentsChanged, topics, watermarkReached, type ConsentState } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Database } from '@opora/messaging';
import type { ServiceDefinition } from '../src/index.js';
import { VisitsService } from './visits.js';

const follower: ServiceDefinition = { name: 'follower', version: '0.1.0', titles: { en: 'Follower', ru: 'Идущий' }, controllers: [], migrations: [], follows: [topics.watermarks.name] };

let harness: Harness;
let runtimeUrl: string;
let admin: pg.Client;
let trail: AuditTrail;

const open = (): Promise<AuditTrail> => AuditTrail.open({ service: 'visits', databaseUrl: runtimeUrl, key: makeSigningKey(), report: () => undefined });
const seen = (more: Partial<Seen> = {}): Seen => ({
  at: '2026-03-02T09:00:00.000Z', requestId: newId(), subject: 'worker-1', agency: 'centre', roles: ['visits:practitioner'], purpose: 'care', action: 'visit.read',
  clientIds: [], resources: [], hidden: [], decision: 'permit', policies: ['own-agency'], policyVersion: '1', ...more,
});
const contents = async (subject: string): Promise<Seen[]> =>
  (await admin.query<{ content: Seen }>(`select content from visits.audit where content->>'subject' = $1 order by seq`, [subject])).rows.map(({ content }) => content);

beforeAll(async () => {
  harness = await startHarness([VisitsService, follower]);
  ({ runtimeUrl } = await harness.database.provision('visits'));
  admin = new pg.Client({ connectionString: harness.database.adminUrl });
  await admin.connect();
  trail = await open();
});
afterAll(async () => {
  await trail?.close();
  await admin?.end();
  await harness?.close();
});

describe('The trail', () => {
  it('answers when rows are durable, not before', async () => {
    const holder = new pg.Client({ connectionString: runtimeUrl });
    await holder.connect();
    await holder.query(`begin; select pg_advisory_xact_lock(hashtextextended('audit visits', 0))`);
    let done = false;
    const recording = trail.record([seen({ subject: 'patient' })]).then(() => { done = true; });
    await eventually(async () => (await admin.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount, (waiting) => waiting === 1);
    expect([done, await contents('patient')]).toEqual([false, []]);
    await holder.query('commit');
    await holder.end();
    await recording;
    expect(await contents('patient')).toHaveLength(1);
  });

  it('writes what comes at the same time together, and each row once, from all instances into one chain', async () => {
    const other = await open();
    try {
      await Promise.all(Array.from({ length: 600 }, (_, n) => (n % 2 ? trail : other).record([seen({ subject: 'many', requestId: `many-${n}` })])));
    } finally {
      await other.close();
    }
    const { rows: [counted] } = await admin.query(`select count(*)::int as rows, count(distinct content->>'requestId')::int as requests, count(distinct xmin::text)::int as transactions
      from visits.audit where content->>'subject' = 'many'`);
    expect(counted).toMatchObject({ rows: 600, requests: 600 });
    expect(counted.transactions).toBeLessThan(60);
    expect((await verifyTrail({ service: 'visits', client: admin })).findings).toEqual([]);
  });

  it('refuses the request when it cannot be written, and goes on when it can again', async () => {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'audit visits'`);
    await eventually(() => trail.record([seen({ subject: 'again' })]).then(() => true, () => false), (written) => written);
    await admin.query('revoke execute on function visits.audit_append(text[]) from public, ' + pg.escapeIdentifier(new URL(runtimeUrl).username));
    await expect(trail.record([seen()])).rejects.toMatchObject({ code: '42501' });
    await admin.query('grant execute on function visits.audit_append(text[]) to ' + pg.escapeIdentifier(new URL(runtimeUrl).username));
    await trail.record([seen({ subject: 'again' })]);
  });

  it('keeps no text that a header or a token smuggled in, and nothing that is not its own', async () => {
    const odd = 'Anna Petrova\n{"level":"error"}';
    await trail.record([{ ...seen({ subject: 'curious', requestId: odd, onBehalfOf: odd, roles: ['x'.repeat(500)], resources: ['a\u0000b', '\ud800'] }), note: odd } as Seen]);
    const [content] = await contents('curious');
    expect(JSON.stringify(content)).not.toMatch(/Anna|level|note/);
    expect(content).toMatchObject({ requestId: expect.stringMatching(/^sha256:[\w-]{43}$/), onBehalfOf: content!.requestId, roles: [expect.stringMatching(/^sha256:/)] });
    expect((await verifyTrail({ service: 'visits', client: admin })).findings).toEqual([]);
  });
});

describe('A commit', () => {
  it('waits for what its own request has begun, and is undone when that fails', async () => {
    const source = await new DataSource({ type: 'postgres', url: runtimeUrl, poolSize: 2, installExtensions: false }).initialize();
    const pending = new AsyncLocalStorage<Promise<unknown>>();
    const database = new Database(source, async () => pending.getStore());
    const save = (by: string) => database.transaction(() => database.query(`insert into inbox (source, event_id) values ('commit', $1)`, [by]));
    const saved = async () => (await admin.query(`select event_id from visits.inbox where source = 'commit'`)).rows.map(({ event_id: id }) => id as string);
    try {
      let written = () => {};
      const waiting = pending.run(new Promise<void>((resolve) => { written = resolve; }), () => save('waits'));
      await pending.run(Promise.resolve(), () => save('other'));
      expect(await saved()).toEqual(['other']);
      written();
      await waiting;
      const refused = Promise.reject(new Error('away'));
      refused.catch(() => undefined);
      await expect(pending.run(refused, () => save('undone'))).rejects.toThrow('away');
      expect((await saved()).sort()).toEqual(['other', 'waits']);
    } finally {
      await source.destroy();
    }
  });
});

describe('Searching the trail', () => {
  const [anna, boris] = [newId(), newId()];
  const search = '/v1/visits/audit:search';
  const auditor = (sub = 'auditor-1') => harness.as('visits', { sub, roles: ['auditor'] });
  const state = (clientId: string, more: Partial<ConsentState>): ConsentState => ({ clientId, version: 1, recordedAt: harness.clock.now(), consents: [], aliases: [], ...more });

  beforeAll(async () => {
    await trail.record([
      seen({ clientIds: [anna], at: '2026-03-01T10:00:00.000Z' }),
      seen({ clientIds: [anna, boris], subject: 'worker-2', purpose: 'emergency', action: 'visit.hold', at: '2026-03-01T11:00:00.000Z', onBehalfOf: 'worker-3', hidden: ['address'] }),
      seen({ clientIds: [boris], subject: 'worker-2', decision: 'deny', at: '2026-03-01T12:00:00.000Z' }),
    ]);
  });

  it.each<[string, object, number]>([
    ['person', { clientId: anna }, 2], ['subject', { clientId: boris, subject: 'worker-2' }, 2], ['action', { clientId: anna, action: 'visit.hold' }, 1], ['purpose', { clientId: anna, purpose: 'emergency' }, 1],
    ['decision', { clientId: boris, decision: 'deny' }, 1], ['time', { clientId: anna, from: '2026-03-01T10:00:00Z', until: '2026-03-01T11:00:00Z' }, 1],
  ])('finds by %s', async (_, filter, count) => {
    // Searches are seen too, later.
    const { status, body } = await (await auditor()).post(search, { until: '2026-03-02T00:00:00Z', ...filter });
    expect([status, body.items.length]).toEqual([200, count]);
  });

  it('answers pages, the newest first, and takes no cursor of another search', async () => {
    const filter = { clientId: anna, until: '2026-03-02T00:00:00Z' };
    const first = (await (await auditor()).post(search, { ...filter, limit: 1 })).body;
    const second = (await (await auditor()).post(search, { ...filter, limit: 1, cursor: first.next })).body;
    expect([...first.items, ...second.items].map(({ action }) => action)).toEqual(['visit.hold', 'visit.read']);
    expect(first.items[0]).toMatchObject({ subject: 'worker-2', onBehalfOf: 'worker-3', hidden: ['address'], policies: ['own-agency'], policyVersion: '1' });
    expect(second.next).toBeUndefined();
    expect((await (await auditor()).post(search, { clientId: boris, cursor: first.next })).body.code).toBe('cursor-invalid');
  });

  it('is seen itself: who asked, about whom', async () => {
    await (await auditor('auditor-9')).post(search, { clientId: anna, action: 'visit.read' });
    expect(await contents('auditor-9')).toMatchObject([{ action: 'audit.search', purpose: 'oversight', clientIds: [anna], resources: ['action=visit.read'] }]);
  });

  it('is for auditors', async () => {
    for (const roles of [['supervisor'], ['visits:practitioner'], ['admin']]) expect((await (await harness.as('visits', { roles })).post(search, {})).status).toBe(403);
  });

  it('shows nothing about a person to whom that person has barred', async () => {
    const clara = newId();
    await trail.record([seen({ clientIds: [clara, anna], subject: 'about-clara' })]);
    await harness.say(consentsChanged, state(clara, { barred: { subjects: ['auditor-2'], clients: [] } }), { source: 'intake', key: clara });
    const found = async (sub: string) => (await (await auditor(sub)).post(search, { subject: 'about-clara' })).body.items.length as number;
    await eventually(() => found('auditor-2'), (count) => count === 0);
    expect(await found('auditor-1')).toBe(1);
  });

  describe('by the person', () => {
    const log = '/v1/visits/access-log';
    const person = (clientId: string) => harness.as('visits', { sub: `person-${clientId}`, roles: ['client'], opora_client: clientId });

    it('says who looked, when and what for, also at merged records, and nothing of policies or of others', async () => {
      const [now, before] = [newId(), newId()];
      await trail.record([seen({ clientIds: [before, boris] }), seen({ clientIds: [now], onBehalfOf: 'worker-3', decision: 'deny' })]);
      await harness.say(consentsChanged, state(now, { aliases: [before] }), { source: 'intake', key: now });
      for (const id of [now, before]) {
        const { body } = await eventually(async () => (await person(id)).post(log), ({ body: { items } }) => items.length === 2);
        expect(body.items).toEqual([
          { id: expect.any(String), at: '2026-03-02T09:00:00.000Z', by: { subject: 'worker-1', agency: 'centre', roles: ['visits:practitioner'] }, onBehalfOf: 'worker-3', action: 'visit.read', purpose: 'care', decision: 'deny' },
          { id: expect.any(String), at: '2026-03-02T09:00:00.000Z', by: { subject: 'worker-1', agency: 'centre', roles: ['visits:practitioner'] }, action: 'visit.read', purpose: 'care', decision: 'permit' },
        ]);
      }
      expect((await (await person(now)).post(log, { clientId: before })).body.items).toHaveLength(2);
      const page = (await (await person(now)).post(log, { limit: 1 })).body;
      expect((await (await person(now)).post(log, { limit: 1, cursor: page.next })).body.items).toHaveLength(1);
    });

    it('is for that person alone', async () => {
      expect((await (await person(anna)).post(log, { clientId: boris })).status).toBe(404);
      expect((await (await person(newId())).post(log)).body).toEqual({ items: [] });
      expect((await (await auditor()).post(log)).status).toBe(403);
    });
  });
});

describe('Outside', () => {
  it('the watermark carries the newest checkpoint, and who follows it keeps the farthest', async () => {
    await trail.record([seen()]);
    const kept = async () => (await admin.query<{ seq: string; checkpoint: string }>(`select seq, checkpoint from follower.audit_witness where module = 'visits'`)).rows[0];
    const { rows: [end] } = await admin.query<{ seq: string }>('select max(seq) as seq from visits.audit');
    const { checkpoint } = (await eventually(kept, (row) => Number(row?.seq) >= Number(end!.seq)))!;
    const at = '2099-01-01T00:00:00.000Z';
    await harness.say(watermarkReached, { module: 'visits', at, audit: { seq: 1, checkpoint: 'a.b.c' } }, { source: 'visits', key: 'visits' });
    await eventually(async () => (await admin.query(`select body from follower.head where topic = $1 and key = 'visits'`, [topics.watermarks.name])).rows[0], (row) => row?.body.at === at);
    expect(Number((await kept())!.seq)).toBeGreaterThanOrEqual(Number(end!.seq));
    expect((await verifyTrail({ service: 'visits', client: admin, witnesses: [checkpoint] })).findings).toEqual([]);
  });

  it('the keys can be had by anyone, and check what the log said', async () => {
    const { keys } = await (await fetch(`${harness.url('visits')}/v1/visits/audit/keys`)).json() as { keys: { kid: string; d?: string }[] };
    const logged = harness.log.filter((line) => line.includes('"audit checkpoint"') && line.includes('"visits"')).map((line) => (JSON.parse(line) as { checkpoint: string }).checkpoint);
    expect(keys.every(({ d }) => d === undefined)).toBe(true);
    expect(logged.length).toBeGreaterThan(0);
    expect((await verifyTrail({ service: 'visits', client: admin, witnesses: logged, keys })).findings).toEqual([]);
  });
});
