import { Type } from 'typebox';
import { LegalBasis, Purpose } from './consents.js';
import { contract } from './contract.js';
import { Urgency } from './referrals.js';
import { NeedCode } from './screening.js';
import { serviceTopic } from './topics.js';
import { Agency, At, Code, DataClass, Id, StaffId, closed } from './values.js';

export const intakeTopic = serviceTopic('intake');

const client = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(intakeTopic, type, '1.0.0', Type.Object({ clientId: Id, at: At, ...more }, closed), description);

/** The groups that count on the day, and the area: what statistics and eligibility ask for. */
const belonging = { anonymous: Type.Boolean(), groups: Type.Array(Code), areaCode: Type.Optional(Code) };

export const clientRegistered = client('intake.client-registered', belonging, 'A person became known, perhaps without a name');
export const clientCorrected = client('intake.client-corrected', { ...belonging, fields: Type.Array(Code, { description: 'Names of the fields that changed' }) }, 'What is known of a person was corrected or changed');
export const clientEnteredInError = client('intake.client-entered-in-error', { reason: Code }, 'The person should never have been recorded; the consents went with the record');

const consent = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  client(type, { consentId: Id, ...more }, description);

export const consentRequested = consent('intake.consent-requested', {
  purpose: Purpose, recipients: Type.Array(Agency, { minItems: 1 }), dataClasses: Type.Array(DataClass, { minItems: 1 }), legalBasis: LegalBasis,
  from: At, until: Type.Optional(At),
}, 'The person was asked');
export const consentGiven = consent('intake.consent-given', { from: At }, 'The person agreed; sharing may begin at `from`');
export const consentRefused = consent('intake.consent-refused', {}, 'The person said no');
export const consentWithdrawn = consent('intake.consent-withdrawn', {}, 'The person took the agreement back: sharing stops');
export const consentEnded = consent('intake.consent-ended', { reason: Code }, 'The agency ended the sharing, whatever it rested on');
export const consentObjectedTo = consent('intake.consent-objected-to', {}, 'The person objects to a sharing that rests on a public task: it stops until a person has decided');
export const objectionOverruled = consent('intake.objection-overruled', { reason: Code }, 'Compelling grounds outweigh the objection: the sharing goes on');
export const consentEnteredInError = consent('intake.consent-entered-in-error', { reason: Code }, 'The consent should never have been recorded');

const because = Type.Enum(['plan', 'assigned'], { description: 'plan: named as responsible in an open plan entry; assigned: a person said so' });
export const careTeamJoined = client('intake.care-team-joined', { member: StaffId, because }, 'Somebody of the staff cares for the person from now on');
export const careTeamLeft = client('intake.care-team-left', { member: StaffId, because }, 'For this reason nobody of that name cares for the person any more');
export const recordHidden = client('intake.record-hidden', { reason: Code }, 'Only those who care for the person find the record from now on');
export const recordUnhidden = client('intake.record-unhidden', { reason: Code }, 'The record is found as any other');
export const relationBarred = client('intake.relation-barred', { barId: Id }, 'Somebody must not learn anything about the person; who, and why, stays in intake');
export const barLifted = client('intake.bar-lifted', { barId: Id, reason: Code }, 'The bar holds no longer');

const opening = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  client(type, { openingId: Id, ...more }, description);

export const recordOpened = opening('intake.record-opened', { subject: StaffId, agency: Agency, reason: Code, until: At, reviewDue: At }, 'Break-glass: one worker sees the person’s record for a while; supervisors review it. The words stay in intake');
export const recordClosed = opening('intake.record-closed', {}, 'The opening ended before its time');
export const openingReviewed = opening('intake.opening-reviewed', { finding: Type.Enum(['justified', 'not-justified']) }, 'A supervisor found whether the opening was right');

/** Without a client while nobody knows whose request it is. */
const helpRequest = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(intakeTopic, type, '1.0.0', Type.Object({
    helpRequestId: Id, clientId: Type.Optional(Id), at: At, ...more,
  }, closed), description);

export const helpRequestRegistered = helpRequest('intake.help-request-registered', {
  source: Type.Enum(['self', 'representative', 'relative', 'organisation', 'outreach']), needCodes: Type.Array(NeedCode),
}, 'Somebody asked for help for a person; the reference of an organisation stays in intake');
export const helpRequestTriaged = helpRequest('intake.help-request-triaged', { urgency: Urgency, respondBy: At }, 'The response clock runs');
export const helpRequestLinked = helpRequest('intake.help-request-linked', {}, 'It is known whose request it is');
export const firstContactMade = helpRequest('intake.first-contact-made', { inTime: Type.Boolean() }, 'The first substantive contact: the response clock stops');
export const responseOverdue = helpRequest('intake.response-overdue', { respondBy: At }, 'Nobody made contact in time; said once');
export const urgentHelpGiven = helpRequest('intake.urgent-help-given', { help: Code }, 'Help was given at once, without further paperwork');
export const helpRequestResolved = helpRequest('intake.help-request-resolved', { outcome: Code }, 'The request came to an outcome');
export const helpRequestEnteredInError = helpRequest('intake.help-request-entered-in-error', { reason: Code }, 'The request should never have been recorded');

/** The clientId is the surviving record's. Who proposed and who decided stands in intake. */
const merge = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  client(type, { mergeId: Id, mergedId: Id, ...more }, description);

export const mergeProposed = merge('intake.merge-proposed', { reason: Code }, 'Somebody thinks that two records are of one person');
export const mergeConfirmed = merge('intake.merge-confirmed', {}, 'Somebody else agrees: the merged record is read as the surviving one');
export const mergeDeclined = merge('intake.merge-declined', { reason: Code }, 'Somebody else does not agree');
export const unmergeProposed = merge('intake.unmerge-proposed', { reason: Code }, 'Somebody thinks that the two are not one person after all');
export const unmergeDeclined = merge('intake.unmerge-declined', { reason: Code }, 'Somebody else does not agree: the merge stands');
export const mergeUndone = merge('intake.merge-undone', {}, 'Somebody else agrees: each record stands for itself again, as it was');
export const mergeEnteredInError = merge('intake.merge-entered-in-error', { reason: Code }, 'The merge should never have been recorded; it was not in force');
export const aliasesNamed = client('intake.aliases-named', { aliases: Type.Array(Id) }, 'Which other records are of the person now; nobody’s history is rewritten');
