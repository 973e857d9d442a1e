import { given } from '@opora/domain';
import { checkQuestionnaire } from '../instruments/index.js';
import { enterInError, evolve, publish, readQuestionnaire, retire, takeIn, type Instrument, type InstrumentFact } from './instrument.js';

const at = '2026-03-02T09:00:00.000Z';
const id = '01900000-0000-7000-8000-000000000001';
const taken = takeIn(undefined, { instrumentId: id, agency: 'centre', instrumentVersion: 3, notComputed: [], at });
const published = publish(taken.reduce<Instrument | undefined>(evolve, undefined), { at });
const retired = retire([...taken, ...published].reduce<Instrument | undefined>(evolve, undefined), { at });

type Step = [name: string, history: InstrumentFact[], decide: (i: Instrument | undefined) => InstrumentFact[], then: { refused?: string; status?: Instrument['status'] }];

it.each<Step>([
  ['a draft is published', taken, (i) => publish(i, { at }), { status: 'published' }],
  ['a published one is retired', [...taken, ...published], (i) => retire(i, { at }), { status: 'retired' }],
  ['a draft is not retired', taken, (i) => retire(i, { at }), { refused: 'wrong-status' }],
  ['nothing is published twice', [...taken, ...published], (i) => publish(i, { at }), { refused: 'wrong-status' }],
  ['a retired one does not come back', [...taken, ...published, ...retired], (i) => publish(i, { at }), { refused: 'wrong-status' }],
  ['a mistaken one goes', taken, (i) => enterInError(i, { reason: 'duplicate', used: false, at }), { status: 'entered-in-error' }],
  ['a mistaken one stays while screenings stand on it', [...taken, ...published], (i) => enterInError(i, { reason: 'duplicate', used: true, at }), { refused: 'instrument-used' }],
  ['what is not there is not published', [], (i) => publish(i, { at }), { refused: 'not-found' }],
])('%s', (_, history, decide, { refused, status }) => {
  const outcome = given(evolve, ...history).when(decide);
  expect(outcome).toMatchObject(refused ? { refused } : { state: { status, instrumentVersion: 3 } });
});

it('reads what a questionnaire says of itself', () => {
  expect(readQuestionnaire({ url: 'urn:x', version: '2', title: 'T' }, { problems: [], notComputed: [] }))
    .toEqual({ url: 'urn:x', documentVersion: '2', title: 'T', notComputed: [] });
});

it.each([
  ['another resource', { resourceType: 'Patient' }, '/resourceType'],
  ['no object', null, '/resourceType'],
  ['a linkId twice', { resourceType: 'Questionnaire', item: [{ linkId: 'a', type: 'string' }, { linkId: 'a', type: 'string' }] }, '/item/1/linkId'],
])('refuses %s, and says where', (_, document, pointer) => {
  expect(() => readQuestionnaire({}, checkQuestionnaire(document))).toThrow(expect.objectContaining({ kind: 'invalid', code: 'questionnaire-invalid', errors: [expect.objectContaining({ pointer })] }));
});
