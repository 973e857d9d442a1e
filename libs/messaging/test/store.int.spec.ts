import { planEntryRecorded } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { newId } from '../src/index.js';
import { courses, holdSession, openCourse, showEntries, startExampleService, type ExampleService } from './example-service.js';

describe('Store', () => {
  let service: ExampleService;
  beforeAll(async () => { service = await startExampleService(); });
  afterAll(() => service?.close());

  const act = () => service.store.act('worker-1');
  const refusal = (work: Promise<unknown>) => work.then(() => 'done', (error: unknown) => error instanceof DomainError ? `${error.kind} ${error.code}` : error);
  const facts = (id: string) => service.database.query<{ sequence: number; type: string }>('select sequence, type from fact where aggregate_id = $1 order by sequence', [id]);
  const versions = (entryId: string) => service.database.query<{ version: number; at: string; aggregate_version: number }>(
    `select version, aggregate_version, body->>'recordedAt' as at from snapshot where key = $1 order by version`, [`example/${entryId}`]);

  it('lets twenty callers change one aggregate at the same time: nobody is refused, nothing is lost', async () => {
    const id = await service.opened();
    const results = await Promise.all(Array.from({ length: 20 }, () => service.store.change(id, act(), holdSession)));
    expect(results.map(({ version }) => version).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    expect(await service.store.load(id)).toMatchObject({ version: 21, state: { sessions: 20 } });
    expect((await facts(id)).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    const told = await service.database.query<{ sequence: string }>(`select headers->>'ce_sequence' as sequence from outbox where headers->>'ce_subject' = $1 order by seq`, [id]);
    expect(told.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  });

  it('refuses a change of another version than the expected one, also when several expect the same', async () => {
    const id = await service.opened();
    expect(await refusal(service.store.change(id, act(), holdSession, { expectedVersion: 7 }))).toBe('stale stale-version');
    expect(await refusal(service.store.change(newId(), act(), openCourse(newId()), { expectedVersion: 1 }))).toBe('stale stale-version');
    const results = await Promise.all(Array.from({ length: 5 }, () => refusal(service.store.change(id, act(), holdSession, { expectedVersion: 1 }))));
    expect(results.sort()).toEqual(['done', ...Array.from({ length: 4 }, () => 'stale stale-version')]);
  });

  it('lets one of several create an aggregate, and says to the others that it happened at once', async () => {
    const id = newId();
    const results = await Promise.all(Array.from({ length: 8 }, () => refusal(service.store.change(id, act(), openCourse(newId())))));
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(results.filter((result) => result !== 'done' && result !== 'conflict changed-at-once' && result !== 'conflict already-open')).toEqual([]);
    expect(await facts(id)).toHaveLength(1);
  });

  it('refuses an id under which something of another kind stands', async () => {
    const id = await service.opened();
    await service.database.query('delete from course where id = $1', [id]);
    const before = await service.counts();
    expect(await refusal(service.store.change(id, act(), openCourse(newId())))).toBe('conflict id-taken');
    expect(await service.counts()).toEqual(before);
  });

  it('writes nothing for a decision without facts, and answers with what there is', async () => {
    const entryId = newId();
    const id = await service.opened({ [entryId]: 'advice' });
    const before = await service.counts();
    expect(await service.store.change(id, act(), () => [])).toMatchObject({ id, version: 1, entry: `example/${entryId}@1` });
    expect(await service.counts()).toEqual(before);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['the decision', (id) => service.store.change(id, act(), () => { throw new DomainError('conflict', 'no-session-held', 'Hold one first'); })],
    ['the contract of the second fact', (id) => service.store.change(id, act(), () => [{ type: 'example.session-held', data: { number: 1 } }, { type: 'example.session-held', data: { number: 0 } }])],
    ['what the service says', (id) => service.store.change(id, act(), () => [{ type: 'example.unheard-of', data: {} } as never])],
    ['an entry that has gone', (id) => service.store.change(id, act(), showEntries({}))],
    ['an entry that does not fit its contract', (id) => service.store.change(id, act(), showEntries({ 'no-uuid': 'advice' }))],
    ['whoever opened the transaction', (id) => service.database.transaction(async () => {
      await service.store.change(id, act(), holdSession);
      await service.store.change(newId(), act(), openCourse(newId()));
      throw new Error('no');
    })],
    ['a second store in the same transaction', (id) => service.database.transaction(async () => {
      await service.storeWith({ name: 'another' }).change(newId(), act(), openCourse(newId(), { [newId()]: 'advice' }));
      await service.store.change(id, act(), openCourse(newId()));
    })],
  ])('leaves nothing half-written when %s refuses', async (_, work) => {
    const id = await service.opened({ [newId()]: 'advice' });
    const before = await service.counts();
    const stored = await service.store.load(id);
    await expect(work(id)).rejects.toThrow();
    expect(await service.counts()).toEqual(before);
    expect(await service.store.load(id)).toEqual(stored);
  });

  it('says nothing that is too large for a broker, and writes nothing of what was to be said with it', async () => {
    const before = await service.counts();
    const say = (...keys: string[]) => service.database.transaction(() => service.outbox.add(keys.map((key) => (
      { contract: planEntryRecorded, key, subject: key, time: service.clock.now(), sequence: 1, data: null }))));
    await expect(say('example/1', 'x'.repeat(512 * 1024))).rejects.toMatchObject({ name: 'UnfitFact', code: 'fact-too-large' });
    expect(await service.counts()).toEqual(before);
    await say('x'.repeat(100 * 1024));
    expect(await service.counts()).toEqual({ ...before, outbox: before['outbox']! + 1 });
  });

  it('keeps who recorded a fact, when it happened, and what must not leave', async () => {
    const [id, entryId] = [newId(), newId()];
    const at = '2026-02-01T08:00:00.000Z';
    await service.store.change(id, { ...act(), at, onBehalfOf: 'relative-1' }, openCourse(newId(), { [entryId]: 'advice' }));
    const [fact] = await service.database.query('select recorded_by, on_behalf_of, at, recorded_at, own from fact where aggregate_id = $1', [id]);
    expect(fact).toMatchObject({ recorded_by: 'worker-1', on_behalf_of: 'relative-1', at: new Date(at), own: { entries: { [entryId]: 'advice' } } });
    const [told] = await service.database.query<{ value: string }>(`select value from outbox where headers->>'ce_subject' = $1 and topic = 'opora.example.v1'`, [id]);
    expect(Object.keys(JSON.parse(told!.value))).toEqual(['clientId']);
  });

  it('gives an entry a new version only when its body changes', async () => {
    const [one, other] = [newId(), newId()];
    const id = await service.opened({ [one]: 'advice', [other]: 'advice' });
    expect(await service.store.change(id, act(), holdSession)).toMatchObject({ version: 2, entry: `example/${one}@1` });
    expect(await service.store.change(id, act(), showEntries({ [one]: 'advice', [other]: 'court' }))).toMatchObject({ version: 3, entry: `example/${other}@2` });
    expect(await versions(one)).toMatchObject([{ version: 1, aggregate_version: 1 }]);
    expect(await versions(other)).toMatchObject([{ version: 1, aggregate_version: 1 }, { version: 2, aggregate_version: 3 }]);
  });

  it('never lets the recorded time of an entry go back, whatever the clock says', async () => {
    const entryId = newId();
    const id = await service.opened({ [entryId]: 'a' });
    const early = { by: 'worker-1', recordedAt: '2020-01-01T00:00:00.000Z', at: '2020-01-01T00:00:00.000Z' };
    await service.store.change(id, early, showEntries({ [entryId]: 'b' }));
    service.clock.advance({ minutes: 1 });
    await service.store.change(id, act(), showEntries({ [entryId]: 'c' }));
    const [first, second, third] = await versions(entryId);
    expect(second!.at).toBe(first!.at);
    expect(third!.at > first!.at).toBe(true);
  });

  it('says every version of every entry again, in order, and changes none', async () => {
    const entryId = newId();
    const id = await service.opened({ [entryId]: 'a' });
    for (const code of ['b', 'c']) await service.store.change(id, act(), showEntries({ [entryId]: code }));
    const before = await versions(entryId);
    const { snapshot } = await service.counts();
    await service.database.query('delete from outbox');
    expect(await service.snapshots.republish(() => planEntryRecorded)).toBe(snapshot);
    const again = await service.database.query<{ value: string }>('select value from outbox where key = $1 order by seq', [`example/${entryId}`]);
    expect(again.map(({ value }) => JSON.parse(value) as object)).toMatchObject([{ version: 1, title: { code: 'a' } }, { version: 2, title: { code: 'b' } }, { version: 3, title: { code: 'c' } }]);
    expect(await versions(entryId)).toEqual(before);
  });

  it('publishes what new code says otherwise of an old state, once, without a new version of the aggregate', async () => {
    const entryId = newId();
    const id = await service.opened({ [entryId]: 'a' });
    const deployed = service.storeWith({ planEntries: (course) => courses.planEntries!(course).map((entry) => ({ ...entry, phase: 'ended' })) });
    await Promise.all([deployed.refresh(), deployed.refresh()]);
    expect(await versions(entryId)).toMatchObject([{ version: 1 }, { version: 2 }]);
    expect(await service.store.load(id)).toMatchObject({ version: 1 });
    await expect(service.storeWith({ planEntries: () => [] }).refresh()).rejects.toThrow('Published once, never gone');
  });
});
