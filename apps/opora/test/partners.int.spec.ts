import { moduleAnnounced, planEntryRecorded, watermarkReached } from '@opora/contracts';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';

// Anna and Boris lived together; both are clients of the centre, and Boris works there too. Nothing of Anna must reach Boris, in whatever role.
let harness: Harness;
let worker: { intake: Caller; gateway: Caller };
let anna: string;
let boris: string;
let needId: string;

const phone = '+7 906 222-00-01';
const v1 = '/v1/intake';
const as = async (who: Parameters<Harness['mint']>[0]) => ({ intake: await harness.as('intake', who), gateway: await harness.as('gateway', who) });
const person = (given: string, more: object = {}) => ({ names: { status: 'known', value: [{ use: 'official', given, family: 'Partnerova' }] }, ...more });

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  await harness.boot(Gateway, { environment: { GATEWAY_UPSTREAMS: 'http://127.0.0.1:*' } });
  worker = await as({ sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  const register = async (body: object): Promise<string> => (await worker.intake.post(`${v1}/clients`, body)).body.id;
  anna = await register(person('Anna', { contacts: [{ kind: 'phone', value: phone, safeToContact: true }] }));
  boris = await register(person('Boris'));
  needId = (await worker.intake.post(`${v1}/needs`, { clientId: anna, needCode: 'safety', severity: 'high', reason: 'Afraid' })).body.id;
  await worker.intake.post(`${v1}/help-requests`, { source: 'self', clientId: anna });
  await visit();
  await eventually(() => worker.gateway.get(`/v1/clients/${anna}/plan?expand=person`), ({ body }) => body.next?.length === 1 && body.needs.length === 1 && body.person !== null);
});

afterAll(() => harness?.close());

/** Anna is expected somewhere, at a time; Boris at work answers for it. */
const visit = async () => {
  const [title, entryId] = [{ system: 'urn:opora:test', code: 'visit', en: 'Visit', ru: 'Визит' }, newId()];
  const from = { source: 'visits', key: 'visits' };
  await harness.say(moduleAnnounced, {
    module: 'visits', revision: 1, version: '1.0.0', titles: { en: 'Visits', ru: 'Визиты' }, baseUrl: 'http://127.0.0.1:9', lifecycle: 'active', offers: [], says: [], hears: [], serves: [],
  }, from);
  await harness.say(watermarkReached, { module: 'visits', at: harness.clock.now() }, from);
  await harness.say(planEntryRecorded, {
    module: 'visits', entryId, clientId: anna, agency: 'centre', version: 1, aggregate: { id: entryId, version: 1 }, recordedAt: harness.clock.now(), kind: 'service', phase: 'active',
    title, dataClass: 'D1', because: [], needs: [], actions: [{ id: newId(), title, due: '2026-03-20', status: 'planned', responsible: 'boris-at-work' }],
  }, { source: 'visits', key: `visits/${entryId}` });
};

/** Everything by which somebody could learn of Anna; true where it tells something. */
const learns = async ({ intake, gateway }: { intake: Caller; gateway: Caller }) => {
  const lists = async (path: string, of = anna) => (JSON.stringify((await intake.get(`${v1}/${path}`)).body.items) ?? '').includes(of);
  const reads = async (path: string) => (await intake.get(`${v1}/${path}`)).status === 200;
  return {
    plan: (await gateway.get(`/v1/clients/${anna}/plan`)).status !== 404,
    text: JSON.stringify((await gateway.get(`/v1/clients/${anna}/plan?include=text&expand=person`)).body).includes('Visit'),
    record: await reads(`clients/${anna}`), consents: await reads(`clients/${anna}/consents`), circumstances: await reads(`clients/${anna}/circumstances`),
    looks: await reads(`clients/${anna}/looks`), need: await reads(`needs/${needId}`),
    clients: await lists('clients?limit=200'), needs: await lists(`needs?limit=200`), ofHer: await lists(`needs?clientId=${anna}`, needId),
    requests: await lists('help-requests?limit=200'), screenings: await lists('screenings?limit=200'), openings: await lists('openings?limit=200'),
    display: ((await intake.post(`${v1}/clients:display`, { ids: [anna] })).body.items?.length ?? 0) > 0,
    search: JSON.stringify((await intake.post(`${v1}/clients:search`, { phone })).body).includes(anna),
    searchOutside: JSON.stringify((await intake.post(`${v1}/clients:search-outside-caseload`, { phone })).body).includes(anna),
  };
};
const nothing = (told: Record<string, boolean>) => expect(Object.entries(told).filter(([, tells]) => tells)).toEqual([]);

const conflict = async (by: Caller) => {
  const { body: { answer } } = await by.post(`${v1}/clients:match`, { purpose: 'conflict-check', names: ['Anna Partnerova'], nonce: newId() });
  const keys = createRemoteJWKSet(new URL(`${harness.url('intake')}${v1}/match-keys`));
  return (await jwtVerify(answer, keys, { currentDate: new Date(harness.clock.now()) })).payload['result'];
};

const everyRole = ['intake-worker', 'counsellor', 'supervisor', 'legal-aid:practitioner'];
const employee = () => as({ sub: 'boris-at-work', agency: 'centre', roles: everyRole });
const representative = () => as({ sub: 'boris-for-anna', agency: 'centre', roles: ['client'], opora_client: anna });
const himself = () => as({ sub: 'boris', agency: 'centre', roles: ['client'], opora_client: boris });

it('before anybody is barred, an employee and a representative do learn of her: what is asked here tells', async () => {
  const told = await learns(await employee());
  expect(Object.entries(told).filter(([, tells]) => !tells).map(([what]) => what)).toEqual(['screenings', 'openings']);
  expect(await learns(await representative())).toMatchObject({ plan: true, record: true, display: true, needs: true });
  expect(await conflict((await employee()).intake)).toBe('possible');
});

describe('once he is barred', () => {
  beforeAll(async () => {
    for (const [body, count] of [[{ client: boris, subject: 'boris-at-work', relation: 'former-partner' }, 1], [{ subject: 'boris-for-anna', relation: 'representative' }, 2]] as const) {
      expect((await worker.intake.post(`${v1}/clients/${anna}/bar`, body)).body.bars).toHaveLength(count);
    }
    await worker.intake.post(`${v1}/clients/${anna}/join-care-team`);
    await eventually(async () => (await (await employee()).gateway.get(`/v1/clients/${anna}/plan`)).status, (status) => status === 404);
  });

  it('as a client of the same agency he learns nothing', async () => nothing(await learns(await himself())));

  it('as an employee with every role, whom her plan names as responsible, he learns nothing', async () => nothing(await learns(await employee())));

  it('as her representative he learns nothing', async () => nothing(await learns(await representative())));

  it('break-glass does not open her record to him', async () => {
    expect(await (await employee()).intake.post(`${v1}/clients/${anna}/openings`, { reason: 'danger-to-life', text: 'Let me in', minutes: 5 })).toMatchObject({ status: 404 });
  });

  it('a conflict check that he asks for tells him nothing; one that somebody else asks for works', async () => {
    expect(await conflict((await employee()).intake)).toBe('none');
    expect(await conflict((await as({ sub: 'lawyer-1', agency: 'bureau', roles: ['legal-aid:practitioner'] })).intake)).toBe('possible');
  });

  it('neither registering somebody like her nor a command on her tells him that she is known', async () => {
    const { intake } = await employee();
    expect(await intake.post(`${v1}/clients`, person('Anna', { contacts: [{ kind: 'phone', value: phone, safeToContact: true }] }))).toMatchObject({ status: 201 });
    const nobody = newId();
    const commands: [string, object][] = [
      ['clients/ID/join-care-team', {}], ['clients/ID/hide', { reason: 'other' }], ['clients/ID/bar', { subject: 'x', relation: 'other' }], ['clients/ID/enter-in-error', { reason: 'other' }],
      ['clients/ID/consents', { purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' }],
    ];
    for (const [path, body] of commands) {
      const [hers, nobodys] = await Promise.all([anna, nobody].map((id) => intake.post(`${v1}/${path.replace('ID', id)}`, body)));
      expect(hers).toMatchObject({ status: 404, body: nobodys!.body });
    }
    for (const [path, body] of [['needs', { needCode: 'food', severity: 'low', reason: 'x' }], ['help-requests', { source: 'self' }]] as const) {
      const [hers, nobodys] = await Promise.all([anna, nobody].map((clientId) => intake.post(`${v1}/${path}`, { clientId, ...body })));
      expect([hers!.status, hers!.body]).toEqual([nobodys!.status, nobodys!.body]);
    }
  });

  it('his own record says nothing of it, and works as before', async () => {
    const { intake } = await himself();
    expect(await intake.get(`${v1}/clients/${boris}`)).toMatchObject({ status: 200, body: { id: boris } });
    expect(JSON.stringify((await worker.intake.get(`${v1}/clients/${boris}/circumstances`)).body)).not.toContain(anna);
    expect((await (await employee()).intake.get(`${v1}/clients/${boris}`)).status).toBe(200);
  });

  it('for everybody else she is there as before; whoever lifts a bar is a supervisor', async () => {
    expect(await learns(worker)).toMatchObject({ plan: true, record: true, display: true, search: true, clients: true });
    const { body: { bars } } = await worker.intake.get(`${v1}/clients/${anna}/circumstances`);
    const lift = (by: Caller) => by.post(`${v1}/clients/${anna}/bars/${bars[1].barId}/lift`, { reason: 'barred-in-error' });
    expect(await lift(worker.intake)).toMatchObject({ status: 403 });
    expect(await lift((await employee()).intake)).toMatchObject({ status: 404 });
    expect(await lift((await as({ sub: 'head-1', agency: 'centre', roles: ['supervisor'] })).intake)).toMatchObject({ status: 200 });
    expect((await learns(await representative())).record).toBe(true);
  });
});
