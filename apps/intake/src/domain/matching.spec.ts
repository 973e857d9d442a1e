import { fold, foldIdentifier, foldPhone, matchKeys, nameParts, nearBirths } from './matching.js';
import { describedPerson, type Told } from './person.js';

describe('names that sound the same fold to the same', () => {
  it.each([
    ['Пётр', 'ПЕТР'], ['Юлия', 'Yulia'], ['Юлия', 'Iuliia'], ['Сергей', 'Sergey'], ['Алексей', 'Alexei'], ['Щукин', 'Shchukin'], ['Хасан', 'Khasan'],
    ['Иванов-Ёлкин', 'ivanov elkin'], ['Анна', 'Ana'], ['José', 'JOSE'], ['Кузьмин', 'Kuzmin'], ['й', 'и\u0306'],
  ])('%s and %s', (one, other) => expect(fold(one)).toBe(fold(other)));

  it('but others do not', () => expect(fold('Иванов')).not.toBe(fold('Петров')));
});

it.each([
  ['+7 (912) 345-67-89', '79123456789'], ['8 912 345 67 89', '79123456789'], ['912 345 67 89', '79123456789'], ['0049 30 1234567', '49301234567'], ['01', undefined],
])('the phone number %s', (phone, expected) => expect(foldPhone(phone)).toBe(expected));

it('an identifier without its punctuation', () => expect(foldIdentifier({ system: 'urn:snils', value: '112-233-445 95' })).toBe('urn:snils|11223344595'));

it('given and family name in either order give one key, each word can be searched', () => {
  const key = (given: string, family: string) => matchKeys(describedPerson({ names: { status: 'known', value: [{ use: 'official', given, family }] } }, '2026-03-02'));
  expect(key('Анна-Мария', 'Петрова')).toEqual([{ kind: 'name', key: 'anamaria|petrova' }, ...['ana', 'maria', 'petrova'].map((part) => ({ kind: 'part', key: part }))]);
  expect(key('Петрова', 'Анна-Мария').find(({ kind }) => kind === 'name')).toEqual({ kind: 'name', key: 'anamaria|petrova' });
  expect(nameParts(' anna  petrova ')).toEqual(['ana', 'petrova']);
});

it('a family name alone makes nobody a duplicate', () => {
  const alone = describedPerson({ names: { status: 'known', value: [{ use: 'official', family: 'Петрова' }] }, contacts: [{ kind: 'email', value: '1234567890', safeToContact: true }] }, '2026-03-02');
  expect(matchKeys(alone).map(({ kind }) => kind)).toEqual(['part']);
});

const known = (value: string): Told<string> => ({ status: 'known', value });
const about = (value: string): Told<string> => ({ status: 'approximate', value });
it.each<[Told<string>, Told<string>, boolean]>([
  [known('1990-05-12'), known('1990-05-12'), true],
  [known('1990-05-12'), known('1990-05-21'), true],
  [known('1990-05-12'), known('1990-12-05'), true],
  [known('1990-05-12'), known('1991-05-12'), false],
  [known('1990-05-12'), known('1990-06-12'), false],
  [known('1990-05-12'), about('1991'), true],
  [about('1990'), about('1992'), false],
  [about('1989-11'), known('1990-05-12'), true],
  [known('1990-05-12'), { status: 'refused' }, true],
])('birth dates of one person? %j %j: %s', (one, other, near) => {
  expect(nearBirths(one, other)).toBe(near);
  expect(nearBirths(other, one)).toBe(near);
});
