import type {
  DataOf, OfferRef, recommendationAccepted, recommendationDeclined, recommendationEnteredInError, recommendationMade, recommendationModified, Ref,
} from '@opora/contracts';
import { absent, DomainError, idTaken, wrongStatus, type Fact, type Instant } from '@opora/domain';
import { mustBeOpen, sameOffer, type Offerings } from './offering.js';

export interface Made {
  readonly recommendationId: string;
  readonly clientId: string;
  /** Of a matched option: the agency whose need it is about, whoever decides. */
  readonly agency: string;
  readonly origin: 'matched' | 'counsellor';
  readonly needs: readonly Ref[];
  readonly offer?: OfferRef;
  /** The counsellor's written conclusion. */
  readonly conclusion?: string;
}

export type Recommendation = Made & (
  | { readonly status: 'proposed' | 'accepted' | 'entered-in-error' }
  | { readonly status: 'modified'; readonly instead: OfferRef }
  | { readonly status: 'declined'; readonly reason: string }
);

/** All but what was recorded by mistake. */
export const recorded = ['proposed', 'accepted', 'modified', 'declined'] as const satisfies Recommendation['status'][];

export type RecommendationFact =
  | Fact<'counselling.recommendation-made', DataOf<typeof recommendationMade>, Made>
  | Fact<'counselling.recommendation-accepted', DataOf<typeof recommendationAccepted>>
  | Fact<'counselling.recommendation-modified', DataOf<typeof recommendationModified>>
  | Fact<'counselling.recommendation-declined', DataOf<typeof recommendationDeclined>>
  | Fact<'counselling.recommendation-entered-in-error', DataOf<typeof recommendationEnteredInError>>;

/** What a person makes of a recommendation. */
export type Verdict = { readonly kind: 'accept' } | { readonly kind: 'modify'; readonly instead: OfferRef } | { readonly kind: 'decline'; readonly reason: string };

/**
 * The key of its need, or an agency. A matched option belongs to its need: whoever may read that sees what became of the option and may
 * decide on it. What a counsellor recommends stays in the counsellor's agency.
 */
export const belongsTo = ({ origin, needs, agency }: Made): string => origin === 'matched' ? `${needs[0]!.module}/${needs[0]!.id}` : agency;

const about = ({ recommendationId, clientId }: Made, at: Instant) => ({ recommendationId, clientId, at });

export const make = (recommendation: Recommendation | undefined, made: Made, { at }: { at: Instant }): [RecommendationFact] => {
  if (recommendation) throw idTaken();
  return [madeFact(made, at)];
};

const madeFact = (made: Made, at: Instant): RecommendationFact => {
  const { origin, needs, offer } = made;
  return { type: 'counselling.recommendation-made', data: { ...about(made, at), origin, needs: [...needs], ...(offer && { offer }) }, own: made };
};

const judged = (known: Recommendation, verdict: Verdict, offerings: Offerings, at: Instant): RecommendationFact => {
  switch (verdict.kind) {
    case 'accept':
      if (known.offer) mustBeOpen(offerings(known.offer), '/offer');
      return { type: 'counselling.recommendation-accepted', data: about(known, at) };
    case 'modify':
      if (known.offer && sameOffer(known.offer, verdict.instead)) {
        throw new DomainError('invalid', 'same-offer', 'This is the recommended offer; accept it, or name another', [{ pointer: '/instead', code: 'same-offer', detail: 'must be another offer' }]);
      }
      mustBeOpen(offerings(verdict.instead), '/instead');
      return { type: 'counselling.recommendation-modified', data: { ...about(known, at), instead: verdict.instead } };
    case 'decline':
      return { type: 'counselling.recommendation-declined', data: { ...about(known, at), reason: verdict.reason } };
    default: return verdict satisfies never;
  }
};

/** A person decides; an option that so far was only computed, or recorded by mistake, becomes a recommendation by that. */
export const judge = (
  recommendation: Recommendation | undefined, input: { verdict: Verdict; matched?: Made | undefined; offerings: Offerings; at: Instant },
): RecommendationFact[] => {
  const { verdict, matched, offerings, at } = input;
  const isNew = !recommendation || recommendation.status === 'entered-in-error';
  const first = matched && isNew ? [madeFact(matched, at)] : [];
  const known = first.reduce<Recommendation | undefined>(evolve, recommendation);
  if (!known || known.status === 'entered-in-error') throw absent('recommendation');
  if (known.status !== 'proposed') throw wrongStatus('recommendation', known.status, 'proposed');
  return [...first, judged(known, verdict, offerings, at)];
};

export const enterInError = (recommendation: Recommendation | undefined, { reason, at }: { reason: string; at: Instant }): RecommendationFact[] => {
  if (!recommendation || recommendation.status === 'entered-in-error') throw absent('recommendation');
  return [{ type: 'counselling.recommendation-entered-in-error', data: { ...about(recommendation, at), reason } }];
};

export const evolve = (recommendation: Recommendation | undefined, fact: RecommendationFact): Recommendation => {
  if (fact.type === 'counselling.recommendation-made') return { ...fact.own!, status: 'proposed' };
  const known = recommendation!;
  switch (fact.type) {
    case 'counselling.recommendation-accepted': return { ...known, status: 'accepted' };
    case 'counselling.recommendation-modified': return { ...known, status: 'modified', instead: fact.data.instead };
    case 'counselling.recommendation-declined': return { ...known, status: 'declined', reason: fact.data.reason };
    case 'counselling.recommendation-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
