import { DomainError } from '@opora/domain';
import { ageOn, birthYear, shortName } from './display.js';
import { describedPerson, type Described } from './person.js';

const today = '2026-03-02';
const named: Described = { names: { status: 'known', value: [{ use: 'official', given: 'Анна', family: 'Петрова', patronymic: 'Сергеевна' }] } };
const person = (input: Described) => describedPerson(input, today);
const troubles = (input: Described) => {
  try {
    person(input);
    return [];
  } catch (error) {
    return (error as DomainError).errors.map(({ pointer, code }) => `${pointer} ${code}`);
  }
};

it('what was left out was not asked', () => {
  expect(person(named)).toMatchObject({ anonymous: false, birthDate: { status: 'not-asked' }, address: { status: 'not-asked' }, contacts: [], identifiers: [], groups: [] });
  expect(person({ anonymous: true })).toMatchObject({ names: { status: 'not-asked' } });
});

it('a group without a day begins today', () => {
  expect(person({ ...named, groups: [{ code: 'elderly' }] }).groups).toEqual([{ code: 'elderly', from: today }]);
});

it.each<[string, Described, string[]]>([
  ['nothing said of the name', {}, ['/names name-needed']],
  ['a refused name', { names: { status: 'refused' } }, []],
  ['a known name without value', { names: { status: 'known' } }, ['/names/value value-missing']],
  ['no name in the list', { names: { status: 'known', value: [] } }, ['/names/value value-missing']],
  ['a blank name', { names: { status: 'known', value: [{ use: 'usual', given: ' ' }] } }, ['/names/value/0 name-empty']],
  ['one name only', { names: { status: 'approximate', value: [{ use: 'nickname', given: 'Ёжик' }] } }, []],
  ['a value although refused', { ...named, address: { status: 'refused', value: { text: 'somewhere' } } }, ['/address/value value-contradicts-status']],
  ['a year for an approximate birth date', { ...named, birthDate: { status: 'approximate', value: '1960' } }, []],
  ['a month for an approximate birth date', { ...named, birthDate: { status: 'approximate', value: '1960-05' } }, []],
  ['a year for a known birth date', { ...named, birthDate: { status: 'known', value: '1960' } }, ['/birthDate/value date-incomplete']],
  ['30 February', { ...named, birthDate: { status: 'known', value: '1990-02-30' } }, ['/birthDate/value impossible-date']],
  ['month 13', { ...named, birthDate: { status: 'approximate', value: '1990-13' } }, ['/birthDate/value impossible-date']],
  ['no date at all', { ...named, birthDate: { status: 'known', value: 'yesterday' } }, ['/birthDate/value impossible-date']],
  ['29 February of a leap year', { ...named, birthDate: { status: 'known', value: '1992-02-29' } }, []],
  ['tomorrow', { ...named, birthDate: { status: 'known', value: '2026-03-03' } }, ['/birthDate/value in-the-future']],
  ['today', { ...named, birthDate: { status: 'known', value: today } }, []],
  ['131 years ago', { ...named, birthDate: { status: 'known', value: '1895-03-01' } }, ['/birthDate/value impossible-date']],
  ['an anonymous person with a name and an identifier', { ...named, anonymous: true, identifiers: [{ system: 'urn:x', value: '1' }] }, ['/names anonymous-with-name', '/identifiers anonymous-with-identifier']],
  ['a group that ends before it begins', { ...named, groups: [{ code: 'elderly', from: '2026-02-02', until: '2026-02-01' }] }, ['/groups/0/until ends-before-it-begins']],
  ['two troubles at once', { names: { status: 'known' }, birthDate: { status: 'known' } }, ['/names/value value-missing', '/birthDate/value value-missing']],
])('%s', (_, input, expected) => expect(troubles(input)).toEqual(expected));

describe('what others are shown', () => {
  it.each([
    [[{ use: 'official', given: 'Анна', family: 'Петрова' }], 'Анна П.'],
    [[{ use: 'official', given: 'Anna', family: 'Petrova' }, { use: 'usual', given: 'Anya', family: 'Petrova' }], 'Anya P.'],
    [[{ use: 'official', given: 'Anna' }], 'Anna'],
    [[{ use: 'official', family: 'Petrova' }], 'Petrova'],
    [[{ use: 'official', patronymic: 'Сергеевна' }], 'Сергеевна'],
    [undefined, null],
  ] as const)('the short name %#', (value, expected) => {
    expect(shortName(person({ names: value ? { status: 'known', value } : { status: 'refused' } }))).toBe(expected);
  });

  it.each([
    ['known', '1990-03-02', 36], ['known', '1990-03-03', 35], ['approximate', '1990', 35], ['approximate', '1990-03', 36], ['known', today, 0], ['approximate', '2026', 0], ['refused', undefined, null],
  ] as const)('the age: %s %s is %s', (status, value, age) => expect(ageOn(person({ ...named, birthDate: { status, ...(value && { value }) } }), today)).toBe(age));

  it('the year of birth', () => {
    expect(birthYear(person({ ...named, birthDate: { status: 'approximate', value: '1960-05' } }))).toBe(1960);
    expect(birthYear(person(named))).toBeNull();
  });
});
