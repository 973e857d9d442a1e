import type { Actor } from '@opora/access';
import { DomainError, type Act } from '@opora/domain';
import type { Clock } from '@opora/messaging';
import { AtField, CodeField, StaffField } from './fields.js';

/** What every recording may say of itself. */
export class Recording {
  @AtField({ optional: true, description: 'When it happened, if that was earlier than now' })
  occurredAt?: string;

  @StaffField({ optional: true, description: 'Id, never the name, of the person for whom you record it: a client on paper, a representative' })
  onBehalfOf?: string;
}

export const actOf = (actor: Actor, clock: Clock, { occurredAt, onBehalfOf }: Recording = {}): Act => {
  const recordedAt = clock.now();
  const at = occurredAt ?? recordedAt;
  if (at > recordedAt) {
    throw new DomainError('invalid', 'in-the-future', 'What is recorded has already happened', [{ pointer: '/occurredAt', code: 'in-the-future', detail: 'must not be later than now' }]);
  }
  return { by: actor.sub, recordedAt, at, ...(onBehalfOf !== undefined && { onBehalfOf }) };
};

/** `enter-in-error`: what was recorded should never have been. */
export class EnterInError extends Recording {
  @CodeField({ description: 'A code: wrong-person, duplicate, typing-error, other', example: 'wrong-person' })
  reason!: string;
}
