import { Policies, policyText } from '@opora/access';
import { consentsChanged, moduleAnnounced, referralRequested } from '@opora/contracts';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { LegalAid } from '@opora/legal-aid';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { strFromU8, unzipSync } from 'fflate';
import { createHash } from 'node:crypto';

// What Anna sees of herself through the gateway: who looked, what she objects to, everything that is held.
let harness: Harness;
let worker: Caller;
let lawyer: Caller;
let anna: string;
let self: Caller;
let needId: string;
let matterId: string;

const other = { adverse: 'Viktor Protivnikov', neighbour: 'Her neighbour Zinaida worries', word: 'lighthouse', lane: 'Quiet Lane 1' };
const asClient = (clientId: string, service = 'gateway') => harness.as(service, { sub: `person-${clientId}`, agency: 'none', roles: ['client'], opora_client: clientId });

beforeAll(async () => {
  harness = await startHarness([], { agency: 'centre' });
  await harness.boot(Intake);
  await harness.boot(LegalAid, { agency: 'bureau', agencyTitles: { en: 'Legal Bureau', ru: 'Бюро права' } });
  await harness.boot(Gateway, { environment: { GATEWAY_UPSTREAMS: 'http://127.0.0.1:*' } });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  lawyer = await harness.as('legal-aid', { sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] });
  anna = (await worker.post('/v1/intake/clients', {
    names: { status: 'known', value: [{ use: 'official', given: 'Anna', family: 'Exportova' }] }, address: { status: 'known', value: { text: other.lane, class: 'safe' } },
    contacts: [{ kind: 'phone', value: '+7 907 333-00-01', safeToContact: true, codeWord: other.word }],
  })).body.id;
  self = await asClient(anna);
  needId = (await worker.post('/v1/intake/needs', { clientId: anna, needCode: 'legal', severity: 'high', reason: 'Evicted by the landlord' })).body.id;
  await worker.post('/v1/intake/help-requests', { source: 'relative', clientId: anna, text: other.neighbour });
  matterId = await openMatter(anna, other.adverse);
  await eventually(() => self.get('/v1/me/plan'), ({ body }) => body.needs?.length === 1 && body.help?.length > 0);
  await eventually(() => self.get('/v1/modules'), ({ body }) => ['intake', 'legal-aid'].every((name) => JSON.stringify(body).includes(name)));
});

afterAll(() => harness?.close());

const openMatter = async (clientId: string, party: string): Promise<string> => {
  const referralId = newId();
  const respondBy = new Date(Date.parse(harness.clock.now()) + 7 * 24 * 3600_000).toISOString();
  await harness.say(consentsChanged, {
    clientId, version: 100, recordedAt: harness.clock.now(), aliases: [], team: ['worker-1'],
    consents: [{ consentId: newId(), status: 'given', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' }],
  }, { source: 'intake', key: clientId });
  await harness.say(referralRequested, {
    referralId, clientId, module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy,
  }, { source: 'counselling', key: clientId });
  const { body } = await eventually(() => lawyer.post(`/v1/legal-aid/referrals/${referralId}/accept`, {}), ({ status }) => status === 200);
  expect((await lawyer.post(`/v1/legal-aid/matters/${body.matterId}/conflict-check`, { outcome: 'clear', adverseParties: [party] })).status).toBe(200);
  return body.matterId as string;
};

describe('who looked', () => {
  it('is told of every module in words, those who were refused too, and her own looks only when she asks', async () => {
    const stranger = await harness.as('intake', { sub: 'worker-5', agency: 'elsewhere', roles: ['counsellor'] });
    await worker.get(`/v1/intake/clients/${anna}`);
    await stranger.get(`/v1/intake/clients/${anna}`);
    const { body } = await self.get('/v1/me/access-log?limit=200&zone=Europe/Moscow');
    expect(body.missing).toEqual([]);
    const of = (module: string) => body.items.filter((one: { module: string }) => one.module === module);
    expect(of('intake').map((one: { decision: string }) => one.decision)).toEqual(expect.arrayContaining(['permit', 'deny']));
    expect(of('intake').find((one: { decision: string }) => one.decision === 'deny').words).toContain('We did not let them. They got nothing.');
    expect(of('legal-aid')[0].words[0]).toMatch(/: a worker of Legal Bureau \(helps with one thing\)\.$/);
    expect(body.items.some((one: { words: string[] }) => /: you\./.test(one.words[0]!))).toBe(false);
    expect(JSON.stringify(body)).not.toMatch(/worker-[15]|lawyer-1/);
    const own = (await self.get('/v1/me/access-log?limit=200&own=true')).body.items;
    expect(own.some((one: { words: string[] }) => /: you\./.test(one.words[0]!))).toBe(true);
  });
});

describe('objections', () => {
  const say = (about: string, module = 'intake') => self.post('/v1/me/objections', { module, about, text: 'I was never evicted' });

  it('go to the module they are about, are answered there by a person in time, and come back in words', async () => {
    const { status, body: { objection }, headers } = await say(needId);
    expect([status, headers.get('location')]).toEqual([201, `/v1/intake/objections/${objection.id}`]);
    expect(objection).toMatchObject({ about: needId, clientId: anna, status: 'recorded', overdue: false });
    const mine = async () => (await self.get('/v1/me/objections')).body;
    expect(await mine()).toMatchObject({ missing: [], items: [{ module: 'intake', id: objection.id, words: [expect.any(String), expect.stringMatching(/^A person will read it and answer you by/)] }] });

    const supervisor = await harness.as('intake', { sub: 'boss-1', agency: 'centre', roles: ['supervisor'] });
    const ofOthers = await harness.as('intake', { sub: 'boss-2', agency: 'elsewhere', roles: ['supervisor'] });
    const listed = async (by: Caller, query: string) => (await by.get(`/v1/intake/objections?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await listed(supervisor, 'status=open')).toEqual([objection.id]);
    expect(await listed(supervisor, 'status=overdue')).toEqual([]);
    expect(await listed(ofOthers, 'status=open')).toEqual([]);
    const counted = async () => (await (await fetch(`${harness.url('intake')}/metrics`)).text()).split('\n').filter((line) => line.startsWith('opora_objections_overdue'));
    expect(await counted()).toEqual(['opora_objections_overdue{service="intake"} 0']);
    harness.clock.advance({ hours: 24 * 15 });
    expect(await listed(supervisor, 'status=overdue')).toEqual([objection.id]);
    expect(await counted()).toEqual(['opora_objections_overdue{service="intake"} 1']);
    expect((await mine()).items[0].words.join(' ')).toContain('We are late');

    const answer = { outcome: 'partly-upheld', text: 'We have corrected the reason' };
    const path = `/v1/intake/objections/${objection.id}/answer`;
    expect(await ofOthers.post(path, answer)).toMatchObject({ status: 404 });
    expect((await (await asClient(anna, 'intake')).post(path, answer)).status).toBe(403);
    expect(await listed(worker, 'status=open')).toEqual([objection.id]);
    expect(await (await harness.as('intake', { sub: 'worker-2', agency: 'centre', roles: ['intake-worker'] })).post(path, answer)).toMatchObject({ status: 404 });
    expect(await supervisor.post(path, answer)).toMatchObject({ status: 200, body: { status: 'answered', answer } });
    expect((await supervisor.post(path, answer)).status).toBe(409);
    expect((await mine()).items[0]).toMatchObject({ answer: { text: answer.text }, words: ['A person has read it. You are right in part.', expect.any(String)] });
    const outbox = await harness.database.query<{ count: string }>(`select count(*) from event_log.record where position(convert_to('never evicted', 'UTF8') in value) > 0 or headers->>'ce_type' like 'opora.objection%'`);
    expect(Number(outbox[0]!.count)).toBe(0);
  });

  it('are answered by no program, and by those of the care team as well as by supervisors', () => {
    const policies = new Policies('intake', policyText('intake'));
    const may = (channel: 'interactive' | 'service', role: string, inCaseload: boolean) => policies.decide(
      { actor: { sub: 'x', agency: 'centre', roles: [role], channel }, purpose: 'care' }, 'objection.answer', { module: 'intake', dataClass: 'D2' },
      { own: false, sameAgency: true, inCaseload, hidden: false, consented: false, opened: false, barred: false }).allowed;
    expect([may('interactive', 'supervisor', false), may('interactive', 'counsellor', true), may('interactive', 'counsellor', false)]).toEqual([true, true, false]);
    expect([may('service', 'supervisor', true), may('service', 'counsellor', true)]).toEqual([false, false]);
  });

  it('are about what is one’s own', async () => {
    expect(await say(matterId, 'legal-aid')).toMatchObject({ status: 201 });
    expect(await say(newId())).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await say(needId, 'nowhere')).toMatchObject({ status: 404, body: { code: 'module-unknown' } });
    const boris = (await worker.post('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: 'Boris' }] } })).body.id;
    const his = await asClient(boris);
    expect(await his.post('/v1/me/objections', { module: 'intake', about: needId, text: 'Mine' })).toMatchObject({ status: 404 });
    expect((await his.get('/v1/me/objections')).body.items).toEqual([]);
    const supervisor = await harness.as('intake', { sub: 'boss-1', agency: 'centre', roles: ['supervisor'] });
    const onPaper = (clientId: string | undefined, about: string) => supervisor.post('/v1/intake/objections', { about, clientId, text: 'Said at the desk', onBehalfOf: 'relative-1' });
    expect(await onPaper(boris, needId)).toMatchObject({ status: 404 });
    expect(await onPaper(undefined, needId)).toMatchObject({ status: 422, body: { code: 'client-missing' } });
    expect(await onPaper(anna, needId)).toMatchObject({ status: 201, body: { clientId: anna } });
    const [mine] = (await self.get('/v1/me/objections')).body.items;
    expect(await (await asClient(boris, mine.module)).post(`/v1/${mine.module}/objections/${mine.id}/withdraw`, {})).toMatchObject({ status: 404 });
    expect(await (await asClient(anna, mine.module)).post(`/v1/${mine.module}/objections/${mine.id}/withdraw`, {})).toMatchObject({ status: 200, body: { status: 'withdrawn' } });
  });
});

describe('everything that is held', () => {
  const download = async (clientId: string, language = 'en') => {
    const token = await harness.mint({ sub: `person-${clientId}`, agency: 'none', roles: ['client'], opora_client: clientId });
    const response = await fetch(`${harness.url('gateway')}/v1/me/export`, { headers: { authorization: `Bearer ${token}`, 'accept-language': language } });
    expect(response.status).toBe(200);
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    return { headers: response.headers, files, text: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)])) };
  };

  it('is one archive with all modules, digests and a page; nothing in it is about others', async () => {
    const { headers, files, text } = await download(anna);
    expect([headers.get('content-type'), headers.get('cache-control')]).toEqual(['application/zip', 'no-store']);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="opora-\d{4}-\d\d-\d\d\.zip"$/);
    expect(Object.keys(files).sort()).toEqual(['gateway.json', 'index.html', 'intake.json', 'legal-aid.json', 'manifest.json']);
    const manifest = JSON.parse(text['manifest.json']!);
    expect(manifest).toMatchObject({ clientId: anna, missing: [], complete: true });
    expect(manifest.files.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(files).filter((name) => name !== 'manifest.json').sort());
    for (const { name, sha256 } of manifest.files) expect(createHash('sha256').update(files[name]!).digest('hex')).toBe(sha256);
    const intake = JSON.parse(text['intake.json']!);
    expect(intake.records.map(({ kind }: { kind: string }) => kind)).toEqual(expect.arrayContaining(['client', 'need', 'help request', 'objection']));
    expect(text['intake.json']).toContain('Exportova');
    expect(text['intake.json']).toContain('Evicted by the landlord');
    expect(intake.accesses.length).toBeGreaterThan(0);
    expect(JSON.parse(text['legal-aid.json']!)).toMatchObject({ records: expect.arrayContaining([expect.objectContaining({ kind: 'matter', id: matterId })]) });
    expect(JSON.parse(text['legal-aid.json']!).entries.length).toBeGreaterThan(0);
    const everything = Object.values(text).join('\n');
    for (const secret of Object.values(other)) expect(everything).not.toContain(secret);
    expect(everything).not.toMatch(/"subject"/);
    expect(text['index.html']).toContain('Who stands on the other side of your case');
    expect(text['index.html']).toContain('Кто стоит на другой стороне вашего дела');
    expect(text['index.html']).not.toMatch(/<script|https?:|src=/);
  });

  it('is of that person alone, and on record', async () => {
    const boris = (await worker.post('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: 'Boris' }] } })).body.id;
    const { text } = await download(boris, 'ru');
    expect(Object.values(text).join('\n')).not.toMatch(new RegExp(`${anna}|Exportova`));
    expect(text['index.html']).toContain('<html lang="ru">');
    for (const schema of ['gateway', 'intake', 'legal_aid']) {
      const rows = await harness.database.query(`select 1 from ${schema}.audit where content->>'action' = 'person.export' and content->'clientIds' ? $1`, [boris]);
      expect(rows).toHaveLength(1);
    }
    for (const role of ['counsellor', 'supervisor', 'admin', 'auditor', 'module']) expect(await (await harness.as('gateway', { roles: [role], agency: 'centre' })).get('/v1/me/export')).toMatchObject({ status: 403 });
  });

  it('names a module that does not answer', async () => {
    await harness.say(moduleAnnounced, {
      module: 'sleeper', revision: 1, version: '1.0.0', titles: { en: 'The sleeper', ru: 'Соня' }, baseUrl: 'http://127.0.0.1:9', lifecycle: 'active', offers: [], says: [], hears: [], serves: [],
    }, { source: 'sleeper', key: 'sleeper' });
    const { text } = await eventually(() => download(anna), (one) => JSON.parse(one.text['manifest.json']!).missing.length === 1);
    expect(JSON.parse(text['manifest.json']!)).toMatchObject({ missing: ['sleeper'], complete: false });
    expect(text['index.html']).toMatch(/did not answer[\s\S]*The sleeper/);
  });
});
