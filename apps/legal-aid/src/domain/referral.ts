import type { DataOf, PlanEntryBody, Ref, RejectionCode, referralAccepted, referralEnteredInError, referralExpired, referralReceived, referralRejected, referralWithdrawn, Urgency } from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant } from '@opora/domain';
import { answerReferral, entered, offerTitle, rejection, takenBack, takenOn } from './titles.js';

/** What we were asked, and what we answered. */
export interface Referral {
  readonly status: 'requested' | 'accepted' | 'rejected' | 'expired' | 'withdrawn' | 'entered-in-error';
  readonly referralId: string;
  readonly clientId: string;
  readonly offer: string;
  readonly agency: string;
  readonly askedBy: string;
  readonly asker: Ref;
  readonly needs: readonly Ref[];
  readonly urgency: Urgency;
  readonly respondBy: Instant;
  readonly reason?: RejectionCode;
}

type Received = Omit<Referral, 'status' | 'reason'>;

export type ReferralFact =
  | Fact<'legal-aid.referral-received', DataOf<typeof referralReceived>, Received>
  | Fact<'opora.referral.accepted', DataOf<typeof referralAccepted>>
  | Fact<'opora.referral.rejected', DataOf<typeof referralRejected>>
  | Fact<'opora.referral.expired', DataOf<typeof referralExpired>>
  | Fact<'opora.referral.withdrawn', DataOf<typeof referralWithdrawn>>
  | Fact<'opora.referral.entered-in-error', DataOf<typeof referralEnteredInError>>;

const parties = ({ referralId, clientId, offer, agency, askedBy }: Referral) => ({ referralId, clientId, module: 'legal-aid', offer, agency, askedBy });

const mustWait = (referral: Referral | undefined): Referral => {
  if (!referral) throw absent('referral');
  if (referral.status !== 'requested') throw wrongStatus('referral', referral.status, 'requested');
  return referral;
};

export const receive = (referral: Referral | undefined, asked: Received): ReferralFact[] => {
  if (referral) return [];
  const { referralId, clientId, offer, urgency, respondBy } = asked;
  return [{ type: 'legal-aid.referral-received', data: { referralId, clientId, offer, urgency, respondBy }, own: asked }];
};

/** Consent is asked again here: it may have been withdrawn since the request. One open matter per client and offer. */
export const accept = (referral: Referral | undefined, { at, consented, alreadyOpen }: { at: Instant; consented: boolean; alreadyOpen: boolean }): ReferralFact[] => {
  const waiting = mustWait(referral);
  if (at >= waiting.respondBy) throw new DomainError('conflict', 'too-late', 'The time to answer is over; the asking agency has to ask again');
  if (!consented) throw new DomainError('conflict', 'consent-missing', 'The client does not agree, or no longer agrees, to this referral; reject it with client-declined');
  if (alreadyOpen) throw new DomainError('conflict', 'already-enrolled', 'The client already has an open matter under this offer; reject it with duplicate');
  return [{ type: 'opora.referral.accepted', data: parties(waiting) }];
};

export const reject = (referral: Referral | undefined, { reason }: { reason: RejectionCode }): ReferralFact[] =>
  [{ type: 'opora.referral.rejected', data: { ...parties(mustWait(referral)), reason } }];

/** Nothing to say when somebody answered just before. */
export const expire = (referral: Referral | undefined, { at }: { at: Instant }): ReferralFact[] =>
  referral?.status === 'requested' && at >= referral.respondBy
    ? [{ type: 'opora.referral.expired', data: { ...parties(referral), respondBy: referral.respondBy } }]
    : [];

/** The asker took the request back; an answer already given stands. */
export const withdraw = (referral: Referral | undefined): ReferralFact[] =>
  referral?.status === 'requested' ? [{ type: 'opora.referral.withdrawn', data: parties(referral) }] : [];

export const enterInError = (referral: Referral | undefined): ReferralFact[] => {
  if (!referral) throw absent('referral');
  if (referral.status === 'accepted') throw new DomainError('conflict', 'matter-exists', 'Enter the matter in error; it takes the referral with it');
  return referral.status === 'entered-in-error' ? [] : [{ type: 'opora.referral.entered-in-error', data: parties(referral) }];
};

/** The matter of an accepted referral was entered in error. */
export const takeBack = (referral: Referral | undefined): ReferralFact[] =>
  referral?.status === 'accepted' ? [{ type: 'opora.referral.entered-in-error', data: parties(referral) }] : [];

export const evolve = (referral: Referral | undefined, fact: ReferralFact): Referral => {
  if (fact.type === 'legal-aid.referral-received') return { ...fact.own!, status: 'requested' };
  const known = referral!;
  switch (fact.type) {
    case 'opora.referral.accepted': return { ...known, status: 'accepted' };
    case 'opora.referral.rejected': return { ...known, status: 'rejected', reason: fact.data.reason };
    case 'opora.referral.expired': return { ...known, status: 'expired' };
    case 'opora.referral.withdrawn': return { ...known, status: 'withdrawn' };
    case 'opora.referral.entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};

const reasonOf = ({ status, reason }: Referral) => {
  switch (status) {
    case 'accepted': return takenOn;
    case 'rejected': return rejection(reason!);
    case 'expired': return rejection('expired');
    case 'withdrawn': return takenBack;
    case 'entered-in-error': return entered;
    case 'requested': return undefined;
    default: return status satisfies never;
  }
};

/** A rejected or expired request stays visible with its reason; an accepted one gives way to its matter. */
export const planEntries = (referral: Referral): PlanEntryBody[] => {
  const { referralId, clientId, agency, offer, asker, needs, status, respondBy } = referral;
  const open = status === 'requested';
  const reason = reasonOf(referral);
  return [{
    entryId: referralId, clientId, agency, kind: 'referral', dataClass: 'D1', title: offerTitle(offer),
    phase: open ? 'requested' : status === 'rejected' || status === 'expired' ? 'declined' : 'ended',
    ...(reason && { reason }), because: [asker], needs: [...needs],
    actions: [{ id: referralId, title: answerReferral, due: respondBy, status: open ? 'planned' : status === 'expired' ? 'missed' : status === 'accepted' || status === 'rejected' ? 'done' : 'cancelled' }],
  }];
};
