import { startHarness, type Caller, type Harness } from '@opora/testing';
import fc from 'fast-check';
import { Intake } from '../src/intake.module.js';

let harness: Harness;
let worker: Caller;
let supervisor: Caller;

beforeAll(async () => {
  harness = await startHarness([Intake], { agency: 'centre' });
  worker = await harness.as('intake', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  supervisor = await harness.as('intake', { sub: 'head-1', agency: 'centre', roles: ['supervisor'] });
});

afterAll(() => harness?.close());

const v1 = '/v1/intake';
const PEOPLE = 5;

const steps = fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('merge' as const), fc.nat(PEOPLE - 1), fc.nat(PEOPLE - 1)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('undo' as const), fc.nat(20)) },
), { minLength: 1, maxLength: 10 });

/** Whatever can be asked about who is who. */
const standing = async (ids: readonly string[]) => {
  const seen = await Promise.all(ids.map(async (id) => {
    const { body, headers } = await worker.get(`${v1}/clients/${id}`);
    return { body, etag: headers.get('etag') };
  }));
  const states = await harness.database.query<{ state: { clientId: string; aliases?: string[] } }>('select state from intake.consent_record where client_id = any($1)', [ids]);
  return { seen, aliases: new Map(states.map(({ state }) => [state.clientId, state.aliases ?? []])) };
};

/** What was recorded before, as it was recorded: rows only come. */
const history = async (ids: readonly string[]) => (await harness.database.query<{ row: string }>(
  `select f::text as row from intake.fact f where f.data->>'clientId' = any($1) order by recorded_at, aggregate_id, sequence`, [ids])).map(({ row }) => row);

const isForest = (parents: ReadonlyMap<string, string>): boolean => [...parents.keys()].every((id) => {
  const above = new Set<string>();
  for (let at: string | undefined = id; at !== undefined; at = parents.get(at)) {
    if (above.has(at)) return false;
    above.add(at);
  }
  return true;
});

it('whatever is merged and parted: a forest, one survivor for a person, every undoing exact, and history only grows', async () => {
  await fc.assert(fc.asyncProperty(steps, async (plan) => {
    const ids = await Promise.all(Array.from({ length: PEOPLE }, async () => (await worker.post(`${v1}/clients`, { anonymous: true })).body.id as string));
    const parents = new Map<string, string>();
    // `before` is known while nothing older was undone since.
    const merges: { id: string; merged: string; before?: unknown }[] = [];
    let told = await history(ids);

    const rootOf = (id: string): string => (parents.has(id) ? rootOf(parents.get(id)!) : id);
    const below = (id: string): string[] => [...parents].filter(([, above]) => above === id).flatMap(([child]) => [child, ...below(child)]).sort();

    const merge = async (merged: string, surviving: string): Promise<void> => {
      const before = (await standing(ids)).seen;
      const { status, body } = await worker.post(`${v1}/record-merges`, { mergedId: merged, survivingId: surviving, reason: 'other' });
      expect(status).toBe(merged === surviving ? 422 : parents.has(merged) || parents.has(surviving) ? 409 : 201);
      if (status !== 201) return;
      expect((await supervisor.post(`${v1}/record-merges/${body.id}/confirm`, {})).status).toBe(200);
      parents.set(merged, surviving);
      merges.push({ id: body.id, merged, before });
    };

    const undo = async (at: number): Promise<void> => {
      const [one] = merges.splice(at, 1);
      await worker.post(`${v1}/record-merges/${one!.id}/propose-undo`, { reason: 'two-people' });
      expect((await supervisor.post(`${v1}/record-merges/${one!.id}/confirm-undo`, {})).status).toBe(200);
      parents.delete(one!.merged);
      const later = merges.slice(at);
      if (later.length === 0 && one!.before) expect((await standing(ids)).seen).toEqual(one!.before);
      later.forEach((other) => { other.before = undefined; });
    };

    for (const step of plan) {
      if (step[0] === 'merge') await merge(ids[step[1]]!, ids[step[2]]!);
      else if (merges.length > 0) await undo(step[1] % merges.length);
      expect(isForest(parents)).toBe(true);
      const { seen, aliases } = await standing(ids);
      for (const [at, id] of ids.entries()) {
        const root = rootOf(id);
        const { aliases: shown, mergedInto } = seen[at]!.body;
        expect({ shown, mergedInto, named: aliases.get(id) ?? [] }).toEqual({ shown: root === id ? below(id) : [], mergedInto: root === id ? undefined : root, named: below(id) });
      }
      const now = await history(ids);
      expect(now.filter((row) => told.includes(row))).toEqual(told);
      told = now;
    }
  }), { numRuns: 15 });
}, 120_000);
