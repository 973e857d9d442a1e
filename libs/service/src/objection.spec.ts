import { given } from '@opora/domain';
import { answer, dueOn, evolve, record, withdraw, type ObjectionFact } from './objection.js';

const at = '2026-03-02T23:30:00.000Z';
const about = { clientId: 'c1', agency: 'centre', about: 'e1' };
const recorded = record(undefined, { ...about, text: 'This is not so', at });
const after = (...facts: ObjectionFact[]) => given(evolve, ...facts);

it('is due within fourteen days, which no ten working days fall short of', () => {
  expect(dueOn(at)).toBe('2026-03-16');
  expect(after(...recorded).when((one) => record(one, { ...about, text: 'again', at }))).toMatchObject({ facts: [] });
});

it('keeps the words to itself', () => {
  expect(recorded).toEqual([{ type: 'opora.objection.recorded', data: { ...about, dueOn: '2026-03-16', at }, own: { text: 'This is not so' } }]);
});

it('is answered or withdrawn once', () => {
  const answered = after(...recorded).when((one) => answer(one, { outcome: 'upheld', text: 'You are right', at }));
  expect(answered.state).toMatchObject({ status: 'answered', text: 'This is not so', answer: { outcome: 'upheld', text: 'You are right', at } });
  const withdrawn = after(...recorded).when((one) => withdraw(one, { at }));
  expect(withdrawn.state).toMatchObject({ status: 'withdrawn', withdrawnAt: at });
  for (const { facts } of [answered, withdrawn]) {
    expect(after(...recorded, ...facts!).when((one) => answer(one, { outcome: 'declined', text: 'No', at }))).toEqual({ refused: 'wrong-status' });
    expect(after(...recorded, ...facts!).when((one) => withdraw(one, { at }))).toEqual({ refused: 'wrong-status' });
  }
});
