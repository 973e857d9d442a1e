import { eventually, startHarness, type Harness } from '@opora/testing';
import { Intake } from '../src/intake.module.js';
import { Reactions } from '../src/reactions.js';

describe('Erasing a person', () => {
  let harness: Harness;
  beforeAll(async () => { harness = await startHarness([Intake], { agency: 'centre' }); });
  afterAll(() => harness?.close());

  const person = { names: { status: 'known', value: [{ use: 'official', given: 'Kanareika', family: 'Zholtopuzova' }] }, birthDate: { status: 'unknown' } };
  const as = (sub: string, ...roles: string[]) => harness.as('intake', { sub, roles });
  const tablesWith = async (needle: string): Promise<string[]> => {
    const tables = await harness.database.query<{ name: string }>(`select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema in ('intake', 'event_log') and table_type = 'BASE TABLE'`);
    const hits = await Promise.all(tables.map(async ({ name }) => {
      const text = name === 'event_log.record' ? `key || headers::text || coalesce(convert_from(value, 'UTF8'), '')` : 'to_jsonb(t)::text';
      return (await harness.database.query(`select 1 from ${name} t where position($1 in ${text}) > 0 limit 1`, [needle])).length > 0 ? [name] : [];
    }));
    return hits.flat();
  };

  it('takes two people, is answered by every module, and the key goes last', async () => {
    const [worker, supervisor, another] = [await as('irina', 'intake-worker', 'supervisor'), await as('svetlana', 'supervisor'), await harness.as('intake', { sub: 'x', roles: ['supervisor'], agency: 'elsewhere' })];
    await eventually(() => harness.database.query(`select 1 from intake.head where topic = 'opora.modules.v1'`), (rows) => rows.length === 1);
    const { body: { id: clientId } } = await worker.post('/v1/intake/clients', person);
    const [{ key }] = await harness.database.query<{ key: string }>(`select state->>'key' as key from intake.consent_record where client_id = $1`, [clientId]) as [{ key: string }];
    await eventually(() => tablesWith(key), (names) => ['intake.consent_record', 'intake.snapshot', 'intake.head', 'event_log.record'].every((name) => names.includes(name)));

    const { body: asked } = await worker.post('/v1/intake/erasures', { clientId, reason: 'person-asked' });
    expect((await worker.post(`/v1/intake/erasures/${asked.id}/confirm`, {})).body.code).toBe('second-person-needed');
    expect((await another.post(`/v1/intake/erasures/${asked.id}/confirm`, {})).status).toBe(404);
    expect((await supervisor.post(`/v1/intake/erasures/${asked.id}/confirm`, {})).body).toMatchObject({ status: 'running', waitsFor: ['intake'] });
    const { body } = await eventually(() => supervisor.get(`/v1/intake/erasures/${asked.id}`), (reply) => reply.body.status === 'completed');
    expect(body).toMatchObject({ askedBy: 'irina', confirmedBy: 'svetlana', waitsFor: [], answers: [{ module: 'intake', kept: [] }] });
    await eventually(() => tablesWith(key), (names) => names.length === 0);
    for (const needle of ['Kanareika', 'Zholtopuzova']) expect(await tablesWith(needle)).toEqual([]);
    expect((await worker.get(`/v1/intake/clients/${clientId}`)).status).toBe(404);
  });

  it('takes all records of a merged person, and is asked for by the one that stands', async () => {
    const [worker, other, supervisor] = [await as('irina', 'intake-worker'), await as('ivan', 'intake-worker', 'supervisor'), await as('svetlana', 'supervisor')];
    const ids = await Promise.all(['one', 'two'].map(async (given) => (await worker.post('/v1/intake/clients', { ...person, names: { status: 'known', value: [{ use: 'official', given, family: `${given}ova` }] } })).body.id as string));
    const [survivingId, mergedId] = ids as [string, string];
    const { body: merge } = await worker.post('/v1/intake/record-merges', { survivingId, mergedId, reason: 'same-person' });
    expect((await other.post(`/v1/intake/record-merges/${merge.id}/confirm`, {})).status).toBe(200);
    expect((await worker.post('/v1/intake/erasures', { clientId: mergedId, reason: 'person-asked' })).body.code).toBe('record-merged');
    const { body: asked } = await worker.post('/v1/intake/erasures', { clientId: survivingId, reason: 'person-asked' });
    expect((await supervisor.post(`/v1/intake/erasures/${asked.id}/confirm`, {})).status).toBe(200);
    await eventually(() => supervisor.get(`/v1/intake/erasures/${asked.id}`), (reply) => reply.body.status === 'completed');
    await eventually(() => harness.database.query('select 1 from intake.consent_record where client_id = any($1) union all select 1 from intake.client where id = any($1) union all select 1 from intake.record_merge where id = $2', [ids, merge.id]), (rows) => rows.length === 0);
  });
});

describe('Keys', () => {
  let harness: Harness;
  let reactions: Reactions;
  const watched = { ...Intake, providers: [...Intake.providers ?? [], { provide: 'watched', inject: [Reactions], useFactory: (found: Reactions) => (reactions = found) }] };
  beforeAll(async () => { harness = await startHarness([watched], { agency: 'centre' }); });
  afterAll(() => harness?.close());

  it('are made once for people whom a version without keys registered, also for more than one round, and for nobody else', async () => {
    const worker = await harness.as('intake', { sub: 'irina', roles: ['intake-worker'] });
    const registered = async () => (await worker.post('/v1/intake/clients', { names: { status: 'not-asked' }, birthDate: { status: 'not-asked' } })).body.id as string;
    const [before, known, wrong] = [await registered(), await registered(), await registered()];
    // As that version left them: no consent record at all, or one without a key; and a client entered in error needs none.
    const intake = harness.database;
    await intake.query(`update intake.consent_record set state = state - 'key' where client_id = $1`, [before]);
    await intake.query(`update intake.client set status = 'entered-in-error' where id = $1`, [wrong]);
    await intake.query(`update intake.consent_record set state = state - 'key' where client_id = $1`, [wrong]);
    await intake.query(`insert into intake.client (id, version, state, agency, status) select gen_random_uuid(), 1, '{}', 'centre', 'registered' from generate_series(1, 201)`);
    const keys = async () => new Map((await intake.query<{ id: string; key: string | null }>(`select c.id, r.state->>'key' as key from intake.client c left join intake.consent_record r on r.client_id = c.id`)).map(({ id, key }) => [id, key]));
    const kept = (await keys()).get(known);

    await Promise.all([reactions.makeMissingKeys(), reactions.makeMissingKeys()]);
    const made = await keys();
    expect([...made].filter(([, key]) => key === null).map(([id]) => id)).toEqual([wrong]);
    expect(new Set(made.values()).size).toBe(made.size);
    expect([...made.values()].every((key) => key === null || Buffer.from(key, 'base64url').length === 32)).toBe(true);
    expect(made.get(known)).toBe(kept);
    // Everybody hears the key with the consent state, once.
    const said = () => intake.query<{ value: Buffer }>(`select value from event_log.record where topic = 'opora.consents.v1' and key = $1 order by seq`, [before]);
    const [last] = (await eventually(said, (rows) => rows.some(({ value }) => String(value).includes(made.get(before)!)))).slice(-1);
    expect(JSON.parse(String(last!.value))).toMatchObject({ clientId: before, key: made.get(before) });

    await reactions.makeMissingKeys();
    expect(await keys()).toEqual(made);
  });
});
