import type { Instant } from '@opora/domain';

/** What somebody comes for. `emergency` needs a break-glass opening; `self` is the person, about themselves. */
export const purposesOfUse = ['care', 'self', 'oversight', 'emergency', 'conflict-check'] as const;
export type PurposeOfUse = (typeof purposesOfUse)[number];

/** One decision, as the audit keeps it: who, about whom, what for, what was decided and by which policies. Never content. */
export interface Seen {
  readonly at: Instant;
  readonly requestId: string;
  readonly subject: string;
  readonly agency: string;
  readonly roles: readonly string[];
  readonly onBehalfOf?: string | undefined;
  readonly purpose: PurposeOfUse;
  readonly action: string;
  /** Whom it was about; none for things about nobody. */
  readonly clientIds: readonly string[];
  /** The things themselves, by id. */
  readonly resources: readonly string[];
  /** Groups of fields that were left out, such as `address`. */
  readonly hidden: readonly string[];
  readonly decision: 'permit' | 'deny';
  /** The ids of the policies that decided. */
  readonly policies: readonly string[];
  readonly policyVersion: string;
}

/** Where decisions are kept. Resolves once the rows are durable. */
export interface Trail {
  record(seen: readonly Seen[]): Promise<void>;
}
