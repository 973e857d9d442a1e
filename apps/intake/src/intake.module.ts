import * as contracts from '@opora/contracts';
import type { ServiceDefinition } from '@opora/service';
import { join } from 'node:path';
import { Care } from './care.js';
import { CareTeam } from './care-team.following.js';
import { CircumstancesController } from './circumstances.controller.js';
import { ClientMatchingController } from './client-matching.controller.js';
import { ClientsController } from './clients.controller.js';
import { ClientsLookupController } from './clients-lookup.controller.js';
import { Clients } from './clients.store.js';
import { ConsentReceiptsController } from './consent-receipts.controller.js';
import { ConsentsController } from './consents.controller.js';
import { Consents } from './consents.store.js';
import { Turns } from './evaluation.turns.js';
import { Workers } from './evaluation.workers.js';
import { ErasureDesk } from './erasure-desk.js';
import { ErasureReactions } from './erasures.reactions.js';
import { ErasuresController } from './erasures.controller.js';
import { Erasures } from './erasures.store.js';
import { Evaluator } from './evaluator.js';
import { HelpRequestsController } from './help-requests.controller.js';
import { HelpRequests } from './help-requests.store.js';
import { InstrumentsController } from './instruments.controller.js';
import { Instruments } from './instruments.store.js';
import { Trial } from './instruments.trial.js';
import { InterpretationsController } from './interpretations.controller.js';
import { Interpretations } from './interpretations.store.js';
import { LooksController } from './looks.controller.js';
import { Looks } from './looks.store.js';
import { MatchKeys } from './match-key.store.js';
import { Merging } from './merging.js';
import { Intake1700000300001 } from './migrations/0001-intake.js';
import { Screening1700000300002 } from './migrations/0002-screening.js';
import { Interpretation1700000300003 } from './migrations/0003-interpretation.js';
import { MatchKey1700000300004 } from './migrations/0004-match-key.js';
import { Circumstances1700000300005 } from './migrations/0005-circumstances.js';
import { Merge1700000300007 } from './migrations/0007-merge.js';
import { Erasure1700000300008 } from './migrations/0008-erasure.js';
import { Reviews1700000300009 } from './migrations/0009-reviews.js';
import { NeedRulesController } from './need-rules.controller.js';
import { NeedRules } from './need-rules.store.js';
import { NeedsController } from './needs.controller.js';
import { Identification } from './needs.identification.js';
import { NeedReactions } from './needs.reactions.js';
import { Needs } from './needs.store.js';
import { OpeningsController } from './openings.controller.js';
import { Openings, overdueReviews } from './openings.store.js';
import { People } from './people.js';
import { Reactions } from './reactions.js';
import { RecordMergesController } from './record-merges.controller.js';
import { RecordMerges } from './record-merges.store.js';
import { ScreeningsController } from './screenings.controller.js';
import { Assessing } from './screenings.assessing.js';
import { Screenings } from './screenings.store.js';
import { ScreeningViews } from './screenings.view.js';
import { Starter } from './starter.js';
import { Variables } from './variables.js';

export const Intake: ServiceDefinition = {
  name: 'intake',
  version: '0.1.0',
  titles: { en: 'Intake and diagnostics', ru: 'Приём и диагностика' },
  controllers: [
    // People
    ClientsLookupController, ClientMatchingController, ClientsController, LooksController, ConsentsController, ConsentReceiptsController, HelpRequestsController, RecordMergesController, ErasuresController,
    // Who may see them
    CircumstancesController, OpeningsController,
    // Screening
    InstrumentsController, InterpretationsController, NeedRulesController, ScreeningsController, NeedsController,
  ],
  stores: [
    // People
    Clients, Consents, HelpRequests, RecordMerges, Erasures,
    // Screening
    Instruments, Interpretations, NeedRules, Screenings, Needs,
  ],
  providers: [
    // People
    Care, Looks, MatchKeys, CareTeam, Openings, People, Merging, ErasureDesk,
    // Screening
    Workers, Turns, Evaluator, Assessing, ScreeningViews, Trial, Identification, Starter,
  ],
  reactions: [
    // People
    Reactions, ErasureReactions,
    // Screening
    NeedReactions,
  ],
  follows: [contracts.topics.planEntries.name, contracts.topics.modules.name],
  says: [
    // People
    contracts.clientRegistered, contracts.clientCorrected, contracts.clientEnteredInError, contracts.consentsChanged,
    contracts.consentRequested, contracts.consentGiven, contracts.consentRefused, contracts.consentWithdrawn, contracts.consentEnteredInError,
    contracts.consentEnded, contracts.consentObjectedTo, contracts.objectionOverruled,
    contracts.careTeamJoined, contracts.careTeamLeft, contracts.recordHidden, contracts.recordUnhidden, contracts.relationBarred, contracts.barLifted,
    contracts.recordOpened, contracts.recordClosed, contracts.openingReviewed,
    contracts.helpRequestRegistered, contracts.helpRequestTriaged, contracts.helpRequestLinked, contracts.firstContactMade, contracts.responseOverdue,
    contracts.urgentHelpGiven, contracts.helpRequestResolved, contracts.helpRequestEnteredInError,
    contracts.mergeProposed, contracts.mergeConfirmed, contracts.mergeDeclined, contracts.unmergeProposed, contracts.unmergeDeclined, contracts.mergeUndone,
    contracts.mergeEnteredInError, contracts.aliasesNamed,
    contracts.personKeyMade, contracts.personErasing, contracts.erasureRequested, contracts.intakeErasureAsked, contracts.intakeErasureRefused, contracts.intakeErasureAnswered, contracts.intakeErasureCompleted,
    // Screening
    contracts.instrumentTakenIn, contracts.instrumentPublished, contracts.instrumentRetired, contracts.instrumentEnteredInError,
    contracts.needRuleWritten, contracts.needRuleRevised, contracts.needRuleRetired, contracts.needRuleEnteredInError,
    contracts.interpretationAgreed, contracts.interpretationRevised, contracts.interpretationRetired, contracts.interpretationEnteredInError,
    contracts.screeningPlanned, contracts.answersSaved, contracts.screeningCompleted, contracts.screeningAmended, contracts.screeningEnteredInError,
    contracts.needIdentified, contracts.needEvidenceAdded, contracts.needEvidenceWithdrawn, contracts.needFlagged, contracts.needConfirmed, contracts.needAddressed,
    contracts.needReopened, contracts.needClosed, contracts.needWithdrawn, contracts.needEnteredInError,
  ],
  serves: ['openapi', 'clients:display'],
  me: ['consents'],
  variables: Variables,
  retention: join(import.meta.dirname, 'retention.json'),
  erasesPersons: ErasureDesk,
  gauges: [overdueReviews],
  migrations: [
    // People
    Intake1700000300001,
    // Screening
    Screening1700000300002, Interpretation1700000300003,
    // People
    MatchKey1700000300004, Circumstances1700000300005, Merge1700000300007, Erasure1700000300008, Reviews1700000300009,
  ],
};
