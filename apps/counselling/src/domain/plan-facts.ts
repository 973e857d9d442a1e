import type * as c from '@opora/contracts';
import type { Fact } from '@opora/domain';
import type { ClientDecision, Goal } from './plan.js';

type Says<C extends c.Contract, O extends object = object> = Fact<C['type'], c.DataOf<C>, O>;

export type PlanFact =
  | Says<typeof c.planOpened, { agency: string }>
  | Says<typeof c.planVersionDrafted>
  | Says<typeof c.goalAdded, { goal: Goal }>
  | Says<typeof c.goalRemoved>
  | Says<typeof c.needPutOff>
  | Says<typeof c.offerChosen>
  | Says<typeof c.choiceDropped>
  | Says<typeof c.reviewDateSet>
  | Says<typeof c.responsibleNamed, { responsible: string }>
  | Says<typeof c.planSubmitted>
  | Says<typeof c.submissionWithdrawn>
  | Says<typeof c.clientDecided, ClientDecision>
  | Says<typeof c.planActivated>
  | Says<typeof c.reviewStarted>
  | Says<typeof c.planClosed>
  | Says<typeof c.planEnteredInError>
  | Says<typeof c.referralRequested, { choiceId: string }>
  | Says<typeof c.referralWithdrawn>
  | Says<typeof c.referralAnswerNoted>
  | Says<typeof c.referralUnanswered>
  | Says<typeof c.proposalMade>
  | Says<typeof c.proposalDismissed>;
