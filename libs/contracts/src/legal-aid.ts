import { Type } from 'typebox';
import { contract } from './contract.js';
import { topics, serviceTopic } from './topics.js';
import { At, Code, Date, Id, closed } from './values.js';
import { Urgency } from './referrals.js';

export const legalAidTopic = serviceTopic('legal-aid');

export const referralReceived = contract(legalAidTopic, 'legal-aid.referral-received', '1.0.0', Type.Object({
  referralId: Id, clientId: Id, offer: Code, urgency: Urgency, respondBy: At,
}, closed), `A request on ${topics.referrals.name} reached the module`);

const matter = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string, version = '1.0.0') =>
  contract(legalAidTopic, type, version, Type.Object({ matterId: Id, clientId: Id, at: At, ...more }, closed), description);

/** Either the day, or why there is none. */
const next = { nextDeadline: Type.Optional(Date), noDeadlineReason: Type.Optional(Code) };

export const matterOpened = matter('legal-aid.matter-opened', { referralId: Id, offer: Code }, 'A matter was opened; nothing of substance may be done yet');
const MatchResult = Type.Enum(['none', 'possible']);
const outcome = { outcome: Type.Enum(['clear', 'conflict']), matched: Type.Optional(MatchResult) };
export const conflictMatched = matter('legal-aid.conflict-matched', { result: MatchResult, until: At }, 'Whether the other parties may be clients was answered; the answer is good until then, and the parties stay here');
export const conflictChecked = matter('legal-aid.conflict-checked', outcome, 'A person decided whether a conflict of interest stands; `matched` is the answer that lay before them', '1.1.0');
export const conflictRecheckNeeded = matter('legal-aid.conflict-recheck-needed', { reason: Code }, 'What the conflict check stood on changed: it has to be asked again');
export const conflictRechecked = matter('legal-aid.conflict-rechecked', outcome, 'A person decided again whether a conflict of interest stands');
export const eligibilityDecided = matter('legal-aid.eligibility-decided', { outcome: Type.Enum(['eligible', 'not-eligible']), ground: Code }, 'A person decided whether the client may have this aid');
export const matterDeclined = matter('legal-aid.matter-declined', { reason: Code }, 'The matter was not taken on');
export const matterActivated = matter('legal-aid.matter-activated', next, 'Work began');
export const deadlineSet = matter('legal-aid.deadline-set', next, 'The next deadline of an active matter changed');
export const matterPaused = matter('legal-aid.matter-awaiting-third-party', {}, 'The matter waits for somebody else');
export const matterResumed = matter('legal-aid.matter-resumed', {}, 'The wait ended');
export const summaryWritten = matter('legal-aid.summary-written', {}, 'The lawyer wrote what the client reads in the plan; the text stays here');
export const matterResolved = matter('legal-aid.matter-resolved', { outcome: Code }, 'The matter came to an outcome');
export const matterClosed = matter('legal-aid.matter-closed', {}, 'The file was closed');
export const matterEnteredInError = matter('legal-aid.matter-entered-in-error', { reason: Code }, 'The matter should never have been recorded');

/** Days only: which rule a deadline follows would tell what the dispute is about. */
const deadline = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  matter(type, { deadlineId: Id, day: Date, ...more }, description);

const provisional = { provisional: Type.Boolean({ description: 'Whether the calendar behind it may still change' }) };

export const deadlineComputed = deadline('legal-aid.deadline-computed', provisional, 'A deadline was computed; a person has to confirm it');
export const deadlineConfirmed = deadline('legal-aid.deadline-confirmed', {}, 'A person confirmed the deadline and is named as responsible');
export const deadlineRecomputed = deadline('legal-aid.deadline-recomputed', provisional, 'A new calendar left the day where it was');
export const deadlineMoved = deadline('legal-aid.deadline-moved', { from: Date, ...provisional }, 'A new calendar moved the day; the person responsible has to acknowledge it');
export const deadlineMoveAcknowledged = deadline('legal-aid.deadline-move-acknowledged', {}, 'The person responsible knows of the new day');
export const deadlineApproached = deadline('legal-aid.deadline-approached', { daysLeft: Type.Integer({ minimum: 0, maximum: 400 }) }, 'The deadline comes near');
export const deadlineMet = deadline('legal-aid.deadline-met', { on: Date }, 'What had to be done was done in time');
export const deadlineMissed = deadline('legal-aid.deadline-missed', {}, 'The last day is over and nobody recorded that it was met');
export const deadlineExtended = deadline('legal-aid.deadline-extended', { from: Date, ground: Type.Enum(['extended', 'restored']) }, 'The court gave more time, or restored a missed term');
export const deadlineWithdrawn = deadline('legal-aid.deadline-withdrawn', { reason: Code }, 'The deadline holds no more, or never did');
