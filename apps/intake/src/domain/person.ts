import { DomainError, type Day, type Trouble } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { hoursTroubles, type addressClasses, type SafeContact } from './safe-contact.js';

export const certainties = ['known', 'approximate', 'unknown', 'refused', 'not-asked'] as const;

/** What we know, or why we do not. There is a value exactly when it is known or approximate. */
export interface Told<T> {
  readonly status: (typeof certainties)[number];
  readonly value?: T;
}

/** FHIR R4 name-use, without the uses that a person's own name cannot have here. */
export const nameUses = ['official', 'usual', 'nickname', 'maiden', 'old'] as const;

export interface Name {
  readonly use: (typeof nameUses)[number];
  readonly given?: string;
  readonly family?: string;
  readonly patronymic?: string;
}

export const contactKinds = ['phone', 'email', 'messenger', 'post', 'in-person'] as const;

export interface Contact extends SafeContact {
  readonly kind: (typeof contactKinds)[number];
  readonly value: string;
  /** Whether using it puts nobody in danger. */
  readonly safeToContact: boolean;
  readonly note?: string;
}

export const groupCodes = ['elderly', 'disability', 'unemployed', 'family-with-children', 'large-family', 'minor', 'no-fixed-abode', 'carer', 'refugee', 'released-from-prison', 'veteran'] as const;

/** Everything that is known of a person. `birthDate` is a day when known; `YYYY`, `YYYY-MM` or a day when approximate. */
export interface Person {
  readonly anonymous: boolean;
  readonly names: Told<readonly Name[]>;
  readonly birthDate: Told<string>;
  readonly address: Told<{ readonly text: string; readonly postalCode?: string; readonly class?: (typeof addressClasses)[number] }>;
  readonly contacts: readonly Contact[];
  readonly language?: string;
  readonly identifiers: readonly { readonly system: string; readonly value: string }[];
  readonly groups: readonly { readonly code: string; readonly from: Day; readonly until?: Day }[];
  readonly areaCode?: string;
}

/** As it comes in: what is left out was not asked. */
export type Described = Partial<Omit<Person, 'groups'>> & { readonly groups?: readonly { readonly code: string; readonly from?: Day; readonly until?: Day }[] };

const notAsked = { status: 'not-asked' } as const;
const has = ({ status }: Told<unknown>): boolean => status === 'known' || status === 'approximate';
const trouble = (pointer: string, code: string, detail: string): Trouble[] => [{ pointer, code, detail }];
const blank = (...texts: (string | undefined)[]) => texts.every((text) => text === undefined || text.trim() === '');

const valueTroubles = (pointer: string, told: Told<unknown>): Trouble[] => {
  if (has(told) && told.value === undefined) return trouble(`${pointer}/value`, 'value-missing', 'known and approximate need a value');
  if (!has(told) && told.value !== undefined) return trouble(`${pointer}/value`, 'value-contradicts-status', 'only known and approximate have a value');
  return [];
};

/** The first day that a whole or partial date can mean; undefined when the calendar has no such date. */
export const firstDay = (date: string): Temporal.PlainDate | undefined => {
  const [, year, month = '1', day = '1'] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(date) ?? [];
  if (year === undefined) return undefined;
  try {
    return Temporal.PlainDate.from({ year: Number(year), month: Number(month), day: Number(day) }, { overflow: 'reject' });
  } catch {
    return undefined;
  }
};

const OLDEST = 130;

const birthTroubles = ({ status, value }: Told<string>, today: Day): Trouble[] => {
  if (value === undefined) return [];
  const first = firstDay(value);
  const refuse = (code: string, detail: string) => trouble('/birthDate/value', code, detail);
  if (!first) return refuse('impossible-date', 'must be a real date: YYYY-MM-DD, or YYYY or YYYY-MM when approximate');
  if (status === 'known' && value.length < 10) return refuse('date-incomplete', 'a known birth date is a whole day; call it approximate otherwise');
  const now = Temporal.PlainDate.from(today);
  if (Temporal.PlainDate.compare(first, now) > 0) return refuse('in-the-future', 'must not be later than today');
  return first.until(now, { largestUnit: 'year' }).years > OLDEST ? refuse('impossible-date', `must not be more than ${OLDEST} years ago`) : [];
};

const nameTroubles = ({ value }: Told<readonly Name[]>): Trouble[] => value?.length === 0
  ? trouble('/names/value', 'value-missing', 'at least one name')
  : (value ?? []).flatMap(({ given, family, patronymic }, i) => blank(given, family, patronymic) ? trouble(`/names/value/${i}`, 'name-empty', 'at least one part of the name') : []);

const anonymousTroubles = ({ anonymous, names, identifiers }: Person, input: Described): Trouble[] => anonymous
  ? [...(has(names) ? trouble('/names', 'anonymous-with-name', 'an anonymous person has no name here') : []),
    ...(identifiers.length > 0 ? trouble('/identifiers', 'anonymous-with-identifier', 'an anonymous person has no identifiers here') : [])]
  : input.names === undefined ? trouble('/names', 'name-needed', 'say what is known of the name, or that the person is anonymous') : [];

/** Refuses with all that is wrong (`invalid-request`); fills in what was left out. */
export const describedPerson = (input: Described, today: Day): Person => {
  const { anonymous = false, names = notAsked, birthDate = notAsked, address = notAsked, contacts = [], identifiers = [], language, areaCode } = input;
  const groups = (input.groups ?? []).map(({ code, from = today, until }) => ({ code, from, ...(until !== undefined && { until }) }));
  const person: Person = { anonymous, names, birthDate, address, contacts, identifiers, groups, ...(language && { language }), ...(areaCode && { areaCode }) };
  const errors = [
    ...valueTroubles('/names', names), ...valueTroubles('/birthDate', birthDate), ...valueTroubles('/address', address),
    ...nameTroubles(names), ...birthTroubles(birthDate, today), ...anonymousTroubles(person, input), ...hoursTroubles(contacts),
    ...groups.flatMap(({ from, until }, i) => until !== undefined && until < from ? trouble(`/groups/${i}/until`, 'ends-before-it-begins', 'must not be earlier than from') : []),
  ];
  if (errors.length > 0) throw new DomainError('invalid', 'invalid-request', 'Some fields are not valid', errors);
  return person;
};
