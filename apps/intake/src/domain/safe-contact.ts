import type { Instant, Trouble } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import type { Contact, Person } from './person.js';

export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const answerers = ['self', 'trusted-person', 'anyone'] as const;
export const sayables = ['nothing', 'callback-only', 'agency-name', 'anything'] as const;
export const addressClasses = ['ordinary', 'safe'] as const;

/** When somebody may call or write: times of the week in one place, `HH:MM`, from inclusive, to exclusive, `24:00` for midnight. */
export interface ContactHours {
  /** IANA name. */
  readonly zone: string;
  readonly times: readonly { readonly days: readonly (typeof weekDays)[number][]; readonly from: string; readonly to: string }[];
}

/** The terms under which a contact is safe. What is left out is not restricted. */
export interface SafeContact {
  readonly hours?: ContactHours;
  /** To whom anything may be said, if they answer. */
  readonly answeredBy?: (typeof answerers)[number];
  /** What may be said to whoever answers, or left as a message: nothing, that one calls back, the agency's name. */
  readonly maySay?: (typeof sayables)[number];
  /** By which the person and the agency know each other. */
  readonly codeWord?: string;
}

const isZone = (zone: string): boolean => {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone) !== undefined;
  } catch {
    return false;
  }
};

export const hoursTroubles = (contacts: readonly Contact[]): Trouble[] => contacts.flatMap(({ hours }, i) => hours === undefined ? [] : [
  ...(isZone(hours.zone) ? [] : [{ pointer: `/contacts/${i}/hours/zone`, code: 'zone-unknown', detail: 'must be an IANA time zone' }]),
  ...hours.times.flatMap(({ from, to }, at) => from < to ? [] : [{ pointer: `/contacts/${i}/hours/times/${at}/to`, code: 'ends-before-it-begins', detail: 'must be later than from; a night is two times' }]),
]);

/** Whether this is a moment at which the contact may be used. */
const isNow = ({ hours }: Contact, now: Instant): boolean => {
  if (!hours) return true;
  const there = Temporal.Instant.from(now).toZonedDateTimeISO(hours.zone);
  const time = there.toPlainTime().toString({ smallestUnit: 'minute' });
  return hours.times.some(({ days, from, to }) => days.includes(weekDays[there.dayOfWeek - 1]!) && from <= time && time < to);
};

export const hasSafeAddress = ({ address }: Person): boolean => address.value?.class === 'safe';

/** These lead to a place. */
const places: readonly Contact['kind'][] = ['post', 'in-person'];

export type PermittedContact = Pick<Contact, 'kind' | 'value' | 'answeredBy' | 'maySay'>;

/** The first that is safe at this moment: the person's own order is the order of preference. None leads to a safe address. */
export const permittedContact = (person: Person, now: Instant): PermittedContact | null => {
  const contact = person.contacts.find((one) => one.safeToContact && isNow(one, now) && !(hasSafeAddress(person) && places.includes(one.kind)));
  if (!contact) return null;
  const { kind, value, answeredBy, maySay } = contact;
  return { kind, value, ...(answeredBy && { answeredBy }), ...(maySay && { maySay }) };
};
