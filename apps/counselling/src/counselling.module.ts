import * as contracts from '@opora/contracts';
import { join } from 'node:path';
import type { ServiceDefinition } from '@opora/service';
import { Directory } from './directory.js';
import { DraftingController } from './drafting.controller.js';
import { Counselling1700000200001 } from './migrations/0001-counselling.js';
import { CounsellingNeedsAndSilence1700000200002 } from './migrations/0002-needs-and-silence.js';
import { PlanDesk } from './plan-desk.js';
import { PlanTextsController } from './plan-texts.controller.js';
import { PlansController } from './plans.controller.js';
import { Plans } from './plans.store.js';
import { Reactions } from './reactions.js';
import { RecommendationDesk } from './recommendation-desk.js';
import { RecommendationsController } from './recommendations.controller.js';
import { Recommendations } from './recommendations.store.js';

export const Counselling: ServiceDefinition = {
  name: 'counselling',
  version: '0.1.0',
  titles: { en: 'Counselling', ru: 'Консультирование' },
  controllers: [RecommendationsController, PlansController, DraftingController, PlanTextsController],
  stores: [Recommendations, Plans],
  providers: [Directory, PlanDesk, RecommendationDesk],
  reactions: [Reactions],
  follows: [contracts.topics.modules.name, contracts.topics.planEntries.name],
  says: [
    contracts.recommendationMade, contracts.recommendationAccepted, contracts.recommendationModified, contracts.recommendationDeclined, contracts.recommendationEnteredInError,
    contracts.planOpened, contracts.planVersionDrafted, contracts.goalAdded, contracts.goalRemoved, contracts.needPutOff, contracts.offerChosen, contracts.choiceDropped,
    contracts.reviewDateSet, contracts.responsibleNamed, contracts.planSubmitted, contracts.submissionWithdrawn, contracts.clientDecided, contracts.planActivated,
    contracts.reviewStarted, contracts.planClosed, contracts.planEnteredInError, contracts.referralRequested, contracts.referralWithdrawn,
    contracts.referralAnswerNoted, contracts.referralUnanswered, contracts.proposalMade, contracts.proposalDismissed,
  ],
  serves: ['openapi', 'plan-texts'],
  retention: join(import.meta.dirname, 'retention.json'),
  migrations: [Counselling1700000200001, CounsellingNeedsAndSilence1700000200002],
};
