import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { serviceTopic } from './topics.js';
import { At, Code, Id, Version, closed } from './values.js';

// Facts of intake's instruments, need rules, screenings and needs, on intake's own topic. Answers, scores and texts stay in intake.
const topic = serviceTopic('intake');

const fact = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(topic, type, '1.0.0', Type.Object({ ...more, at: At }, closed), description);

export const NeedCode = Type.Enum(['housing', 'food', 'income', 'employment', 'legal', 'safety', 'psychological', 'daily-living']);
export type NeedCode = Static<typeof NeedCode>;

export const Severity = Type.Enum(['low', 'moderate', 'high', 'critical']);
export type Severity = Static<typeof Severity>;

/** `instrumentVersion` counts what one agency took in under one canonical url. */
const instrument = { instrumentId: Id, instrumentVersion: Version };
export const instrumentTakenIn = fact('intake.instrument-taken-in', instrument, 'A questionnaire was taken in as a draft');
export const instrumentPublished = fact('intake.instrument-published', instrument, 'The questionnaire may be used for screenings; it never changes again');
export const instrumentRetired = fact('intake.instrument-retired', instrument, 'No new screenings with this questionnaire');
export const instrumentEnteredInError = fact('intake.instrument-entered-in-error', { ...instrument, reason: Code }, 'The questionnaire should never have been taken in');

const rule = { ruleId: Id, instrumentId: Id, ruleVersion: Version };
const ruleText = { ...rule, need: NeedCode, severity: Severity };
export const needRuleWritten = fact('intake.need-rule-written', ruleText, 'A condition on answers now points to a need');
export const needRuleRevised = fact('intake.need-rule-revised', ruleText, 'The rule has a new version, for screenings from now on');
export const needRuleRetired = fact('intake.need-rule-retired', rule, 'The rule finds no more needs; those found stay');
export const needRuleEnteredInError = fact('intake.need-rule-entered-in-error', { ...rule, reason: Code }, 'The rule was wrong: needs that stand on nothing else go');

const screening = { screeningId: Id, clientId: Id, ...instrument };
export const screeningPlanned = fact('intake.screening-planned', screening, 'A screening with a pinned questionnaire was planned');
export const answersSaved = fact('intake.answers-saved', screening, 'Answers of a screening under way were saved');
export const screeningCompleted = fact('intake.screening-completed', screening, 'The answers are complete, checked and scored');
export const screeningAmended = fact('intake.screening-amended', screening, 'Answers were corrected after completion; scores and needs were worked out again');
export const screeningEnteredInError = fact('intake.screening-entered-in-error', { ...screening, reason: Code }, 'The screening should never have been recorded; its needs go with it');

const need = { needId: Id, clientId: Id };
const origin = { screeningId: Type.Optional(Id), ruleId: Type.Optional(Id), ruleVersion: Type.Optional(Version) };
const Source = Type.Enum(['screening', 'practitioner', 'client', 'organisation']);
export const needIdentified = fact('intake.need-identified', { ...need, need: NeedCode, severity: Severity, source: Source, ...origin }, 'A need was found by a rule or named by a person');
export const needEvidenceAdded = fact('intake.need-evidence-added', { ...need, severity: Severity, source: Source, ...origin }, 'An open need was found or named once more');
export const needEvidenceWithdrawn = fact('intake.need-evidence-withdrawn', { ...need, ...origin, reason: Code }, 'A finding no longer stands; the need itself may');
export const needFlagged = fact('intake.need-flagged', { ...need, reason: Code }, 'Nothing that the confirmed need stood on stands any more: a person should look');
export const needConfirmed = fact('intake.need-confirmed', need, 'Confirmed with the client');
export const needAddressed = fact('intake.need-addressed', { ...need, module: Code, goalId: Id }, 'An active goal serves the need; said of each such goal');
export const needReopened = fact('intake.need-reopened', need, 'No active goal serves the confirmed need any more');
export const needClosed = fact('intake.need-closed', { ...need, outcome: Type.Enum(['met', 'unmet']) }, 'The need was met, or will not be');
export const needWithdrawn = fact('intake.need-withdrawn', { ...need, reason: Code }, 'It is no need, or no longer one');
export const needEnteredInError = fact('intake.need-entered-in-error', { ...need, reason: Code }, 'The need should never have been recorded');

const interpretation = { interpretationId: Id, instrumentId: Id, interpretationVersion: Version };
export const interpretationAgreed = fact('intake.interpretation-agreed', interpretation, 'An agency agreed on what a score means; the ranges stay in intake');
export const interpretationRevised = fact('intake.interpretation-revised', interpretation, 'The interpretation has a new version, for scores from now on');
export const interpretationRetired = fact('intake.interpretation-retired', interpretation, 'Scores from now on have no such interpretation; those interpreted stay so');
export const interpretationEnteredInError = fact('intake.interpretation-entered-in-error', { ...interpretation, reason: Code }, 'The interpretation was wrong: no score is shown with it any more');
