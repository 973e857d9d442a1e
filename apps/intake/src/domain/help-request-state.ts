import type {
  DataOf, firstContactMade, helpRequestEnteredInError, helpRequestLinked, helpRequestRegistered, helpRequestResolved, helpRequestTriaged, NeedCode, PlanEntryBody,
  responseOverdue, Urgency, urgentHelpGiven,
} from '@opora/contracts';
import type { Fact, Instant } from '@opora/domain';
import { entered, helped, helpGiven, urgentHelp } from './titles.js';

export const sources = ['self', 'representative', 'relative', 'organisation', 'outreach'] as const;

export interface Asked {
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
  readonly registeredAt: Instant;
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

export const evolve = (request: HelpRequest | undefined, fact: HelpRequestFact): HelpRequest => {
  if (fact.type === 'intake.help-request-registered') return { ...fact.own!, status: 'registered', registeredAt: fact.data.at };
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
