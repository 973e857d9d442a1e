import type { Offer, OfferRef } from '@opora/contracts';
import { DomainError } from '@opora/domain';

/** What counselling knows of an offer at the moment of a decision. */
export interface Offering {
  readonly agency: string;
  readonly availability: Offer['availability'];
  /** Whether the person may be referred to that agency. */
  readonly consented: boolean;
}

/** Undefined: no module makes this offer, or its module is leaving. */
export type Offerings = (offer: OfferRef) => Offering | undefined;

export const sameOffer = (a: OfferRef, b: OfferRef): boolean => a.module === b.module && a.offer === b.offer;

/** Refuses an offer that nobody makes or that takes nobody at the moment. `at` is where the caller named it. */
export const mustBeOpen = (offering: Offering | undefined, at: string): Offering => {
  if (!offering) throw new DomainError('invalid', 'offer-unknown', 'No module makes this offer', [{ pointer: at, code: 'offer-unknown', detail: 'is not among the offers' }]);
  if (offering.availability === 'closed') {
    throw new DomainError('conflict', 'offer-closed', 'This offer takes nobody at the moment', [{ pointer: at, code: 'offer-closed', detail: 'is closed' }]);
  }
  return offering;
};
