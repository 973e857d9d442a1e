import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { Agency, At, Code, Id, ModuleName, Ref, Version, closed } from './values.js';

export const RejectionCode = Type.Enum(['no-capacity', 'waitlist-only', 'not-eligible', 'out-of-scope', 'conflict-of-interest',
  'could-not-contact', 'unsafe-to-contact', 'client-declined', 'duplicate', 'documents-missing', 'other']);
export type RejectionCode = Static<typeof RejectionCode>;

export const Urgency = Type.Enum(['emergency', 'urgent', 'routine']);
export type Urgency = Static<typeof Urgency>;

/** `module` is who is asked, `agency` whose offer it is, `askedBy` the agency that asks. */
const parties = { referralId: Id, clientId: Id, module: ModuleName, offer: Code, agency: Agency, askedBy: Agency };

const referral = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(topics.referrals, type, '1.0.0', Type.Object({ ...parties, ...more }, closed), description);

export const referralRequested = referral('opora.referral.requested', {
  planId: Id, planVersion: Version, needs: Type.Array(Ref), urgency: Urgency, respondBy: At,
}, 'The person agreed to an offer and its module is asked to take them on');

export const referralWithdrawn = referral('opora.referral.withdrawn', {}, 'Whoever asked takes the request back');
export const referralAccepted = referral('opora.referral.accepted', {}, 'The module takes the person on');
export const referralRejected = referral('opora.referral.rejected', { reason: RejectionCode }, 'The module says no, and why');
export const referralExpired = referral('opora.referral.expired', { respondBy: At }, 'Nobody answered in time');
export const referralEnteredInError = referral('opora.referral.entered-in-error', {}, 'The module recorded its answer by mistake');
