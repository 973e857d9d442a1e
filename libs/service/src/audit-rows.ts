import { keptName, type Seen } from '@opora/access';
import { topics } from '@opora/contracts';
import type { Database } from '@opora/messaging';

export interface AuditFilter {
  readonly clientId?: string | undefined;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  readonly purpose?: string | undefined;
  readonly decision?: string | undefined;
  readonly requestId?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface AuditRow { readonly id: string; readonly content: Seen }

interface Page { after?: string | undefined; limit: number }

/** Reads the service's trail, newest first. Who reads it asks whether they may elsewhere. */
export class AuditRows {
  constructor(private readonly database: Database) {}

  /** Rows about people who barred the reader are left out. */
  search(reader: string, { clientId, subject, action, purpose, decision, requestId, from, until }: AuditFilter, page: Page): Promise<AuditRow[]> {
    const parameters: unknown[] = [topics.consents.name, reader];
    const where = [`not exists (select from head where topic = $1 and body ? 'barred' and body->'barred'->'subjects' ? $2 and content->'clientIds' ? head.key)`];
    const that = (condition: string, value: unknown): void => {
      if (value !== undefined) where.push(condition.replace('?', `$${parameters.push(value)}`));
    };
    that(`content->'clientIds' @> ?::jsonb`, clientId && JSON.stringify([keptName(clientId)]));
    that(`content->>'subject' = ?`, subject && keptName(subject));
    that(`content->>'action' = ?`, action);
    that(`content->>'purpose' = ?`, purpose);
    that(`content->>'decision' = ?`, decision);
    that(`content->>'requestId' = ?`, requestId && keptName(requestId));
    that(`content->>'at' >= ?`, from);
    that(`content->>'at' < ?`, until);
    return this.page(where, parameters, page);
  }

  /**
   * About any of these people: what those who work here did, and what `own` did, the person’s own token, but for reading this very list. What other clients tried is left out:
   * when somebody sat at a screen is theirs, and whoever is barred would learn of it.
   */
  about(clientIds: readonly string[], page: Page, own?: string): Promise<AuditRow[]> {
    const parameters: unknown[] = [];
    const any = clientIds.map((id) => `content->'clientIds' @> $${parameters.push(JSON.stringify([id]))}::jsonb`);
    const byStaff = `not content->'roles' ? 'client'`;
    return this.page([`(${any.join(' or ')})`, own === undefined ? byStaff : `(${byStaff} or (content->>'subject' = $${parameters.push(keptName(own))} and content->>'action' <> 'access-log.read'))`], parameters, page);
  }

  private page(where: readonly string[], parameters: unknown[], { after, limit }: Page): Promise<AuditRow[]> {
    const conditions = after === undefined ? where : [...where, `seq < $${parameters.push(after)}`];
    return this.database.query<AuditRow>(`select seq::text as id, content from audit where ${conditions.join(' and ')} order by seq desc limit $${parameters.push(limit)}`, parameters);
  }
}
