import { given } from '@opora/domain';
import { correct, enterInError, evolve, register, type ClientFact } from './client.js';
import { describedPerson, type Described } from './person.js';

const at = '2026-03-02T09:00:00.000Z';
const person = (more: Described = {}) => describedPerson({ names: { status: 'known', value: [{ use: 'official', given: 'Anna', family: 'Petrova' }] }, ...more }, '2026-03-02');
const registration = { clientId: 'c1', agency: 'centre', person: person(), distinctFrom: ['c0'], at };
const registered = register(undefined, registration)[0] as ClientFact;

it('a registration says ids and codes; the person stays in its own part', () => {
  const groups = [{ code: 'elderly', from: '2025-01-01' }, { code: 'unemployed', from: '2025-01-01', until: '2025-12-31' }, { code: 'minor', from: '2027-01-01' }];
  const outcome = given(evolve).when((c) => register(c, { ...registration, person: person({ groups, areaCode: 'RU-MOW' }) }));
  expect(outcome.facts![0]!.data).toEqual({ clientId: 'c1', at, anonymous: false, groups: ['elderly'], areaCode: 'RU-MOW' });
  expect(outcome.state).toMatchObject({ status: 'registered', clientId: 'c1', agency: 'centre', distinctFrom: ['c0'], person: { groups } });
});

it('is registered once', () => expect(given(evolve, registered).when((c) => register(c, registration))).toEqual({ refused: 'id-taken' }));

it('a correction names the fields that changed, not what they hold', () => {
  const outcome = given(evolve, registered).when((c) => correct(c, { person: person({ language: 'ru', birthDate: { status: 'refused' } }), distinctFrom: ['c9'], at }));
  expect(outcome.facts).toMatchObject([{ type: 'intake.client-corrected', data: { fields: ['birthDate', 'language'] } }]);
  expect(outcome.state).toMatchObject({ person: { language: 'ru' }, distinctFrom: ['c0', 'c9'] });
});

it('a correction that changes nothing says nothing, in whatever order its fields come', () => {
  const same = person();
  const turned = { ...same, names: { value: [{ family: 'Petrova', given: 'Anna', use: 'official' as const }], status: 'known' as const } };
  expect(given(evolve, registered).when((c) => correct(c, { person: turned, distinctFrom: [], at })).facts).toEqual([]);
});

it('entered in error, it is gone for every command', () => {
  const wrong = enterInError(given(evolve, registered).state, { reason: 'duplicate', at })[0]!;
  const history = given(evolve, registered, wrong);
  expect(history.state).toMatchObject({ status: 'entered-in-error' });
  expect(history.when((c) => correct(c, { person: person(), distinctFrom: [], at }))).toEqual({ refused: 'not-found' });
  expect(history.when((c) => enterInError(c, { reason: 'other', at }))).toEqual({ refused: 'not-found' });
});
