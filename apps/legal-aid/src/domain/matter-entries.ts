import type { PlanEntryBody } from '@opora/contracts';
import { isSettled, type Deadline } from './deadline.js';
import { deadlinesOf, nextDeadline, over, type Matter } from './matter.js';
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

/** The next deadline, and those that were missed and not made good. Not yet confirmed, a deadline is nobody's. */
const actionsOf = (matter: Matter): PlanEntryBody['actions'] => {
  const shown = (deadline: Deadline, status: 'planned' | 'done' | 'missed' | 'cancelled') =>
    ({ id: deadline.deadlineId, title: proceduralDeadline, due: deadline.day, status, responsible: deadline.responsible });
  const next = nextDeadline(matter);
  const missed = deadlinesOf(matter).filter(({ status }) => status === 'missed').map((one) => shown(one, 'missed'));
  if (matter.status === 'entered-in-error') return deadlinesOf(matter).filter(isSettled).map((one) => shown(one, 'cancelled'));
  return [...(next ? [shown(next, over.includes(matter.status) ? 'done' : 'planned')] : []), ...missed].slice(0, 100);
};

/** What the plan shows of a matter: that help is under way and when something falls due; never what the dispute is about. */
export const planEntries = (matter: Matter): PlanEntryBody[] => {
  const { matterId, clientId, agency, offer, referralId, needs } = matter;
  const reason = reasonOf(matter);
  return [{
    entryId: matterId, clientId, agency, kind: 'service', phase: phases[matter.status], ...(reason && { reason }),
    title: offerTitle(offer), dataClass: 'D1', because: [{ module: 'legal-aid', id: referralId }], needs: [...needs], actions: actionsOf(matter),
  }];
};
