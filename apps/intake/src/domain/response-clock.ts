import type { Urgency } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';

/**
 * Hours from triage to the first substantive contact, at most. Federal Law 442-FZ (Russia) art. 15(2): urgent services are
 * decided on "immediately", everything else within five working days (here: a week). Between the two: one working day, as in
 * Working Together to Safeguard Children (England) for deciding on a referral.
 */
export const responseHours: Readonly<Record<Urgency, number>> = { emergency: 2, urgent: 24, routine: 168 };

const rank: Readonly<Record<Urgency, number>> = { routine: 0, urgent: 1, emergency: 2 };

const after = (at: Instant, urgency: Urgency): Instant =>
  Temporal.Instant.from(at).add({ hours: responseHours[urgency] }).toString({ smallestUnit: 'millisecond' });

/** Triage again does not buy time: the clock starts anew only when the urgency rises, and never ends later than before. */
export const respondBy = (urgency: Urgency, at: Instant, before?: { urgency: Urgency; triagedAt: Instant; respondBy: Instant }): Instant => {
  if (!before) return after(at, urgency);
  if (rank[urgency] <= rank[before.urgency]) return after(before.triagedAt, urgency);
  const anew = after(at, urgency);
  return anew < before.respondBy ? anew : before.respondBy;
};
