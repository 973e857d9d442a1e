import { given } from '@opora/domain';
import { confirm, confirmUndo, decline, declineUndo, enterInError, evolve, propose, proposeUndo, type RecordMerge } from './record-merge.js';

const at = '2026-03-01T09:30:00.000Z';
const asked = { mergeId: 'm', agency: 'centre', clientId: 'b', mergedId: 'a', reason: 'same-identifier', by: 'irina', at };
const step = (decide: (merge: RecordMerge | undefined) => ReturnType<typeof confirm>) => decide;

const proposed = step((m) => propose(m, asked));
const confirmed = step((m) => confirm(m, { by: 'svetlana', at }));
const undoProposed = step((m) => proposeUndo(m, { by: 'konstantin', at, reason: 'two-people' }));
const after = (...steps: ReturnType<typeof step>[]) => given(evolve, ...steps.reduce<{ facts: ReturnType<typeof confirm>; state?: RecordMerge }>(({ facts, state }, decide) => {
  const more = decide(state);
  return { facts: [...facts, ...more], state: more.reduce<RecordMerge | undefined>(evolve, state)! };
}, { facts: [] }).facts);

it('is proposed by one person and confirmed by another', () => {
  const outcome = after(proposed).when(confirmed);
  expect(outcome).toMatchObject({ state: { status: 'confirmed', clientId: 'b', mergedId: 'a' }, facts: [{ data: { mergeId: 'm', clientId: 'b', mergedId: 'a', at } }] });
  expect(JSON.stringify([...outcome.facts!].map(({ data }) => data))).not.toMatch(/irina|svetlana/);
});

it('is undone the same way, after which both records are free again', () => {
  expect(after(proposed, confirmed, undoProposed).when((m) => confirmUndo(m, { by: 'svetlana', at }))).toMatchObject({ state: { status: 'undone' } });
  expect(after(proposed, confirmed, undoProposed).when((m) => declineUndo(m, { by: 'svetlana', at, reason: 'same-person' }))).toMatchObject({ state: { status: 'confirmed' } });
});

it.each<[string, ReturnType<typeof after>, ReturnType<typeof step>]>([
  ['confirm the merge', after(proposed), (m) => confirm(m, { by: 'irina', at })],
  ['decline it', after(proposed), (m) => decline(m, { by: 'irina', at, reason: 'other' })],
  ['confirm that it is undone', after(proposed, confirmed, undoProposed), (m) => confirmUndo(m, { by: 'konstantin', at })],
  ['decline that', after(proposed, confirmed, undoProposed), (m) => declineUndo(m, { by: 'konstantin', at, reason: 'other' })],
])('who proposed may not %s', (_, before, decide) => {
  expect(before.when(decide)).toEqual({ refused: 'second-person-needed' });
});

it.each<[string, ReturnType<typeof after>, ReturnType<typeof step>, string]>([
  ['with itself', after(), (m) => propose(m, { ...asked, mergedId: 'b' }), 'same-record'],
  ['under an id that stands', after(proposed), proposed, 'id-taken'],
  ['that nobody proposed', after(), confirmed, 'not-found'],
  ['twice', after(proposed, confirmed), confirmed, 'wrong-status'],
  ['that was declined', after(proposed, (m) => decline(m, { by: 'svetlana', at, reason: 'other' })), confirmed, 'wrong-status'],
  ['back that is not in force', after(proposed), undoProposed, 'wrong-status'],
  ['away that is in force', after(proposed, confirmed), (m) => enterInError(m, { at, reason: 'other' }), 'merge-in-force'],
  ['that was entered in error', after(proposed, (m) => enterInError(m, { at, reason: 'other' })), confirmed, 'not-found'],
])('refuses to merge %s', (_, before, decide, refused) => {
  expect(before.when(decide)).toEqual({ refused });
});
