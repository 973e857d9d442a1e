import { consentsChanged, planEntryRecorded, topics } from '@opora/contracts';
import { Erasing, Heads, newId, NOBODY, type AnyStore, type Event, type Keeps } from '../src/index.js';
import { holdSession, openCourse, startExampleService, type ExampleService } from './example-service.js';

describe('Erasing a person', () => {
  let service: ExampleService;
  let erasing: Erasing;
  let anna: string;
  let boris: string;
  let course: string;
  const entry = newId();
  const nothing: Keeps = () => undefined;
  const rows = (sql: string, ...parameters: unknown[]) => service.database.query<Record<string, unknown>>(sql, parameters);
  const everything = async (): Promise<string> => {
    const tables = await service.test.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'example'`);
    const texts = await Promise.all(tables.map(async ({ name }) => (await service.test.query<{ row: string }>(`select '${name} ' || to_jsonb(t)::text as row from example.${name} t`)).map(({ row }) => row)));
    return texts.flat().join('\n');
  };

  beforeEach(async () => {
    service = await startExampleService();
    erasing = new Erasing(service.database, service.outbox, [service.store as unknown as AnyStore], service.clock);
    [anna, boris, course] = [newId(), newId(), newId()];
    await service.store.change(course, service.store.act('worker-1'), openCourse(anna, { [entry]: 'shown' }));
    await service.store.change(newId(), service.store.act('worker-1'), openCourse(boris));
  });
  afterEach(() => service.close());

  it('takes records, facts, snapshots, and what waits in the outbox; and says that the plan’s entries are erased', async () => {
    await erasing.erase([anna], nothing, { gone: false });
    expect(await service.counts()).toMatchObject({ course: 1, fact: 1, snapshot: 0 });
    expect(await rows('select topic, key, value from outbox where headers->>\'ce_subject\' = $1', course)).toEqual([{ topic: topics.planEntries.name, key: `example/${entry}`, value: null }]);
    expect(await everything()).not.toContain(anna);
  });

  it('changes nothing the second time', async () => {
    for (let i = 0; i < 2; i += 1) await erasing.erase([anna], nothing, { gone: false });
    expect(await service.counts()).toMatchObject({ course: 1, fact: 1, outbox: 2 });
  });

  it('takes letters that name the person in key, headers or content, whatever became of them, and remembered requests', async () => {
    const letter = (n: number, key: string, headers: object, value: string, status: string) => rows(
      `insert into dead_letter (topic, key, position, headers, value, status, code) values ('t', $1, $2, $3, convert_to($4, 'UTF8'), $5, 'x')`, key, String(n), JSON.stringify(headers), value, status);
    await letter(1, anna, {}, '{', 'dead');
    await letter(2, 'x', {}, JSON.stringify({ clientId: anna }), 'parked');
    await letter(3, 'x', { ce_subject: course }, '', 'redriven');
    await letter(4, boris, {}, '{}', 'discarded');
    await rows(`insert into idempotency (scope, request_hash, location, plan_entry) values ('a', 'h', $1, null), ('b', 'h', null, $2), ('c', 'h', $3, null)`, `/v1/example/courses/${course}`, `example/${course}@1`, `/v1/example/clients/${boris}`);
    await erasing.erase([anna], nothing, { gone: false });
    expect(await rows('select position from dead_letter')).toEqual([{ position: '4' }]);
    expect(await rows('select scope from idempotency')).toEqual([{ scope: 'c' }]);
  });

  it('keeps aside, with their history, what law orders to keep, and what somebody put a hold on', async () => {
    const held = newId();
    await service.store.change(held, service.store.act('worker-1'), openCourse(anna));
    await service.store.change(course, service.store.act('worker-1'), holdSession);
    await rows(`insert into legal_hold (id, person_id, record_id, agency, reason, placed_by, placed_at) values ($1, $2, $3, 'centre', 'claim', 's', now())`, newId(), anna, held);
    await erasing.erase([anna], ({ recordType, lastFact: { type } }) => type === 'example.session-held' && recordType === 'course' ? { legalBasis: 'claims', until: '2031-01-01' } : undefined, { gone: false });
    expect(await erasing.kept([anna])).toEqual([{ recordType: 'course', legalBasis: 'claims', until: '2031-01-01' }, { recordType: 'course', legalBasis: 'hold:claim' }]);
    expect(await rows('select jsonb_array_length(facts) as facts from kept_record where record_id = $1', course)).toEqual([{ facts: 2 }]);
    expect(await service.store.load(course)).toBeUndefined();
  });

  it('takes what was proposed of the person, and leaves receipts, which name nobody', async () => {
    const propose = (person: string | null, confirmed: string | null) => rows(
      `insert into retention_proposal (id, record_type, record_id, person_id, agency, legal_basis, due_since, proposed_at, confirmed_at) values ($1, 'course', $2, $3, 'centre', 'x', '2026-01-01', now(), $4)`, newId(), newId(), person, confirmed);
    for (const [person, confirmed] of [[anna, null], [boris, null], [null, '2026-02-01']] as const) await propose(person, confirmed);
    await erasing.erase([anna], nothing, { gone: false });
    expect(await rows('select person_id from retention_proposal order by person_id')).toEqual([{ person_id: boris }, { person_id: null }]);
  });

  it('lets records of others that named the person name nobody', async () => {
    await rows(`update course set state = jsonb_set(state, '{friend}', to_jsonb($1::text)) where client_id = $2`, anna, boris);
    await rows(`update fact set on_behalf_of = $1, own = jsonb_build_object('friend', $1::text) where data->>'clientId' = $2`, anna, boris);
    await erasing.erase([anna], nothing, { gone: false });
    expect(await rows(`select state->>'friend' as friend from course`)).toEqual([{ friend: NOBODY }]);
    expect(await rows(`select on_behalf_of, own->>'friend' as friend from fact`)).toEqual([{ on_behalf_of: NOBODY, friend: NOBODY }]);
    expect(await everything()).not.toContain(anna);
  });

  it('reads only the records whose facts name the person, and every snapshot of a consent state', async () => {
    const [said, silent] = await Promise.all(['course', 'course'].map(async () => {
      const id = newId();
      await service.store.change(id, service.store.act('worker-1'), openCourse(newId()));
      return id;
    })) as [string, string];
    await rows(`update fact set own = jsonb_build_object('words', 'a letter to ' || $1::text || ', and to ' || $2::text) where aggregate_id = $3`, anna, boris, said);
    await rows(`update course set state = jsonb_set(state, '{words}', to_jsonb('a letter to ' || $1::text)) where id = $2`, anna, said);
    await rows(`insert into snapshot (topic, key, version, hash, aggregate_id, aggregate_version, agency, body, recorded_at) values ($1, $2, 1, 'h', $3, 1, 'centre', jsonb_build_object('barred', $4::text), now())`, topics.consents.name, newId(), silent, anna);
    await erasing.erase([anna, newId()], nothing, { gone: false });
    expect(await everything()).not.toContain(anna);
    expect(await rows(`select own->>'words' as words from fact where aggregate_id = $1`, said)).toEqual([{ words: `a letter to ${NOBODY}, and to ${boris}` }]);
  });

  it('is for good: nothing new of the person is recorded, and a late entry of the plan is not kept', async () => {
    const heads = new Heads(service.database);
    const heard = (data: object | null): Event => ({ id: newId(), source: 'x', type: consentsChanged.type, topic: topics.consents.name, key: anna, subject: anna, time: service.clock.now(), sequence: 1, data });
    await heads.apply(heard({ clientId: anna, version: 1, recordedAt: service.clock.now(), consents: [], aliases: [] }));
    await heads.apply(heard(null));
    await erasing.erase([anna], nothing, { gone: true });
    await expect(service.store.change(newId(), service.store.act('worker-1'), openCourse(anna))).rejects.toMatchObject({ code: 'not-found' });
    await heads.apply({ ...heard({ clientId: anna, version: 1 }), type: planEntryRecorded.type, topic: topics.planEntries.name, key: `other/${newId()}` });
    expect(await heads.ofClients(topics.planEntries.name, [anna])).toEqual([]);
  });
});
