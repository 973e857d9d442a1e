import * as contracts from '@opora/contracts';
import type { ServiceDefinition } from '@opora/service';
import { join } from 'node:path';
import { ConflictAsking } from './conflict-asking.js';
import { DeadlinesController } from './deadlines.controller.js';
import { LawController } from './law.controller.js';
import { Law } from './law.store.js';
import { MatterDeadlinesController } from './matter-deadlines.controller.js';
import { MattersController } from './matters.controller.js';
import { Matters } from './matters.store.js';
import { LegalAid1700000100001 } from './migrations/0001-legal-aid.js';
import { LegalTime1700000100002 } from './migrations/0002-legal-time.js';
import { Merged1700000100003 } from './migrations/0003-merged.js';
import { offers } from './offers.js';
import { PlanTextsController } from './plan-texts.controller.js';
import { Reactions } from './reactions.js';
import { ReferralsController } from './referrals.controller.js';
import { Referrals } from './referrals.store.js';
import { Variables } from './variables.js';

export const LegalAid: ServiceDefinition = {
  name: 'legal-aid',
  version: '0.1.0',
  titles: { en: 'Legal aid', ru: 'Юридическая помощь' },
  controllers: [ReferralsController, MatterDeadlinesController, MattersController, PlanTextsController, DeadlinesController, LawController],
  providers: [Law, ConflictAsking],
  stores: [Referrals, Matters],
  reactions: [Reactions],
  says: [
    contracts.referralReceived, contracts.referralAccepted, contracts.referralRejected, contracts.referralExpired, contracts.referralWithdrawn, contracts.referralEnteredInError,
    contracts.matterOpened, contracts.conflictMatched, contracts.conflictChecked, contracts.conflictRecheckNeeded, contracts.conflictRechecked,
    contracts.eligibilityDecided, contracts.matterDeclined, contracts.matterActivated, contracts.deadlineSet,
    contracts.matterPaused, contracts.matterResumed, contracts.summaryWritten, contracts.matterResolved, contracts.matterClosed, contracts.matterEnteredInError,
    contracts.deadlineComputed, contracts.deadlineConfirmed, contracts.deadlineRecomputed, contracts.deadlineMoved, contracts.deadlineMoveAcknowledged,
    contracts.deadlineApproached, contracts.deadlineMet, contracts.deadlineMissed, contracts.deadlineExtended, contracts.deadlineWithdrawn,
  ],
  offers,
  serves: ['openapi', 'plan-texts'],
  retention: join(import.meta.dirname, 'retention.json'),
  variables: Variables,
  migrations: [LegalAid1700000100001, LegalTime1700000100002, Merged1700000100003],
};
