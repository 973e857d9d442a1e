import type { TokenClaims } from '@opora/access';
import { eventually, type Caller, type Reply } from '@opora/testing';
import { playJourney } from '../src/demo/journey.js';
import { staff } from './staff.js';

/** Opora as its callers see it, however it is run. */
export interface Place {
  readonly gateway: string;
  readonly issuer: string;
  mint(claims: TokenClaims): Promise<string>;
  as(claims: TokenClaims): Promise<Caller>;
}

/** Where somebody's journey was played, and what happens to whom. */
export interface Played extends Place {
  readonly clientId: string;
  /** Ends every process with kill -9 and starts them again. */
  crash(): Promise<void>;
  /** Stops one module while the work is done, and starts it again. */
  without(module: string, work: () => Promise<void>): Promise<void>;
}

/** A group whose members were killed gives their share to others after ten seconds. */
const PATIENCE_MS = 40_000;

/** What holds of the demo's journey wherever it was played. The answer of `place` may change with each start. */
export const journeyHolds = (place: () => Played): void => {
  const plan = () => `/v1/clients/${place().clientId}/plan`;
  const counsellor = () => place().as(staff.counsellor);
  /** Without what silence alone changes. */
  const settled = async (): Promise<Reply> => {
    const reader = await counsellor();
    return eventually(() => reader.get(plan()), ({ status, body }) => status === 200 && body.stale === false, PATIENCE_MS);
  };

  it('shows needs, goals, the review date, legal aid’s section and the next dates in order', async () => {
    const { body } = await settled();
    expect(body.needs.length).toBeGreaterThanOrEqual(3);
    expect(body.goals).toMatchObject([{ code: 'rights-protected', phase: 'active' }]);
    expect(body.reviewOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(body.sections).toMatchObject([{ module: 'legal-aid', title: 'Legal aid', state: 'active', stale: false }]);
    const dates = body.next.map((action: any) => action.start ?? action.due);
    expect(dates.length).toBeGreaterThanOrEqual(2);
    expect(dates).toEqual([...dates].sort());
  });

  it('answers 304 to the ETag that it gave, and another ETag in another language', async () => {
    const reader = await counsellor();
    const first = await settled();
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[^"]+"$/);
    expect((await reader.get(plan(), { 'if-none-match': etag })).status).toBe(304);
    const russian = await reader.get(plan(), { 'accept-language': 'ru' });
    expect(russian.body.sections[0].title).toBe('Юридическая помощь');
    expect(russian.headers.get('etag')).not.toBe(etag);
  });

  it('shows the plan as it was', async () => {
    const reader = await counsellor();
    const { body } = await settled();
    const before = new Date(Date.parse(body.needs.map((need: any) => need.changedAt).sort()[0]) - 1).toISOString();
    expect((await reader.get(`${plan()}?asOf=${before}`)).body.sections ?? []).toEqual([]);
    expect((await reader.get(`${plan()}?asOf=${new Date().toISOString()}`)).body.sections).toEqual(body.sections);
    expect((await reader.get(`${plan()}?asOf=yesterday`)).status).toBe(422);
  });

  it('gives the lawyer’s words to the client alone, and the client’s name to those who care for the client', async () => {
    const reader = await counsellor();
    const herself = await place().as({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: place().clientId });
    const texts = async (caller: Caller) => (await caller.get(`${plan()}?include=text`)).body.sections[0].entries.map((entry: any) => entry.text).filter(Boolean);
    expect(await texts(herself)).toEqual([expect.stringContaining('возражения')]);
    expect(await texts(reader)).toEqual([]);
    expect((await reader.get(`${plan()}?expand=person`)).body.person).toMatchObject({ shortName: expect.stringMatching(/^\S+ \S\.$/), age: expect.any(Number) });
    const stranger = await place().as({ sub: 'x', agency: 'elsewhere', roles: ['counsellor'] });
    expect((await stranger.get(plan())).status).toBe(404);
  });

  it('tells the person the own plan and consents in plain words, and nobody else', async () => {
    await settled();
    const herself = await place().as({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: place().clientId });
    const { body } = await herself.get('/v1/me/plan?include=text', { 'accept-language': 'ru' });
    expect(body).toMatchObject({ language: 'ru', help: [{ module: 'legal-aid', responsible: 'Юридическое бюро', words: ['Сейчас вам помогают: Юридическая помощь.', 'Кто за это в ответе: Юридическое бюро.'] }] });
    expect(body.next.every(({ responsible }: { responsible: string }) => ['Юридическое бюро', 'Центр помощи'].includes(responsible))).toBe(true);
    expect(body.help[0].entries.map((entry: any) => entry.text).filter(Boolean)).toEqual([expect.stringContaining('возражения')]);
    const consents = await herself.get('/v1/me/consents');
    expect(consents.body).toMatchObject({ complete: true, items: [{ module: 'intake', holds: true, words: expect.arrayContaining(['Who may see it: Legal Bureau, Support Centre.']) }, { holds: true }] });
    expect((await herself.get(consents.body.items[0].receipt, { accept: 'text/html' })).body).toContain('Legal Bureau');
    for (const path of ['/v1/me/plan', '/v1/me/consents']) expect((await (await counsellor()).get(path)).status).toBe(403);
  });

  it('waits for what a command has just said', async () => {
    const reader = await counsellor();
    const lawyer = await place().as(staff.lawyer);
    const { body: { items: [matter] } } = await lawyer.get(`/v1/legal-aid/matters?clientId=${place().clientId}`);
    const moved = await lawyer.post(`/v1/legal-aid/matters/${matter.id}/deadline`, { nextDeadline: '2031-05-05' });
    const token = moved.headers.get('opora-plan-entry')!;
    const seen = await reader.get(`${plan()}?after=${encodeURIComponent(token)}`, { prefer: 'wait=5' });
    expect(seen.headers.get('preference-applied')).toContain('wait');
    expect(seen.body.sections[0].actions.filter((action: any) => action.status === 'planned')).toMatchObject([{ due: '2031-05-05' }]);
    const [key, version] = token.split('@');
    const behind = await reader.get(`${plan()}?after=${encodeURIComponent(`${key}@${Number(version) + 1}`)}`);
    expect(behind).toMatchObject({ status: 200 });
    expect(behind.headers.get('opora-plan-behind')).toBe(`${key}@${Number(version) + 1}`);
  });

  it('loses nothing to kill -9: what starts again shows the same plan, byte for byte', async () => {
    const { body, headers } = await settled();
    await place().crash();
    const again = await settled();
    expect(again.body).toEqual(body);
    expect(again.headers.get('etag')).toBe(headers.get('etag'));
  }, 90_000);

  it('answers while a module is stopped, and says which section may be out of date', async () => {
    const { body } = await settled();
    await place().without('legal-aid', async () => {
      const reader = await counsellor();
      const without = await eventually(() => reader.get(plan()), ({ body: { sections } }) => sections?.[0]?.stale === true, PATIENCE_MS);
      expect(without.body.sections).toEqual(body.sections.map((section: any) => ({ ...section, stale: true })));
      expect((await reader.get('/v1/legal-aid/referrals')).status).toBe(503);
    });
    expect((await settled()).body).toEqual(body);
  }, 90_000);

  it('takes the needs of a screening recorded on the wrong person out of the plan', async () => {
    const other = await playJourney({ gateway: place().gateway, mint: place().mint, say: () => undefined });
    const worker = await place().as(staff.intake);
    const supervisor = await place().as(staff.supervisor);
    const { body: { items: [screening] } } = await worker.get(`/v1/intake/screenings?clientId=${other}`);
    const reader = await counsellor();
    await eventually(() => reader.get(`/v1/clients/${other}/plan`), ({ body }) => body.needs.length > 0 && body.needs.every((need: any) => need.phase === 'active'));
    expect((await supervisor.post(`/v1/intake/screenings/${screening.id}/enter-in-error`, { reason: 'wrong-person' })).status).toBe(200);
    await eventually(() => reader.get(`/v1/clients/${other}/plan`), ({ body }) => body.needs.every((need: any) => need.phase === 'ended' && need.reason.code === 'entered-in-error'));
  }, 60_000);

  it.each(['coordination', 'referral'])('takes a module’s section away from another agency as soon as the person withdraws consent for %s', async (purpose) => {
    const other = await playJourney({ gateway: place().gateway, mint: place().mint, say: () => undefined });
    const path = `/v1/clients/${other}/plan`;
    const reader = await counsellor();
    await eventually(() => reader.get(path), ({ body }) => body.sections?.[0]?.state === 'active');
    const { body: { items } } = await (await place().as(staff.intake)).get(`/v1/intake/clients/${other}/consents`);
    const consent = items.find((one: any) => one.purpose === purpose);
    const herself = await place().as({ sub: 'client', agency: 'centre', roles: ['client'], opora_client: other });
    expect((await herself.post(`/v1/intake/clients/${other}/consents/${consent.consentId}/withdraw`, {})).status).toBe(200);
    await eventually(() => reader.get(path), ({ body }) => body.sections.length === 0);
    expect((await herself.get(path)).body.sections).toMatchObject([{ module: 'legal-aid', state: 'active' }]);
  }, 60_000);
};
