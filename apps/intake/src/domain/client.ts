import { canonical, type clientCorrected, type clientEnteredInError, type clientRegistered, type DataOf } from '@opora/contracts';
import { absent, idTaken, type Day, type Fact, type Instant } from '@opora/domain';
import type { Person } from './person.js';

/** One agency's record of a person. */
export interface Client {
  readonly status: 'registered' | 'entered-in-error';
  readonly clientId: string;
  readonly agency: string;
  readonly person: Person;
  /** Clients whom somebody looked at and found to be other people. */
  readonly distinctFrom: readonly string[];
}

interface Described { readonly person: Person; readonly distinctFrom: readonly string[] }

export type ClientFact =
  | Fact<'intake.client-registered', DataOf<typeof clientRegistered>, Described & { agency: string }>
  | Fact<'intake.client-corrected', DataOf<typeof clientCorrected>, Described>
  | Fact<'intake.client-entered-in-error', DataOf<typeof clientEnteredInError>>;

/** What may be heard of a person: never who it is. */
const thin = (clientId: string, { anonymous, groups, areaCode }: Person, at: Instant) => {
  const today: Day = at.slice(0, 10);
  const current = groups.filter(({ from, until }) => from <= today && (until === undefined || today <= until)).map(({ code }) => code);
  return { clientId, at, anonymous, groups: [...new Set(current)].sort(), ...(areaCode !== undefined && { areaCode }) };
};

const mustExist = (client: Client | undefined): Client => {
  if (client?.status !== 'registered') throw absent('client');
  return client;
};

export const register = (client: Client | undefined, { clientId, agency, person, distinctFrom, at }: Described & { clientId: string; agency: string; at: Instant }): ClientFact[] => {
  if (client) throw idTaken();
  return [{ type: 'intake.client-registered', data: thin(clientId, person, at), own: { agency, person, distinctFrom } }];
};

/** Replaces what is known. Says nothing when nothing differs. */
export const correct = (client: Client | undefined, { person, distinctFrom, at }: Described & { at: Instant }): ClientFact[] => {
  const known = mustExist(client);
  const fields = [...new Set([...Object.keys(known.person), ...Object.keys(person)])].sort()
    .filter((field) => canonical([known.person[field as keyof Person]]) !== canonical([person[field as keyof Person]]));
  const distinct = [...new Set([...known.distinctFrom, ...distinctFrom])].sort();
  if (fields.length === 0 && distinct.length === known.distinctFrom.length) return [];
  return [{ type: 'intake.client-corrected', data: { ...thin(known.clientId, person, at), fields }, own: { person, distinctFrom: distinct } }];
};

export const enterInError = (client: Client | undefined, { reason, at }: { reason: string; at: Instant }): ClientFact[] =>
  [{ type: 'intake.client-entered-in-error', data: { clientId: mustExist(client).clientId, at, reason } }];

export const evolve = (client: Client | undefined, fact: ClientFact): Client => {
  switch (fact.type) {
    case 'intake.client-registered': return { status: 'registered', clientId: fact.data.clientId, ...fact.own! };
    case 'intake.client-corrected': return { ...client!, ...fact.own! };
    case 'intake.client-entered-in-error': return { ...client!, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
