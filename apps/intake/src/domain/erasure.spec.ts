import { given } from '@opora/domain';
import { ask, complete, confirm, evolve, noteAnswer, refuse, waitsFor, type ErasureFact } from './erasure.js';

const [erasureId, clientId, alias, at] = ['0199a1b2-0000-7000-8000-000000000001', '0199a1b2-0000-7000-8000-000000000002', '0199a1b2-0000-7000-8000-000000000003', '2026-03-01T09:00:00.000Z'];
const kept = [{ recordType: 'matter', legalBasis: 'claims', until: '2029-03-01' }];
const asked = ask(undefined, { erasureId, clientId, agency: 'centre', reason: 'person-asked', by: 'irina', at });
const running = [...asked, ...confirm(evolve(undefined, asked[0]!), { by: 'svetlana', at, aliases: [alias], modules: ['intake', 'gateway'], entries: ['intake/1'] })];
const answered: ErasureFact[] = ['gateway', 'intake'].map((module) => ({ type: 'intake.erasure-answered', data: { erasureId, clientId, module, kept: [], at } }));
const finish = { present: ['intake', 'gateway'], entries: ['intake/1', 'probe/2'], at };

describe('An erasure', () => {
  it('is confirmed by somebody else than who asked', () => {
    expect(given(evolve, ...asked).when((e) => confirm(e, { by: 'irina', at, aliases: [], modules: [], entries: [] }))).toEqual({ refused: 'second-person-needed' });
  });

  it('asks every module that there is, for all records of the person', () => {
    const { facts, state } = given(evolve, ...asked).when((e) => confirm(e, { by: 'svetlana', at, aliases: [alias], modules: ['intake', 'gateway'], entries: [] }));
    expect(facts).toMatchObject([{ type: 'opora.erasure.requested', data: { erasureId, clientId, aliases: [alias] } }]);
    expect(waitsFor(state!)).toEqual(['gateway', 'intake']);
  });

  it('may be refused while it is only asked for', () => {
    expect(given(evolve, ...asked).when((e) => refuse(e, { reason: 'still-in-care', at })).state).toMatchObject({ status: 'refused' });
    expect(given(evolve, ...running).when((e) => refuse(e, { reason: 'still-in-care', at }))).toEqual({ refused: 'wrong-status' });
  });

  it('notes each module’s answer once, with what is kept, and nobody else’s', () => {
    const noted = given(evolve, ...running).when((e) => noteAnswer(e, { module: 'gateway', kept, at }));
    expect(noted.state).toMatchObject({ answers: [{ module: 'gateway', kept }] });
    expect(noteAnswer(noted.state, { module: 'gateway', kept: [], at })).toEqual([]);
    expect(noteAnswer(noted.state, { module: 'stranger', kept: [], at })).toEqual([]);
  });

  it('is completed when all have answered, and not before', () => {
    expect(given(evolve, ...running, answered[0]!).when((e) => complete(e, finish)).facts).toEqual([]);
    expect(given(evolve, ...running, ...answered).when((e) => complete(e, finish)).state).toMatchObject({ status: 'completed', left: [], entries: ['intake/1', 'probe/2'] });
  });

  it('does not wait for a module that left, and names it', () => {
    expect(given(evolve, ...running, answered[0]!).when((e) => complete(e, { ...finish, present: ['gateway'] })).state).toMatchObject({ status: 'completed', left: ['intake'] });
  });
});
