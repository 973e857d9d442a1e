export type RefusalKind = 'invalid' | 'conflict' | 'stale' | 'forbidden' | 'absent';

/** Where in the caller's document the trouble is. `pointer` is a JSON Pointer (RFC 6901); the rejected value is never repeated. */
export interface Trouble {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/**
 * A refusal. `code` is stable and meant for programs; `message` tells a person what to do next and holds no personal data.
 */
export class DomainError extends Error {
  constructor(
    readonly kind: RefusalKind,
    readonly code: string,
    message: string,
    readonly errors: readonly Trouble[] = [],
  ) {
    super(message);
    this.name = 'DomainError';
  }
}

/** For what does not exist and for what the caller may not see: the two must look the same. */
export const absent = (what: string): DomainError =>
  new DomainError('absent', 'not-found', `There is no such ${what}, or you may not see it`);

/** For a creation under an id that stands already, whatever for. */
export const idTaken = (): DomainError => new DomainError('conflict', 'id-taken', 'There is something under this id already; what is new needs an id of its own');

/** For a command that the present status does not allow. */
export const wrongStatus = (what: string, is: string, needed: string): DomainError =>
  new DomainError('conflict', 'wrong-status', `This ${what} is ${is}; the command needs it to be ${needed}`);
