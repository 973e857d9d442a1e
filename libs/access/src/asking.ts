import type { Instant } from '@opora/domain';
import type { Actor } from './actor.js';
import type { PurposeOfUse, Seen } from './seen.js';

/** What was decided about one thing. */
export type Decided = Pick<Seen, 'action' | 'decision' | 'policies'> & { readonly clientId?: string | undefined; readonly resource?: string | undefined };

type Row = Pick<Seen, 'action' | 'decision' | 'policies'> & { readonly clientIds: Set<string>; readonly resources: Set<string> };

/** One request: what it asks, what for, and what was decided on the way. Decisions alike make one row. */
export class Asking {
  private readonly rows = new Map<string, Row>();
  private readonly withheld = new Set<string>();
  /** Whether nothing was ever noted. */
  isSilent = true;
  /** What let the request in, before it was known whom it is about. */
  permittedBy: readonly string[] = [];

  constructor(
    readonly action: string, readonly purpose: PurposeOfUse, readonly requestId: string, readonly onBehalfOf?: string | undefined,
    /** Where the action says too little of what is asked. */
    readonly route?: string | undefined,
  ) {}

  note({ action, decision, policies, clientId, resource }: Decided): void {
    this.isSilent = false;
    const key = [action, decision, ...policies].join(' ');
    const row: Row = this.rows.get(key) ?? { action, decision, policies, clientIds: new Set(), resources: new Set() };
    this.rows.set(key, row);
    if (clientId !== undefined) row.clientIds.add(clientId);
    if (resource !== undefined) row.resources.add(resource);
  }

  /** Groups of fields that the answer leaves out. */
  withhold(parts: readonly string[]): void {
    parts.forEach((part) => this.withheld.add(part));
  }

  /** Somebody else has the last word, and nobody was shown anything. */
  overrule(): void {
    if (this.isSilent) this.note({ action: this.action, decision: 'deny', policies: [] });
    for (const [key, row] of this.rows) this.rows.set(key, { ...row, decision: 'deny', policies: [] });
  }

  /** What was noted since it was last taken. */
  take(actor: Actor, at: Instant, policyVersion: string): Seen[] {
    const { requestId, purpose, onBehalfOf } = this;
    const seen = [...this.rows.values()].map(({ clientIds, resources, ...row }): Seen => ({
      at, requestId, subject: actor.sub, agency: actor.agency, roles: actor.roles, onBehalfOf, purpose, ...row,
      clientIds: [...clientIds], resources: [...(this.route === undefined ? [] : [this.route]), ...resources], policyVersion, hidden: row.decision === 'permit' ? [...this.withheld] : [],
    }));
    this.rows.clear();
    return seen;
  }
}
