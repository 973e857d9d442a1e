import type { Urgency } from '@opora/contracts';
import { absent, DomainError, idTaken, wrongStatus, type Instant } from '@opora/domain';
import type { Asked, HelpRequest, HelpRequestFact } from './help-request-state.js';
import { respondBy } from './response-clock.js';

/** Federal Law 442-FZ art. 21(1): the kinds of urgent social services. */
export const urgentHelps = ['hot-meal', 'food-package', 'clothing', 'temporary-shelter', 'legal-help', 'psychological-help', 'medicine', 'transport', 'money', 'other'] as const;

/** Outcomes that nobody has to be spoken to for. */
const withoutContact = ['withdrawn', 'could-not-contact', 'duplicate', 'out-of-scope'] as const;
export const outcomes = ['client-registered', 'advised', 'helped', 'passed-on', ...withoutContact] as const;

const must = (request: HelpRequest | undefined, ...statuses: HelpRequest['status'][]): HelpRequest => {
  if (!request || request.status === 'entered-in-error') throw absent('help request');
  if (!statuses.includes(request.status)) throw wrongStatus('help request', request.status, statuses.join(' or '));
  return request;
};

const about = ({ helpRequestId, clientId }: Pick<Asked, 'helpRequestId' | 'clientId'>, at: Instant) => ({ helpRequestId, ...(clientId !== undefined && { clientId }), at });

export const register = (request: HelpRequest | undefined, { at, ...asked }: Asked & { at: Instant }): HelpRequestFact[] => {
  if (request) throw idTaken();
  return [{ type: 'intake.help-request-registered', data: { ...about(asked, at), source: asked.source, needCodes: [...asked.needCodes] }, own: asked }];
};

/** Starts the response clock. May be repeated until there was contact: urgency changes. */
export const triage = (request: HelpRequest | undefined, { urgency, at }: { urgency: Urgency; at: Instant }): HelpRequestFact[] => {
  const waiting = must(request, 'registered', 'triaged');
  const { triagedAt, urgency: was, respondBy: due } = waiting;
  const before = triagedAt && was && due ? { triagedAt, urgency: was, respondBy: due } : undefined;
  return [{ type: 'intake.help-request-triaged', data: { ...about(waiting, at), urgency, respondBy: respondBy(urgency, at, before) } }];
};

export const link = (request: HelpRequest | undefined, { clientId, at }: { clientId: string; at: Instant }): HelpRequestFact[] => {
  const known = must(request, 'registered', 'triaged', 'in-contact', 'resolved');
  if (known.clientId === clientId) return [];
  if (known.clientId !== undefined) throw new DomainError('conflict', 'already-linked', 'This help request belongs to another client; if that is wrong, enter it in error and register it anew');
  return [{ type: 'intake.help-request-linked', data: { ...about(known, at), clientId } }];
};

const firstContact = (request: HelpRequest, at: Instant): HelpRequestFact =>
  ({ type: 'intake.first-contact-made', data: { ...about(request, at), inTime: at <= request.respondBy! } });

const tooEarly = (code: string, detail: string) => new DomainError('invalid', code, 'This cannot have happened so early', [{ pointer: '/occurredAt', code, detail }]);

/** Stops the response clock: what counts is when they spoke, not when it was recorded. Before triage there was no clock to stop. */
export const recordContact = (request: HelpRequest | undefined, { at }: { at: Instant }): HelpRequestFact[] => {
  const waiting = must(request, 'triaged');
  if (at < waiting.triagedAt!) throw tooEarly('before-triage', 'must not be earlier than triage');
  return [firstContact(waiting, at)];
};

/** The emergency path ends here: no consent, screening or plan. Giving help is contact, also when it came before the paperwork of triage. */
export const giveUrgentHelp = (request: HelpRequest | undefined, { help, text, at }: { help: string; text?: string | undefined; at: Instant }): HelpRequestFact[] => {
  const open = must(request, 'triaged', 'in-contact');
  if (at < open.registeredAt) throw tooEarly('before-registration', 'must not be earlier than the request itself');
  if (open.urgency !== 'emergency') throw new DomainError('conflict', 'not-an-emergency', 'Urgent help is for requests triaged as an emergency; triage it so first');
  return [
    ...(open.status === 'triaged' ? [firstContact(open, at)] : []),
    { type: 'intake.urgent-help-given', data: { ...about(open, at), help }, own: { text } },
    { type: 'intake.help-request-resolved', data: { ...about(open, at), outcome: 'urgent-help-given' } },
  ];
};

export const resolve = (request: HelpRequest | undefined, { outcome, at }: { outcome: string; at: Instant }): HelpRequestFact[] => {
  const open = must(request, 'registered', 'triaged', 'in-contact');
  if (open.status !== 'in-contact' && !(withoutContact as readonly string[]).includes(outcome)) {
    throw new DomainError('conflict', 'no-contact-yet', 'Nobody has spoken with the person; record the first contact, or why there was none');
  }
  return [{ type: 'intake.help-request-resolved', data: { ...about(open, at), outcome } }];
};

/** Said once, and only while nobody has made contact. */
export const noticeOverdue = (request: HelpRequest | undefined, { at }: { at: Instant }): HelpRequestFact[] =>
  request?.status === 'triaged' && request.overdueAt === undefined && at > request.respondBy!
    ? [{ type: 'intake.response-overdue', data: { ...about(request, at), respondBy: request.respondBy! } }]
    : [];

export const enterInError = (request: HelpRequest | undefined, { reason, at }: { reason: string; at: Instant }): HelpRequestFact[] =>
  [{ type: 'intake.help-request-entered-in-error', data: { ...about(must(request, 'registered', 'triaged', 'in-contact', 'resolved'), at), reason } }];
