import { Counselling } from '@opora/counselling';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { LegalAid } from '@opora/legal-aid';
import { newId } from '@opora/messaging';
import { caller, eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { strFromU8, unzipSync } from 'fflate';

// As in partners.int.spec.ts, after a whole case: Anna has a plan, a matter and deadlines in court; Boris is a client, works at both agencies and speaks for her.
let harness: Harness;
let anna: string;
let boris: string;
/** Whatever of hers would tell of her: her id, and those of her records. */
let hers: string[];
let matterVersion: number;
let ids: { plan: string; goal: string; matter: string; deadline: string; referral: string; recommendation: string; need: string };

const everyRole = ['intake-worker', 'counsellor', 'supervisor', 'auditor', 'admin', 'legal-aid:practitioner'];
const words = { ownAim: 'A door that he cannot open', summary: 'The court hears it in the small hall', party: 'Boris Partnerov' };
const services = ['gateway', 'intake', 'counselling', 'legal-aid'] as const;
type Everywhere = Record<(typeof services)[number], Caller> & { token: string; agency: string };

const as = async (who: Parameters<Harness['mint']>[0]): Promise<Everywhere> => {
  const token = await harness.mint(who);
  return { ...Object.fromEntries(services.map((service) => [service, caller(harness.url(service), token)])) as Record<(typeof services)[number], Caller>, token, agency: who.agency! };
};
const employee = (agency: string) => as({ sub: 'boris-at-work', agency, roles: everyRole });
const client = (sub: string, clientId: string) => as({ sub, agency: 'centre', roles: ['client'], opora_client: clientId });
const worker = (sub: string, agency: string, ...roles: string[]) => as({ sub, agency, roles });

beforeAll(async () => {
  harness = await startHarness([], { agency: 'centre' });
  const intake = await harness.boot(Intake);
  await harness.boot(LegalAid, { agency: 'bureau', environment: { LEGAL_AID_CLIENTS_MATCH_AT: `${intake.url}/v1/intake` } });
  await harness.boot(Counselling);
  await harness.boot(Gateway, { environment: { GATEWAY_UPSTREAMS: 'http://127.0.0.1:*' } });
  const irina = await worker('irina', 'centre', 'intake-worker');
  await eventually(() => irina.gateway.get('/v1/modules'), ({ body }) => body.items?.length >= 3);
  boris = (await irina.intake.post('/v1/intake/clients', { anonymous: true })).body.id;
  anna = (await irina.intake.post('/v1/intake/clients', { anonymous: true })).body.id;
  const lidia = (await worker('lidia', 'bureau', 'legal-aid:practitioner'))['legal-aid'];
  const konstantin = (await worker('konstantin', 'centre', 'counsellor')).counselling;
  const { need, recommendation, plan } = await planned(irina.intake, konstantin);
  const { referral, matter, deadline } = await worked(lidia);
  const shown = await eventually(() => irina.gateway.get(`/v1/clients/${anna}/plan`), (told) => told.body.goals?.length > 0 && JSON.stringify(told.body.sections).includes(matter));
  ids = { referral, matter, deadline, plan, goal: shown.body.goals[0].entryId, recommendation, need };
  hers = [anna, ...Object.values(ids), ...Object.values(words)];
  done(await (await client('anna', anna)).gateway.post('/v1/me/objections', { module: 'intake', about: need, text: 'I did not say so' }));
}, 60_000);

afterAll(() => harness?.close());

const done = <T extends { status: number; body: any }>(told: T): T => {
  if (told.status >= 300) throw new Error(`${told.status} ${JSON.stringify(told.body)}`);
  return told;
};
const seen = ({ headers }: { headers: Headers }) => ({ 'if-match': headers.get('etag')! });

/** A confirmed need, legal aid recommended, a plan agreed and in force. */
const planned = async (intake: Caller, counselling: Caller) => {
  for (const purpose of ['referral', 'coordination']) {
    done(await intake.post(`/v1/intake/clients/${anna}/consents`, { purpose, recipients: ['bureau', 'centre'], dataClasses: ['D1', 'D2'], legalBasis: 'consent' }));
  }
  done(await intake.post('/v1/intake/help-requests', { source: 'self', clientId: anna, needCodes: ['legal'] }));
  const { body: { items: instruments } } = await intake.get('/v1/intake/instruments?status=published');
  done(await intake.post('/v1/intake/screenings', { clientId: anna, instrumentId: instruments[0].id }));
  const { body: { id: need } } = done(await intake.post('/v1/intake/needs', { clientId: anna, needCode: 'legal', severity: 'high', reason: 'He took the keys' }));
  done(await intake.post(`/v1/intake/needs/${need}/confirm`, { withClient: true }));
  const of = `/v1/counselling/clients/${anna}/recommendations`;
  const chosen = (body: any) => body.needs?.flatMap(({ options }: any) => options).find(({ offer, reason }: any) => offer === 'legal-consultation' && reason.consent === 'given');
  const { recommendationId: recommendation, module, offer } = chosen((await eventually(() => counselling.get(of), ({ body }) => chosen(body) !== undefined)).body);
  done(await counselling.post(`${of}/${recommendation}/accept`));
  const { body: { id: plan } } = done(await counselling.post('/v1/counselling/plans', { clientId: anna }));
  const path = `/v1/counselling/plans/${plan}`;
  const needs = [{ module: 'intake', id: need }];
  done(await counselling.post(`${path}/goals`, { needs, title: 'rights-protected', ownAim: words.ownAim, actions: [{ title: 'gather-documents', due: '2026-04-20', responsible: 'boris-at-work' }] }));
  done(await counselling.post(`${path}/choices`, { needs, module, offer, urgency: 'urgent', recommendationId: recommendation }));
  done(await counselling.post(`${path}/review-date`, { reviewOn: '2099-01-01' }));
  const submitted = done(await counselling.post(`${path}/submit`, {}, seen(done(await counselling.post(`${path}/responsible`, { responsible: 'konstantin' })))));
  const agreed = done(await (await client('anna', anna)).counselling.post(`${path}/client-decision`, { decision: 'agree' }, seen(submitted)));
  done(await counselling.post(`${path}/activate`, {}, seen(agreed)));
  return { need, recommendation, plan } as { need: string; recommendation: string; plan: string };
};

/** The matter that followed, with a day in court. */
const worked = async (legal: Caller) => {
  const { body: { items: [{ id: referral }] } } = await eventually(() => legal.get(`/v1/legal-aid/referrals?clientId=${anna}`), ({ body }) => body.items?.length === 1);
  const { body: { matterId: matter } } = await eventually(() => legal.post(`/v1/legal-aid/referrals/${referral}/accept`), ({ status }) => status === 200);
  const path = `/v1/legal-aid/matters/${matter}`;
  done(await legal.post(`${path}/conflict-check`, { outcome: 'clear', adverseParties: [words.party] }));
  const eligible = done(await legal.post(`${path}/eligibility`, { outcome: 'eligible', ground: 'low-income' }));
  done(await legal.post(`${path}/activate`, { nextDeadline: '2026-04-01', responsible: 'boris-at-work' }, seen(eligible)));
  const { body: { id: deadline } } = done(await legal.post(`${path}/deadlines`, { rule: 'ru-gpk/128', eventDay: '2026-03-02', zone: 'Europe/Moscow', region: 'RU-MOW', responsible: 'boris-at-work' }));
  const { headers } = done(await legal.post(`${path}/summary`, { text: words.summary }));
  matterVersion = Number(headers.get('opora-plan-entry')!.split('@')[1]);
  return { referral, matter, deadline } as { referral: string; matter: string; deadline: string };
};

const speaksOf = (text: string): boolean => hers.some((one) => text.includes(one));

/** The names of the questions whose answers tell something of her. */
const learns = async (by: Everywhere, asHer = false): Promise<string[]> => {
  const { gateway, intake, counselling } = by;
  const legal = by['legal-aid'];
  const ask = async (answer: Promise<{ status: number; body: any }>) => {
    const { status, body } = await answer;
    const text = JSON.stringify(body) ?? '';
    if (status === 429 || status >= 500) throw new Error(`${status} ${text}`);
    return status < 300 && (speaksOf(text) || (asHer && (body.items?.length ?? 0) > 0));
  };
  const archive = async () => {
    const response = await fetch(`${harness.url('gateway')}/v1/me/export`, { headers: { authorization: `Bearer ${by.token}` } });
    if (!response.ok) return false;
    return speaksOf(Object.values(unzipSync(new Uint8Array(await response.arrayBuffer()))).map((file) => strFromU8(file)).join('\n'));
  };
  const calendar = async () => {
    const response = await fetch(`${harness.url('legal-aid')}/v1/legal-aid/matters/${ids.matter}/deadlines.ics`, { headers: { authorization: `Bearer ${by.token}` } });
    return response.ok && (await response.text()).includes('BEGIN:VEVENT');
  };
  const matters = '/v1/legal-aid/matters';
  const recommendations = `/v1/counselling/clients/${anna}/recommendations`;
  const questions: Record<string, Promise<boolean>> = {
    plan: ask(gateway.get(`/v1/clients/${anna}/plan?include=text&expand=person`)),
    'my plan': ask(gateway.get('/v1/me/plan?include=text')), 'my access log': ask(gateway.get('/v1/me/access-log?limit=200')), 'my consents': ask(gateway.get('/v1/me/consents')),
    'my objections': ask(gateway.get('/v1/me/objections')), 'my export': archive(),
    plans: ask(counselling.get('/v1/counselling/plans?limit=200')), 'plans of her': ask(counselling.get(`/v1/counselling/plans?clientId=${anna}`)), 'one plan': ask(counselling.get(`/v1/counselling/plans/${ids.plan}`)),
    recommendations: ask(counselling.get(recommendations)), recommendation: ask(counselling.get(`${recommendations}/${ids.recommendation}`)),
    aim: ask(counselling.post('/v1/counselling/plan-texts', { entries: [{ entryId: ids.goal, version: 1 }] })),
    matters: ask(legal.get(`${matters}?limit=200`)), 'matters of her': ask(legal.get(`${matters}?clientId=${anna}`)), matter: ask(legal.get(`${matters}/${ids.matter}`)),
    deadlines: ask(legal.get(`${matters}/${ids.matter}/deadlines`)), deadline: ask(legal.get(`${matters}/${ids.matter}/deadlines/${ids.deadline}`)), calendar: calendar(),
    referrals: ask(legal.get('/v1/legal-aid/referrals?limit=200')), referral: ask(legal.get(`/v1/legal-aid/referrals/${ids.referral}`)),
    summary: ask(legal.post('/v1/legal-aid/plan-texts', { entries: [{ entryId: ids.matter, version: matterVersion }] })),
    requests: ask(intake.get('/v1/intake/help-requests?limit=200')), screenings: ask(intake.get('/v1/intake/screenings?limit=200')),
  };
  for (const service of services) {
    const path = `/v1/${service}`;
    const trail = (filter: object) => by[service].post(`${path}/audit:search`, { limit: 200, ...filter });
    questions[`${service} trail of her`] = ask(trail({ clientId: anna }));
    for (const subject of ['irina', 'konstantin', 'lidia']) questions[`${service} trail of ${subject}`] = ask(trail({ subject }));
    questions[`${service} access log`] = ask(by[service].post(`${path}/access-log`, { clientId: anna }));
    questions[`${service} export`] = ask(by[service].post(`${path}/export`, {}));
    if (service !== 'gateway') questions[`${service} objections`] = ask(by[service].get(`${path}/objections?limit=200`));
  }
  const told = await Promise.all(Object.entries(questions).map(async ([name, answer]) => ((await answer) ? [name] : [])));
  return told.flat();
};

const trails = services.flatMap((service) => [`${service} trail of her`]);

it('before anybody is barred, an employee, and whoever speaks for her, do learn of her: what is asked here tells', async () => {
  expect(await learns(await employee('centre'))).toEqual(expect.arrayContaining(['plan', 'plans', 'plans of her', 'one plan', 'recommendations', 'recommendation', 'aim', 'requests', 'screenings', 'intake objections', ...trails]));
  expect(await learns(await employee('bureau'))).toEqual(expect.arrayContaining(['matters', 'matters of her', 'matter', 'deadlines', 'deadline', 'calendar', 'referrals', 'referral', 'summary', ...trails]));
  expect(await learns(await client('boris-for-anna', anna), true)).toEqual(expect.arrayContaining([
    'plan', 'my plan', 'my access log', 'my consents', 'my objections', 'my export', 'plans', 'one plan', 'recommendations', 'aim', 'summary',
    'intake access log', 'counselling access log', 'legal-aid access log', 'intake export', 'counselling export', 'legal-aid export',
  ]));
  expect(await learns(await client('boris', boris))).toEqual([]);
});

describe('once he is barred', () => {
  beforeAll(async () => {
    const irina = (await worker('irina', 'centre', 'intake-worker')).intake;
    for (const body of [{ client: boris, subject: 'boris-at-work', relation: 'former-partner' }, { subject: 'boris-for-anna', relation: 'representative' }, { subject: 'boris', relation: 'household-member' }]) {
      expect((await irina.post(`/v1/intake/clients/${anna}/bar`, body)).status).toBe(200);
    }
    // Each service hears of it by itself.
    for (const schema of ['gateway', 'intake', 'counselling', 'legal_aid']) {
      await eventually(() => harness.database.query(`select from ${schema}.head where key = $1 and body->'barred'->'subjects' ?& array['boris', 'boris-at-work', 'boris-for-anna']`, [anna]), ({ length }) => length === 1);
    }
  });

  it('as a client of the same agency, and of her household, he learns nothing', async () => expect(await learns(await client('boris', boris))).toEqual([]));

  it.each(['centre', 'bureau'])('as an employee of the %s, with every role, he learns nothing', async (agency) => expect(await learns(await employee(agency))).toEqual([]));

  it('as her representative he learns nothing', async () => expect(await learns(await client('boris-for-anna', anna), true)).toEqual([]));

  it('what is hers and what is nobody’s answer him alike', async () => {
    const by = await employee('bureau');
    for (const [path, body] of [['deadlines', { rule: 'ru-gpk/128', eventDay: '2026-03-02', zone: 'Europe/Moscow', region: 'RU-MOW' }], ['summary', { text: 'Mine' }], ['conflict-check', { outcome: 'clear', adverseParties: [] }]] as const) {
      const [told, nobodys] = await Promise.all([ids.matter, newId()].map((id) => by['legal-aid'].post(`/v1/legal-aid/matters/${id}/${path}`, body)));
      expect(told).toMatchObject({ status: 404, body: nobodys!.body });
    }
    const { counselling } = await employee('centre');
    for (const one of [anna, newId()]) expect(await counselling.post('/v1/counselling/plans', { clientId: one })).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('for those who work with her nothing has changed', async () => {
    expect(await learns(await worker('lidia', 'bureau', 'legal-aid:practitioner'))).toEqual(expect.arrayContaining(['matters', 'matter', 'deadlines', 'calendar', 'referral', 'summary']));
    expect(await learns(await worker('konstantin', 'centre', 'counsellor'))).toEqual(expect.arrayContaining(['plan', 'plans', 'one plan', 'recommendations', 'aim']));
    expect(await learns(await worker('auditor-1', 'centre', 'auditor'))).toEqual(expect.arrayContaining(trails));
    expect(await learns(await client('anna', anna), true)).toEqual(expect.arrayContaining(['my plan', 'my access log', 'my export']));
  });
});
