import type { RejectionCode } from '@opora/contracts';

/** Why a referral came to nothing: the module's code, or that it let the time pass, or is silent altogether, or that its answer was a mistake. */
export type NoCode = RejectionCode | 'expired' | 'unanswered' | 'entered-in-error';

/**
 * What follows a "no". `next-offer`: the next alternative that the person agreed to; `reassess`: look at the need again; `park`: ask
 * again after so many days; `stop`: nothing more is asked. Whatever a machine may not do by itself becomes a proposal.
 */
export type Consequence = { readonly kind: 'next-offer' | 'reassess' | 'stop' } | { readonly kind: 'park'; readonly days: number };

export const consequences: Readonly<Record<NoCode, Consequence>> = {
  'no-capacity': { kind: 'next-offer' },
  'waitlist-only': { kind: 'next-offer' },
  'not-eligible': { kind: 'next-offer' },
  'out-of-scope': { kind: 'next-offer' },
  'conflict-of-interest': { kind: 'next-offer' },
  expired: { kind: 'next-offer' },
  unanswered: { kind: 'next-offer' },
  'could-not-contact': { kind: 'park', days: 7 },
  'documents-missing': { kind: 'park', days: 14 },
  'unsafe-to-contact': { kind: 'reassess' },
  other: { kind: 'reassess' },
  'entered-in-error': { kind: 'reassess' },
  'client-declined': { kind: 'stop' },
  duplicate: { kind: 'stop' },
};
