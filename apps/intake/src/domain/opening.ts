import { absent, DomainError, wrongStatus, type Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import type { About } from './care-team.js';
import { isRunning, nothingSaid, type CircumstanceFact, type Circumstances, type RecordOpening, type Review } from './circumstances.js';

export const openingReasons = ['danger-to-life', 'danger-to-health', 'danger-to-a-child', 'danger-to-others', 'nobody-in-charge-reachable', 'other'] as const;

/** Break-glass is for an emergency, not for a working day. */
export const LONGEST_MINUTES = 60;
const REVIEW_HOURS = 72;
/** What the contract holds. */
const MOST_AT_ONCE = 50;

const later = (at: Instant, by: Temporal.DurationLike): Instant => Temporal.Instant.from(at).add(by).toString({ smallestUnit: 'millisecond' });
const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

export interface Open extends About {
  readonly openingId: string;
  readonly subject: string;
  /** The one that the subject works for. */
  readonly subjectAgency: string;
  readonly reason: string;
  readonly text: string;
  readonly minutes: number;
}

export const open = (known: Circumstances = nothingSaid, { clientId, agency, at, openingId, subject, subjectAgency, reason, text, minutes }: Open): CircumstanceFact[] => {
  const running = known.openings.filter((one) => isRunning(one, at));
  if (running.some((one) => one.subject === subject)) throw new DomainError('conflict', 'already-opened', 'The record is open to you; when the time is over, open it again with a new reason');
  const own = known.openings.filter((one) => one.subject === subject);
  if (own.some((one) => bare(one.text) === bare(text))) {
    throw new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: '/text', code: 'reason-repeated', detail: 'was the reason of an earlier opening; say what makes it necessary now' }]);
  }
  if (running.length >= MOST_AT_ONCE) throw new DomainError('conflict', 'too-many-openings', 'The record is open to too many already');
  return [{
    type: 'intake.record-opened', own: { agency, text },
    data: { clientId, at, openingId, subject, agency: subjectAgency, reason, until: later(at, { minutes }), reviewDue: later(at, { hours: REVIEW_HOURS }) },
  }];
};

const mustFind = ({ openings }: Circumstances, openingId: string): RecordOpening => {
  const found = openings.find((one) => one.openingId === openingId);
  if (!found) throw absent('opening');
  return found;
};

const closed = ({ clientId, agency, at }: About, openingId: string): CircumstanceFact => ({ type: 'intake.record-closed', data: { clientId, openingId, at }, own: { agency } });

export const close = (known: Circumstances = nothingSaid, { openingId, ...about }: About & { openingId: string }): CircumstanceFact[] => {
  if (!isRunning(mustFind(known, openingId), about.at)) throw wrongStatus('opening', 'over', 'running');
  return [closed(about, openingId)];
};

/** By a supervisor; nobody finds over themselves. What was not justified does not go on. */
export const review = (known: Circumstances = nothingSaid, { openingId, by, finding, text, ...about }: About & Omit<Review, 'at'> & { openingId: string }): CircumstanceFact[] => {
  const found = mustFind(known, openingId);
  if (found.subject === by) throw new DomainError('forbidden', 'own-opening', 'Somebody else has to review what was opened to you');
  if (found.review) throw wrongStatus('opening', 'reviewed', 'not reviewed');
  const { clientId, agency, at } = about;
  return [
    { type: 'intake.opening-reviewed', data: { clientId, openingId, at, finding }, own: { agency, text, by } },
    ...(finding === 'not-justified' && isRunning(found, at) ? [closed(about, openingId)] : []),
  ];
};
