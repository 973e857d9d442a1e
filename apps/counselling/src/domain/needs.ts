import type { Coded, DataClass, Ref } from '@opora/contracts';
import { DomainError } from '@opora/domain';

/** A confirmed need, as its module publishes it. */
export interface Need {
  readonly ref: Ref;
  /** Under which of the person's records it stands. */
  readonly clientId: string;
  readonly title: Coded;
  /** Whose record it is. */
  readonly agency: string;
  readonly dataClass: DataClass;
}

/** How a need ended: by mistake it never was one. Undefined while it is there. */
export type Ends = (need: Ref) => 'entered-in-error' | 'otherwise' | undefined;

export const sameRef = (a: Ref, b: Ref): boolean => a.module === b.module && a.id === b.id;

/** The needs that the caller named, out of the person's confirmed ones. Refuses the others by their place. */
export const confirmedAmong = (confirmed: readonly Need[], named: readonly Ref[], at: string): Need[] => {
  if (named.length === 0) throw new DomainError('invalid', 'need-missing', 'Name at least one confirmed need', [{ pointer: at, code: 'need-missing', detail: 'must name a confirmed need' }]);
  const found = named.map((ref) => confirmed.find((need) => sameRef(need.ref, ref)));
  const errors = found.flatMap((need, i) => need ? [] : [{ pointer: `${at}/${i}`, code: 'need-not-confirmed', detail: 'is not a confirmed need of this person' }]);
  if (errors.length > 0) throw new DomainError('conflict', 'need-not-confirmed', 'Only needs confirmed with the person can be worked on', errors);
  return found as Need[];
};
