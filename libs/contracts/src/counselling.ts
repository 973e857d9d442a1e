import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { RejectionCode, Urgency } from './referrals.js';
import { serviceTopic } from './topics.js';
import { At, Code, Date, Id, ModuleName, Ref, Version, closed } from './values.js';

export const counsellingTopic = serviceTopic('counselling');

/** An offer of some module, by the code in its manifest. */
export const OfferRef = Type.Object({ module: ModuleName, offer: Code }, closed);
export type OfferRef = Static<typeof OfferRef>;

const recommendation = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(counsellingTopic, type, '1.0.0', Type.Object({ recommendationId: Id, clientId: Id, at: At, ...more }, closed), description);

export const recommendationMade = recommendation('counselling.recommendation-made', {
  origin: Type.Enum(['matched', 'counsellor']), needs: Type.Array(Ref), offer: Type.Optional(OfferRef),
}, 'An offer was found for a need, or a counsellor recommends something; the written conclusion stays here');
export const recommendationAccepted = recommendation('counselling.recommendation-accepted', {}, 'A person accepted the recommendation');
export const recommendationModified = recommendation('counselling.recommendation-modified', { instead: OfferRef }, 'A person took another offer instead');
export const recommendationDeclined = recommendation('counselling.recommendation-declined', { reason: Code }, 'A person declined the recommendation');
export const recommendationEnteredInError = recommendation('counselling.recommendation-entered-in-error', { reason: Code }, 'The recommendation should never have been recorded');

/** `number` is the plan's version that the fact is about. */
const plan = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(counsellingTopic, type, '1.0.0', Type.Object({ planId: Id, clientId: Id, number: Version, at: At, ...more }, closed), description);

export const planOpened = plan('counselling.plan-opened', {}, 'A support plan was opened with its first draft');
export const planVersionDrafted = plan('counselling.plan-version-drafted', { from: Version }, 'A new draft was copied from the version in force');
export const goalAdded = plan('counselling.goal-added', { goalId: Id, needs: Type.Array(Ref), title: Code }, 'A goal entered the draft; the person’s own words stay here');
export const goalRemoved = plan('counselling.goal-removed', { goalId: Id }, 'A goal left the draft');
export const needPutOff = plan('counselling.need-put-off', { need: Ref, reason: Code }, 'A need is left for later, with the reason');
export const offerChosen = plan('counselling.offer-chosen', {
  choiceId: Id, ...OfferRef.properties, needs: Type.Array(Ref), goalIds: Type.Array(Id), urgency: Urgency,
  alternatives: Type.Array(OfferRef), recommendationId: Type.Optional(Id),
}, 'An offer entered the draft, with what may be asked instead of it');
export const choiceDropped = plan('counselling.choice-dropped', { choiceId: Id }, 'An offer left the draft');
export const reviewDateSet = plan('counselling.review-date-set', { reviewOn: Date }, 'The day of the next review was set');
export const responsibleNamed = plan('counselling.responsible-named', {}, 'Somebody answers for the plan; who it is stays here');
export const planSubmitted = plan('counselling.plan-submitted', {}, 'The draft lies before the client');
export const submissionWithdrawn = plan('counselling.submission-withdrawn', {}, 'The counsellor took the version back to work on it again');
export const clientDecided = plan('counselling.client-decided', {
  decision: Type.Enum(['agree', 'disagree']),
  choices: Type.Array(Type.Object({ choiceId: Id, agreed: Type.Boolean(), alternatives: Type.Array(OfferRef) }, closed)),
}, 'The client decided on the version and on each offer in it; the client’s words stay here');
export const planActivated = plan('counselling.plan-activated', {
  supersedes: Type.Optional(Version), settles: Type.Array(Id, { description: 'Proposals that the new version answers' }),
}, 'The version came into force');
export const reviewStarted = plan('counselling.review-started', {}, 'The version in force is looked at again');
export const planClosed = plan('counselling.plan-closed', { outcome: Code }, 'The plan came to its end');
export const planEnteredInError = plan('counselling.plan-entered-in-error', { reason: Code }, 'The plan should never have been recorded');

const asked = { referralId: Id, choiceId: Id };

export const referralAnswerNoted = plan('counselling.referral-answer-noted', {
  ...asked, answer: Type.Enum(['accepted', 'rejected', 'expired', 'entered-in-error']), reason: Type.Optional(RejectionCode),
}, 'What a module answered was noted in the plan');
export const referralUnanswered = plan('counselling.referral-unanswered', { ...asked, respondBy: At }, 'The module said nothing, not even that the time to answer is over; it is not waited for any longer');
export const proposalMade = plan('counselling.proposal-made', {
  proposalId: Id, consequence: Type.Enum(['next-offer', 'reassess', 'park']), reason: Code, notBefore: Type.Optional(Date),
  referralId: Type.Optional(Id), choiceId: Type.Optional(Id),
  need: Type.Optional(Ref), goalIds: Type.Optional(Type.Array(Id)), choiceIds: Type.Optional(Type.Array(Id)),
}, 'A counsellor has to decide: about a referral that came to nothing, or about the goals and choices of a need that ended');
export const proposalDismissed = plan('counselling.proposal-dismissed', { proposalId: Id, reason: Code }, 'A counsellor decided to do nothing about it');
