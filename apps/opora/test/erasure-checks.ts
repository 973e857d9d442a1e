import { eventually } from '@opora/testing';
import type { ChildProcess } from 'node:child_process';
import type pg from 'pg';
import { playJourney } from '../src/demo/journey.js';
import type { Place } from './journey-checks.js';
import { startProbe, type Probing } from './probe-life.js';
import { staff } from './staff.js';

/** Nobody is called this, and nobody says this: whatever of it is found was not forgotten. */
const canary = { given: 'Kanareika', family: 'Zholtopuzova', birthDate: '1961-07-19', phone: '+79995550137', street: 'Kletochnaya 77' };
const words = { ownAim: 'Хочу жить у Синего моря', party: 'ООО «Желторотик»', summary: 'Vozrazhenia bez pticy', objection: 'Nikogda ne pel', answer: 'Ne pel i ne letal', opening: 'Upal s zherdochki' };
const texts = [canary.given, canary.family, '9995550137', canary.street, canary.birthDate, 'zholtopuzova', 'Синего моря', 'Желторотик', words.summary, words.objection, words.answer, words.opening];

/** Where the number of an erased person, or of one of the records, may stand: it names nothing any more. */
const MARKS = ['event_log.erased', 'gateway.erased', 'intake.erasure', '.head', '.kept_record', '.display_audit', '.audit', '.fact:erasure', '.fact:intake.erasure'];

/** Where the person is to be erased, and what else can be searched there. */
export interface Erased extends Place {
  readonly database: pg.Pool;
  /** How a foreign module reaches the others there. */
  foreign(): Promise<Pick<Probing, 'port' | 'environment'>>;
  /** Everything that the place has written, but for its tables. */
  files(): Promise<string>;
  /** Whatever Kafka still gives to a reader who starts from the beginning, opened with every key that can still be had; undefined without it. */
  topics(): Promise<string | undefined>;
  /** Ends every process and starts them again. */
  restart(): Promise<void>;
  /** The gateway forgets all it knows and hears everything again from the beginning. */
  rebuildGateway(): Promise<void>;
}

/** `bare`: without nulls, which name the key that they erase and nothing else. */
const rowsWith = async (database: pg.Pool, needles: readonly string[], bare = false): Promise<string[]> => {
  const { rows: tables } = await database.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1, 2`);
  const found: string[] = [];
  for (const { schema, name } of tables) {
    const { rows: columns } = await database.query<{ name: string; type: string }>('select column_name as name, data_type as type from information_schema.columns where table_schema = $1 and table_name = $2', [schema, name]);
    const text = columns.map(({ name: c, type }) => (type === 'bytea' ? `encode("${c}", 'escape')` : `"${c}"::text`)).join(', ');
    const { rows } = await database.query<{ row: string }>(`select concat_ws(' ', ${text}) as row from "${schema}"."${name}" where ${bare && columns.some((column) => column.name === 'value') ? 'value is not null and ' : ''}concat_ws(' ', ${text}) ilike any($1)`, [needles.map((needle) => `%${needle}%`)]);
    found.push(...rows.map(({ row }) => `${schema}.${name}: ${row.slice(0, 600)}`));
  }
  return found;
};

/** bytea is shown in its escaped form: letters beyond ASCII are looked for in their bytes. */
const escaped = (needle: string): string[] => [needle, [...Buffer.from(needle)].map((byte) => (byte < 128 ? String.fromCharCode(byte) : `\\\\${byte.toString(8)}`)).join('')];

/** A person with something in every module is erased, and then looked for everywhere. */
export const erasureHolds = (place: () => Erased): void => {
  let foreigner: ChildProcess | undefined;
  afterAll(() => { foreigner?.kill('SIGKILL'); });

  it('forgets a person everywhere but where the law orders to keep, and stays so after a restart and a replay', async () => {
    const { database } = place();
    const [worker, supervisor] = [await place().as(staff.intake), await place().as(staff.supervisor)];
    const foreign = { place: place(), ...await place().foreign() };
    const meet = () => startProbe(foreign, 'active', (child) => { foreigner = child; });
    let probe = await meet();
    await eventually(() => worker.get('/v1/modules'), ({ body }) => body.items.some((one: any) => one.module === 'probe'));
    const clientId = await playJourney({ ...place(), say: () => undefined, client: canary, words });
    const other = await playJourney({ ...place(), say: () => undefined });
    // Somebody else's record names the person, and a fact about the person lies among the dead letters.
    const { body: named } = await worker.post('/v1/intake/clients', { names: { status: 'known', value: [{ use: 'official', given: 'Inna', family: 'Inaya' }] }, birthDate: { status: 'known', value: '1980-02-02' }, notDuplicateOf: [clientId] });
    await database.query(`insert into legal_aid.dead_letter (topic, key, position, headers, value, status, code) values ('opora.intake.v1', $1, '1', '{}', $2, 'parked', 'x'), ('opora.plan-entries.v1', 'x', '2', '{}', $2, 'dead', 'y')`,
      [clientId, Buffer.from(JSON.stringify({ clientId, name: canary.family }))]);

    await leaveTraces(place(), clientId);
    const records = await recordsOf(database, clientId);
    expect(records.length).toBeGreaterThan(9);
    expect((await rowsWith(database, texts)).length).toBeGreaterThan(3);
    const said = await place().topics();
    if (said !== undefined) expect(records.filter((id) => said.includes(id)).length).toBeGreaterThan(9);

    // Each kind of record about a person has a term, or goes with the person.
    for (const module of ['intake', 'counselling', 'legal-aid']) {
      const { rows } = await database.query<{ kind: string }>(`select distinct replace(aggregate, ' ', '-') as kind from ${module.replace('-', '_')}.fact where data->>'clientId' = $1`, [clientId]);
      const { body: rules } = await (await place().as({ ...staff.supervisor })).get(`/v1/${module}/retention/rules`);
      expect([module, rows.map(({ kind }) => kind).filter((kind) => !rules.items.some((rule: any) => rule.recordType === kind || rule.takes?.includes(kind)))]).toEqual([module, []]);
    }

    const { body: asked, status } = await worker.post('/v1/intake/erasures', { clientId, reason: 'person-asked' });
    expect(status).toBe(201);
    expect((await worker.post('/v1/intake/erasures', { clientId, reason: 'person-asked' })).body.code).toBe('erasure-exists');
    // A module that is down is waited for, by name, and erases when it is back.
    await probe.kill();
    expect((await supervisor.post(`/v1/intake/erasures/${asked.id}/confirm`, {})).status).toBe(200);
    await eventually(() => worker.get(`/v1/intake/erasures/${asked.id}`), ({ body }) => body.status === 'running' && body.waitsFor.join() === 'probe', 60_000);
    probe = await meet();
    const done = await eventually(() => worker.get(`/v1/intake/erasures/${asked.id}`), ({ body }) => body.status === 'completed', 60_000);
    expect(done.body.answers.map((answer: any) => answer.module)).toEqual(expect.arrayContaining(['counselling', 'gateway', 'intake', 'legal-aid', 'probe']));
    await probe.kill();
    expect(done.body.answers.flatMap(({ module, kept }: any) => kept.map((one: any) => `${module} ${one.recordType} ${one.legalBasis}`))).toEqual(['legal-aid matter claims']);

    const search = async () => {
      const inTables = await rowsWith(database, texts.flatMap(escaped));
      expect(inTables.filter((row) => !row.startsWith('legal_aid.kept_record:'))).toEqual([]);
      expect(inTables.some((row) => row.startsWith('legal_aid.kept_record:'))).toBe(true);
      const numbers = (await rowsWith(database, [clientId, ...records], true)).filter((row) => !MARKS.some((mark) => row.split(' ')[0]!.includes(mark)) && !/intake\.erasure-|opora\.erasure\.|erasure /.test(row));
      expect(numbers).toEqual([]);
      const outside = await place().files();
      expect([...texts, ...records].filter((needle) => outside.includes(needle))).toEqual([]);
      await eventually(async () => { const all = await place().topics(); return [...texts, ...records].filter((needle) => all?.includes(needle)); }, (found) => found.length === 0, 60_000);
    };
    const gone = async () => {
      const [counsellor, lawyer, again] = [await place().as(staff.counsellor), await place().as(staff.lawyer), await place().as(staff.intake)];
      // Others stay as they were.
      await eventually(() => counsellor.get(`/v1/clients/${other}/plan`), ({ body }) => body.sections?.[0]?.state === 'active', 40_000);
      await eventually(() => again.get(`/v1/intake/clients/${named.id}`), ({ status: known }) => known === 200, 40_000);
      expect((await counsellor.get(`/v1/clients/${clientId}/plan`)).status).toBe(404);
      expect((await again.get(`/v1/intake/clients/${clientId}`)).status).toBe(404);
      expect((await eventually(() => lawyer.get(`/v1/legal-aid/matters?clientId=${clientId}`), ({ status: up }) => up === 200, 40_000)).body.items).toEqual([]);
    };
    await eventually(() => database.query(`select 1 from intake.consent_record where client_id = $1`, [clientId]), ({ rows }) => rows.length === 0, 20_000);
    await settled(database);
    await search();
    await gone();
    await place().restart();
    await search();
    await gone();
    await place().rebuildGateway();
    await gone();
    await search();
    // The number is not given away again.
    expect((await (await place().as(staff.intake)).post('/v1/intake/clients', { id: clientId, names: { status: 'not-asked' }, birthDate: { status: 'not-asked' } })).status).toBe(404);
  }, 240_000);
};

/** Whatever else the platform remembers of somebody: what they objected to, who opened the record, what was proposed, asked twice, printed and taken along. */
const leaveTraces = async (place: Erased, clientId: string): Promise<void> => {
  const { database } = place;
  const [self, supervisor, stranger] = [await place.as({ sub: 'account-7', agency: 'centre', roles: ['client'], opora_client: clientId }), await place.as(staff.supervisor), await place.as({ sub: 'elsa', agency: 'elsewhere', roles: ['intake-worker'] })];
  const { rows: [need] } = await database.query<{ id: string }>('select id from intake.need where client_id = $1 limit 1', [clientId]);
  const objected = await self.post('/v1/me/objections', { module: 'intake', about: need!.id, text: words.objection }, { 'idempotency-key': 'pticy' });
  expect(objected.status).toBe(201);
  expect((await supervisor.post(`/v1/intake/objections/${objected.body.objection.id}/answer`, { outcome: 'upheld', text: words.answer })).status).toBe(200);
  expect((await stranger.post(`/v1/intake/clients/${clientId}/openings`, { reason: 'danger-to-life', text: words.opening, minutes: 5 }, { 'idempotency-key': 'zherdochka' })).status).toBe(201);
  for (const path of ['/v1/me/export', '/v1/me/consents', '/v1/me/plan', '/v1/me/access-log', '/v1/me/objections']) expect([path, (await self.get(path)).status]).toEqual([path, 200]);
  const { rows: [consent] } = await database.query<{ id: string }>(`select state->'consents'->0->>'consentId' as id from intake.consent_record where client_id = $1`, [clientId]);
  const receipt = `/v1/intake/clients/${clientId}/consents/${consent!.id}/receipt`;
  expect([receipt, (await supervisor.get(receipt)).status, (await supervisor.get(`${receipt}`, { accept: 'text/html' })).status]).toEqual([receipt, 200, 200]);
  // As the run proposes it: the need's time is not over yet.
  await database.query(`insert into intake.retention_proposal (id, record_type, record_id, person_id, agency, legal_basis, due_since, proposed_at) values (gen_random_uuid(), 'need', $1, $2, 'centre', 'purpose-reached', now(), now())`, [need!.id, clientId]);
  for (const table of ['objection', 'idempotency', 'retention_proposal', 'client_match_key', 'display_audit']) expect([table, (await database.query(`select from intake.${table}`)).rowCount]).not.toEqual([table, 0]);
};

/** Ids of everything that the modules keep about the person. */
const recordsOf = async (database: pg.Pool, clientId: string): Promise<string[]> => {
  const { rows } = await database.query<{ id: string }>(['intake', 'counselling', 'legal_aid'].map((schema) => `select aggregate_id::text as id from ${schema}.fact where data->>'clientId' = $1 union select split_part(key, '/', 2) from ${schema}.snapshot where body->>'clientId' = $1`).join(' union '), [clientId]);
  return rows.map(({ id }) => id).filter((id) => id !== clientId && id !== '');
};

/** Published rows leave the outbox after a minute; here they need not. */
const settled = async (database: pg.Pool): Promise<void> => {
  for (const schema of ['intake', 'counselling', 'legal_aid', 'gateway']) {
    await eventually(() => database.query(`select 1 from ${schema}.outbox where published_at is null`), ({ rows }) => rows.length === 0, 20_000);
  }
};
