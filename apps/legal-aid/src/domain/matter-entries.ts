import type { PlanEntryBody } from '@opora/contracts';
import { over, type Matter } from './matter.js';
import { closedMatter, entered, offerTitle, proceduralDeadline, rejection, resolvedMatter } from './titles.js';

const phases = {
  'conflict-check': 'waiting', eligibility: 'waiting', accepted: 'waiting', active: 'active', 'awaiting-third-party': 'active',
  resolved: 'ended', closed: 'ended', declined: 'declined', 'entered-in-error': 'ended',
} as const satisfies Record<Matter['status'], string>;

const reasonOf = (matter: Matter) => {
  switch (matter.status) {
    case 'declined': return rejection(matter.reason);
    case 'resolved': return resolvedMatter;
    case 'closed': return closedMatter;
    case 'entered-in-error': return entered;
    default: return undefined;
  }
};

/** What the plan shows of a matter: that help is under way and when something falls due; never what the dispute is about. */
export const planEntries = (matter: Matter): PlanEntryBody[] => {
  const { matterId, clientId, agency, offer, referralId, needs } = matter;
  const reason = reasonOf(matter);
  const due = 'next' in matter && 'day' in matter.next ? matter.next : undefined;
  const status = matter.status === 'entered-in-error' ? 'cancelled' : over.includes(matter.status) ? 'done' : 'planned';
  return [{
    entryId: matterId, clientId, agency, kind: 'service', phase: phases[matter.status], ...(reason && { reason }),
    title: offerTitle(offer), dataClass: 'D1', because: [{ module: 'legal-aid', id: referralId }], needs: [...needs],
    actions: due && 'deadlineId' in matter ? [{ id: matter.deadlineId, title: proceduralDeadline, due: due.day, status, responsible: due.responsible }] : [],
  }];
};
