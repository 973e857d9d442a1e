import { v7 } from 'uuid';
import type { Instant } from '@opora/domain';

/** Where time comes from; tests hand in another. */
export class Clock {
  now(): Instant {
    return new Date().toISOString();
  }
}

/** A new id, sortable by the moment of its making (UUID version 7, RFC 9562). */
export const newId = (): string => v7();
