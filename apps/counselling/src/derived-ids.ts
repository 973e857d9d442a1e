import type { OfferRef, Ref } from '@opora/contracts';
import { v5 } from 'uuid';

// Ids that come out the same when the same thing is worked out again (UUID version 5, RFC 9562).
const RECOMMENDATIONS = '5f0c4b0e-7a36-5d1c-9c52-0d3f1c6f8a11';

export const recommendationId = (clientId: string, need: Ref, { module, offer }: OfferRef): string =>
  v5([clientId, need.module, need.id, module, offer].join(' '), RECOMMENDATIONS);

/** The referral that follows when another one came to nothing. */
export const reroutedId = (referralId: string, { module, offer }: OfferRef): string => v5(`${module} ${offer}`, referralId);

/** What a counsellor has to decide because a need ended, by the version of its entry that says so. */
export const needEndedId = (planId: string, { module, id }: Ref, version: number): string => v5(`need-ended ${module}/${id}@${version}`, planId);

export const proposalId = (referralId: string, answer: string): string => v5(`proposal ${answer}`, referralId);
