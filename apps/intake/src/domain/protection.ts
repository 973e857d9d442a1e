import { absent, DomainError, wrongStatus, type Trouble } from '@opora/domain';
import { mustBeMember, type About, type By } from './care-team.js';
import { nothingSaid, type Barred, type CircumstanceFact, type Circumstances } from './circumstances.js';

export const hidingReasons = ['threat', 'own-wish', 'known-to-staff', 'public-person', 'witness', 'other'] as const;
export const unhidingReasons = ['threat-over', 'own-wish', 'hidden-in-error', 'other'] as const;
export const liftingReasons = ['own-wish', 'barred-in-error', 'relation-over', 'other'] as const;

export const hide = (known: Circumstances = nothingSaid, { clientId, agency, at, reason, by }: About & { reason: string; by: By }): CircumstanceFact[] => {
  mustBeMember(known, by);
  if (known.hidden === reason) return [];
  return [{ type: 'intake.record-hidden', data: { clientId, at, reason }, own: { agency } }];
};

export const unhide = (known: Circumstances = nothingSaid, { clientId, agency, at, reason, by }: About & { reason: string; by: By }): CircumstanceFact[] => {
  mustBeMember(known, by);
  if (known.hidden === undefined) throw wrongStatus('record', 'not hidden', 'hidden');
  return [{ type: 'intake.record-unhidden', data: { clientId, at, reason }, own: { agency } }];
};

/** What the contract holds. */
const MOST_BARS = 50;

const refuse = (...errors: Trouble[]) => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', errors);

export const bar = (known: Circumstances = nothingSaid, { clientId, agency, at, barId, barred }: About & { barId: string; barred: Barred }): CircumstanceFact[] => {
  const { subject, client } = barred;
  if (subject === undefined && client === undefined) throw refuse({ pointer: '/subject', code: 'nobody-named', detail: 'name a worker or representative, a client, or one person who is both' });
  if (client === clientId) throw refuse({ pointer: '/client', code: 'own-person', detail: 'must be somebody else' });
  if (known.bars.some((one) => one.subject === subject && one.client === client)) return [];
  if (known.bars.length >= MOST_BARS) throw new DomainError('conflict', 'too-many-bars', 'Lift bars that are needed no longer first');
  return [{ type: 'intake.relation-barred', data: { clientId, at, barId }, own: { agency, barred } }];
};

export const lift = (known: Circumstances = nothingSaid, { clientId, agency, at, barId, reason }: About & { barId: string; reason: string }): CircumstanceFact[] => {
  if (!known.bars.some((one) => one.barId === barId)) throw absent('bar');
  return [{ type: 'intake.bar-lifted', data: { clientId, at, barId, reason }, own: { agency } }];
};
