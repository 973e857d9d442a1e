import { newId } from '@opora/messaging';
import { eventually } from '@opora/testing';
import { agency, canary, ok, startAmongOthers, type AmongOthers } from './with-others.js';

let harness: AmongOthers['harness'];
let counsellor: AmongOthers['counsellor'];
let say: AmongOthers['say'];
let options: AmongOthers['options'];
let person: AmongOthers['person'];

beforeAll(async () => {
  ({ harness, counsellor, say, options, person } = await startAmongOthers());
});

afterAll(() => harness?.close());

describe('recommendations', () => {
  it('lay all modules’ offers side by side, each with its reason', async () => {
    const { clientId, need } = await person();
    const { body } = await options(clientId);
    expect(body.needs).toMatchObject([{ need, title: { code: 'housing' }, options: [
      { module: 'beta', offer: 'shelter', agency: 'house', choosable: true, status: 'proposed', waitingDays: 3, requiredDocuments: [{ en: 'Passport' }], reason: { code: 'addresses-need', need, consent: 'given' } },
      { module: 'beta', offer: 'hostel', availability: 'waitlist', choosable: true, reason: { consent: 'given' } },
      { module: 'gamma', offer: 'flat', availability: 'closed', choosable: false, reason: { consent: 'missing', notChoosable: 'offer-closed' } },
    ] }]);
    expect((await options(clientId)).body).toEqual(body);
    const client = await harness.as('counselling', { agency: 'elsewhere', roles: ['client'], opora_client: clientId });
    expect((await options(clientId, client)).body.needs).toEqual(body.needs);
  });

  it('are decided by a person; the option is recorded by that', async () => {
    const { clientId, need, path } = await person();
    const [shelter, hostel, flat] = (await options(clientId)).body.needs[0].options;
    expect(await counsellor.post(`${path}/${shelter.recommendationId}/accept`, {})).toMatchObject({ status: 200, body: { status: 'accepted', origin: 'matched', needs: [need] } });
    expect(await counsellor.post(`${path}/${shelter.recommendationId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    expect(await counsellor.post(`${path}/${hostel.recommendationId}/decline`, {})).toMatchObject({ status: 422, body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: '/reason' })]) } });
    expect(await counsellor.post(`${path}/${hostel.recommendationId}/modify`, { instead: { module: 'beta', offer: 'shelter' } })).toMatchObject({ status: 200, body: { status: 'modified' } });
    expect(await counsellor.post(`${path}/${flat.recommendationId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'offer-closed' } });
    expect(await counsellor.post(`${path}/${newId()}/accept`, {})).toMatchObject({ status: 404 });
    const { body } = await options(clientId);
    expect(body.needs[0].options.map(({ status }: any) => status)).toEqual(['accepted', 'modified', 'proposed']);
    expect(body.recorded).toHaveLength(2);
    ok(await counsellor.post(`${path}/${shelter.recommendationId}/enter-in-error`, { reason: 'typing-error' }));
    expect((await options(clientId)).body.needs[0].options[0].status).toBe('proposed');
    expect(await counsellor.post(`${path}/${shelter.recommendationId}/decline`, { reason: 'too-far' })).toMatchObject({ status: 200, body: { status: 'declined', reason: 'too-far' } });
  });

  it('may be the counsellor’s own, with a conclusion that is never published', async () => {
    const { clientId, need, path } = await person();
    const made = await counsellor.post(path, { needs: [need], conclusion: canary });
    expect(made).toMatchObject({ status: 201, body: { origin: 'counsellor', status: 'proposed', conclusion: canary } });
    expect((await counsellor.get(made.headers.get('location')!)).body).toEqual(made.body);
    expect(await counsellor.post(path, { needs: [{ module: 'alpha', id: newId() }], conclusion: 'x' })).toMatchObject({ status: 409, body: { code: 'need-not-confirmed', errors: [{ pointer: '/needs/0' }] } });
    expect(await counsellor.post(path, { needs: [need], offer: { module: 'beta', offer: 'none' }, conclusion: 'x' })).toMatchObject({ status: 422, body: { code: 'offer-unknown' } });
    const stranger = await harness.as('counselling', { agency: 'elsewhere', roles: ['counsellor'] });
    expect(await stranger.get(made.headers.get('location')!)).toMatchObject({ status: 404 });
    expect(await options(clientId, stranger)).toMatchObject({ status: 404 });
  });

  it('are the need’s: what the client decided the counsellor sees, whatever agency the client’s token names', async () => {
    const { clientId, path } = await person();
    const [shelter, hostel] = (await options(clientId)).body.needs[0].options;
    const client = await harness.as('counselling', { agency: 'elsewhere', roles: ['client'], opora_client: clientId });
    ok(await client.post(`${path}/${shelter.recommendationId}/accept`, {}));
    expect((await options(clientId)).body.needs[0].options[0].status).toBe('accepted');
    expect(await counsellor.get(`${path}/${shelter.recommendationId}`)).toMatchObject({ status: 200, body: { status: 'accepted' } });
    expect(await counsellor.post(`${path}/${shelter.recommendationId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    ok(await counsellor.post(`${path}/${hostel.recommendationId}/decline`, { reason: 'too-far' }));
    expect((await options(clientId, client)).body.recorded).toHaveLength(2);
    const rows = await harness.database.query(`select distinct agency from counselling.recommendation where client_id = $1`, [clientId]);
    expect(rows).toEqual([{ agency }]);
  });

  it('are decided once, by whichever agency may read the need; a counsellor’s own stays in the agency', async () => {
    const { clientId, need, path } = await person();
    await say.consent(clientId, ['house', 'inn', 'bureau'], 2, ['referral', 'coordination']);
    const other = await harness.as('counselling', { sub: 'counsellor-2', agency: 'bureau', roles: ['counsellor'] });
    await eventually(() => options(clientId, other), ({ status }) => status === 200);
    const own = ok(await counsellor.post(path, { needs: [need], conclusion: canary }));
    const [shelter, hostel] = (await options(clientId, other)).body.needs[0].options;
    ok(await other.post(`${path}/${shelter.recommendationId}/accept`, {}));
    ok(await counsellor.post(`${path}/${hostel.recommendationId}/accept`, {}));
    for (const who of [counsellor, other]) {
      expect((await options(clientId, who)).body.needs[0].options.map(({ status }: any) => status)).toEqual(['accepted', 'accepted', 'proposed']);
      expect(await who.post(`${path}/${shelter.recommendationId}/accept`, {})).toMatchObject({ status: 409, body: { code: 'wrong-status' } });
    }
    expect((await options(clientId)).body.recorded).toHaveLength(3);
    expect((await options(clientId, other)).body.recorded).toHaveLength(2);
    expect(await other.get(own.headers.get('location')!)).toMatchObject({ status: 404 });
    expect(await other.post(`${path}/${own.body.id}/accept`, {})).toMatchObject({ status: 404 });
    const stranger = await harness.as('counselling', { agency: 'elsewhere', roles: ['counsellor'] });
    expect(await stranger.get(`${path}/${shelter.recommendationId}`)).toMatchObject({ status: 404 });

    const plan = ok(await other.post('/v1/counselling/plans', { clientId }));
    const choose = (recommendationId: string) => other.post(`/v1/counselling/plans/${plan.body.id}/choices`, { needs: [need], module: 'beta', offer: 'shelter', urgency: 'urgent', recommendationId });
    expect(await choose(own.body.id)).toMatchObject({ status: 422, body: { code: 'recommendation-unknown' } });
    ok(await choose(shelter.recommendationId));
  });

  it('are listed exactly as each is read by itself, as far as consent opens the need', async () => {
    const { clientId, need, path } = await person(['house', 'inn'], { dataClass: 'D2' });
    const food = await say.need(clientId, { title: { system: 'urn:opora:need', code: 'food', en: 'Food', ru: 'Еда' } });
    const { body: { needs } } = await eventually(() => options(clientId), ({ body }) => body.needs.length === 2);
    const own = ok(await counsellor.post(path, { needs: [need], conclusion: canary })).body.id as string;
    const matched = (of: { id: string }): string => needs.find((one: any) => one.need.id === of.id).options[0].recommendationId;
    for (const id of [matched(need), matched(food)]) ok(await counsellor.post(`${path}/${id}/decline`, { reason: 'too-far' }));
    await say.consent(clientId, ['bureau'], 2, ['referral', 'coordination']);
    const who = (of: string, ...roles: string[]) => harness.as('counselling', { sub: newId(), agency: of, roles });
    const [other, stranger] = [await who('bureau', 'counsellor'), await who('elsewhere', 'counsellor', 'supervisor')];
    await eventually(() => options(clientId, other), ({ status }) => status === 200);
    const client = await harness.as('counselling', { agency: 'elsewhere', roles: ['client'], opora_client: clientId });
    const all = [own, matched(need), matched(food)];
    const cases: [typeof other, string[]][] = [[counsellor, all], [await who(agency, 'supervisor'), all], [client, all], [other, [matched(food)]], [stranger, []]];
    for (const [by, expected] of cases) {
      const single = await Promise.all(all.map(async (id) => ((await by.get(`${path}/${id}`)).status === 200 ? [id] : [])));
      const { status, body } = await options(clientId, by);
      expect([single.flat().sort(), status === 200 ? body.recorded.map(({ id }: any) => id).sort() : []]).toEqual([[...expected].sort(), [...expected].sort()]);
    }
  });

  it('say when there is more, and page on', async () => {
    const { need, path } = await person();
    for (const conclusion of ['one', 'two', 'three']) ok(await counsellor.post(path, { needs: [need], conclusion }));
    const first = await counsellor.get(`${path}?limit=2`);
    expect(first.body.recorded.map(({ conclusion }: any) => conclusion)).toEqual(['three', 'two']);
    const { body } = await counsellor.get(`${path}?limit=2&cursor=${first.body.next}`);
    expect(body.recorded.map(({ conclusion }: any) => conclusion)).toEqual(['one']);
    expect(body.needs).toHaveLength(1);
    expect(body).not.toHaveProperty('next');
    expect(await counsellor.get(`${path}?cursor=x`)).toMatchObject({ status: 422, body: { code: 'cursor-invalid' } });
  });

  it('take the id that a device made, once', async () => {
    const { clientId, need, path } = await person();
    const id = newId();
    expect(ok(await counsellor.post(path, { id, needs: [need], conclusion: 'x' })).body.id).toBe(id);
    expect(await counsellor.post(path, { id, needs: [need], conclusion: 'y' })).toMatchObject({ status: 409, body: { code: 'id-taken' } });
    ok(await counsellor.post(`${path}/${id}/enter-in-error`, { reason: 'typing-error' }));
    expect(await counsellor.post(path, { id, needs: [need], conclusion: 'y' })).toMatchObject({ status: 409, body: { code: 'id-taken' } });
    const [{ recommendationId }] = (await options(clientId)).body.needs[0].options;
    expect(await counsellor.post(path, { id: recommendationId, needs: [need], conclusion: 'y' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/id' }] } });
  });
});
