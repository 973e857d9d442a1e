import { Type } from 'typebox';
import { contract } from './contract.js';
import { topics, serviceTopic } from './topics.js';
import { At, Code, Date, Id, closed } from './values.js';
import { Urgency } from './referrals.js';

export const legalAidTopic = serviceTopic('legal-aid');

export const referralReceived = contract(legalAidTopic, 'legal-aid.referral-received', '1.0.0', Type.Object({
  referralId: Id, clientId: Id, offer: Code, urgency: Urgency, respondBy: At,
}, closed), `A request on ${topics.referrals.name} reached the module`);

const matter = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(legalAidTopic, type, '1.0.0', Type.Object({ matterId: Id, clientId: Id, at: At, ...more }, closed), description);

/** Either the day, or why there is none. */
const next = { nextDeadline: Type.Optional(Date), noDeadlineReason: Type.Optional(Code) };

export const matterOpened = matter('legal-aid.matter-opened', { referralId: Id, offer: Code }, 'A matter was opened; nothing of substance may be done yet');
export const conflictChecked = matter('legal-aid.conflict-checked', { outcome: Type.Enum(['clear', 'conflict']) }, 'A person decided whether a conflict of interest stands');
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
