import type {
  DataOf, firstContactMade, helpRequestEnteredInError, helpRequestLinked, helpRequestRegistered, helpRequestResolved, helpRequestTriaged, NeedCode, PlanEntryBody,
  responseOverdue, Urgency, urgentHelpGiven,
} from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant } from '@opora/domain';
import { respondBy } from './response-clock.js';
import { entered, helped, helpGiven, urgentHelp } from './titles.js';

export const sources = ['self', 'representative', 'relative', 'organisation', 'outreach'] as const;

/** Federal Law 442-FZ art. 21(1): the kinds of urgent social services. */
export const urgentHelps = ['hot-meal', 'food-package', 'clothing', 'temporary-shelter', 'legal-help', 'psychological-help', 'medicine', 'transport', 'money', 'other'] as const;

/** Outcomes that nobody has to be spoken to for. */
const withoutContact = ['withdrawn', 'could-not-contact', 'duplicate', 'out-of-scope'] as const;
export const outcomes = ['client-registered', 'advised', 'helped', 'passed-on', ...withoutContact] as const;

interface Asked {
  readonly helpRequestId: string;
  readonly agency: string;
  readonly clientId?: string | undefined;
  readonly source: (typeof sources)[number];
  /** The asking organisation's own number; it may identify the person there. */
  readonly reference?: string | undefined;
  readonly needCodes: readonly NeedCode[];
  readonly text?: string | undefined;
}

export type HelpRequest = Asked & {
  readonly status: 'registered' | 'triaged' | 'in-contact' | 'resolved' | 'entered-in-error';
  readonly urgency?: Urgency;
  readonly triagedAt?: Instant;
  readonly respondBy?: Instant;
  readonly overdueAt?: Instant | undefined;
  readonly contact?: { readonly at: Instant; readonly inTime: boolean };
  readonly urgentHelp?: { readonly help: string; readonly at: Instant; readonly text?: string | undefined };
  readonly outcome?: string;
};

export type HelpRequestFact =
  | Fact<'intake.help-request-registered', DataOf<typeof helpRequestRegistered>, Asked>
  | Fact<'intake.help-request-triaged', DataOf<typeof helpRequestTriaged>>
  | Fact<'intake.help-request-linked', DataOf<typeof helpRequestLinked>>
  | Fact<'intake.first-contact-made', DataOf<typeof firstContactMade>>
  | Fact<'intake.response-overdue', DataOf<typeof responseOverdue>>
  | Fact<'intake.urgent-help-given', DataOf<typeof urgentHelpGiven>, { text?: string | undefined }>
  | Fact<'intake.help-request-resolved', DataOf<typeof helpRequestResolved>>
  | Fact<'intake.help-request-entered-in-error', DataOf<typeof helpRequestEnteredInError>>;

const must = (request: HelpRequest | undefined, ...statuses: HelpRequest['status'][]): HelpRequest => {
  if (!request || request.status === 'entered-in-error') throw absent('help request');
  if (!statuses.includes(request.status)) throw wrongStatus('help request', request.status, statuses.join(' or '));
  return request;
};

const about = ({ helpRequestId, clientId }: Pick<Asked, 'helpRequestId' | 'clientId'>, at: Instant) => ({ helpRequestId, ...(clientId !== undefined && { clientId }), at });

export const register = (request: HelpRequest | undefined, { at, ...asked }: Asked & { at: Instant }): HelpRequestFact[] => {
  if (request) throw new DomainError('conflict', 'already-registered', 'This help request is already registered');
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

/** Stops the response clock: what counts is when they spoke, not when it was recorded. */
export const recordContact = (request: HelpRequest | undefined, { at }: { at: Instant }): HelpRequestFact[] => [firstContact(must(request, 'triaged'), at)];

/** The emergency path ends here: no consent, screening or plan. Giving help is contact. */
export const giveUrgentHelp = (request: HelpRequest | undefined, { help, text, at }: { help: string; text?: string | undefined; at: Instant }): HelpRequestFact[] => {
  const open = must(request, 'triaged', 'in-contact');
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

export const evolve = (request: HelpRequest | undefined, fact: HelpRequestFact): HelpRequest => {
  if (fact.type === 'intake.help-request-registered') return { ...fact.own!, status: 'registered' };
  const known = request!;
  const { data } = fact;
  switch (fact.type) {
    case 'intake.help-request-triaged': {
      const { at, urgency, respondBy: due } = fact.data;
      return { ...known, status: 'triaged', urgency, respondBy: due, triagedAt: known.triagedAt ?? at, overdueAt: due > at ? undefined : known.overdueAt };
    }
    case 'intake.help-request-linked': return { ...known, clientId: data.clientId };
    case 'intake.first-contact-made': return { ...known, status: 'in-contact', contact: { at: data.at, inTime: fact.data.inTime } };
    case 'intake.response-overdue': return { ...known, overdueAt: data.at };
    case 'intake.urgent-help-given': return { ...known, urgentHelp: { help: fact.data.help, at: data.at, ...fact.own! } };
    case 'intake.help-request-resolved': return { ...known, status: 'resolved', outcome: fact.data.outcome };
    case 'intake.help-request-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};

/** Waiting for a first contact beyond its time. */
export const isOverdue = ({ status, overdueAt }: HelpRequest): boolean => status === 'triaged' && overdueAt !== undefined;

/** Only urgent help that was given is part of a plan, once it is known whose it is. */
export const planEntries = ({ helpRequestId, clientId, agency, status, urgentHelp: given }: HelpRequest): PlanEntryBody[] => {
  if (!given || clientId === undefined) return [];
  const wrong = status === 'entered-in-error';
  return [{
    entryId: helpRequestId, clientId, agency, kind: 'service', phase: 'ended', reason: wrong ? entered : helped, title: urgentHelp, dataClass: 'D1', because: [], needs: [],
    actions: [{ id: helpRequestId, title: helpGiven, end: given.at, status: wrong ? 'cancelled' : 'done' }],
  }];
};
