import type { Manifest, Offer, OfferRef, Ref } from '@opora/contracts';
import type { Need } from './needs.js';

/** One way to meet a need, beside the others. */
export interface Option {
  readonly recommendationId: string;
  readonly module: string;
  readonly offer: Offer;
  readonly choosable: boolean;
  readonly reason: {
    readonly code: 'addresses-need';
    readonly need: Ref;
    readonly needCode: string;
    /** Whether the person agrees to be referred to the offer's agency. */
    readonly consent: 'given' | 'missing';
    readonly notChoosable?: 'offer-closed';
  };
}

export interface NeedOptions {
  readonly need: Need;
  readonly options: readonly Option[];
}

interface Surroundings {
  readonly needs: readonly Need[];
  readonly manifests: readonly Manifest[];
  readonly consented: (agency: string) => boolean;
  /** The same id for the same person, need and offer. */
  readonly idOf: (need: Need, offer: OfferRef) => string;
}

const availabilities: Offer['availability'][] = ['open', 'waitlist', 'closed'];

/** What can be had soonest and cheapest comes first; what is closed comes last and says so. */
const sooner = (a: Option, b: Option): number =>
  availabilities.indexOf(a.offer.availability) - availabilities.indexOf(b.offer.availability)
  || a.offer.waitingDays - b.offer.waitingDays
  || a.offer.cost.amount - b.offer.cost.amount
  || (`${a.module}/${a.offer.code}` < `${b.module}/${b.offer.code}` ? -1 : 1);

/** Confirmed needs × offers of all modules that are not leaving. */
export const match = ({ needs, manifests, consented, idOf }: Surroundings): NeedOptions[] => needs.map((need) => ({
  need,
  options: manifests.filter(({ lifecycle }) => lifecycle !== 'retiring').flatMap(({ module, offers }) => offers
    .filter((offer) => offer.needs.includes(need.title.code))
    .map((offer): Option => {
      const closed = offer.availability === 'closed';
      return {
        recommendationId: idOf(need, { module, offer: offer.code }), module, offer, choosable: !closed,
        reason: {
          code: 'addresses-need', need: need.ref, needCode: need.title.code, consent: consented(offer.agency) ? 'given' : 'missing',
          ...(closed && { notChoosable: 'offer-closed' as const }),
        },
      };
    })).sort(sooner),
}));
