import { Injectable } from '@nestjs/common';
import type { Actor } from '@opora/access';
import { Clock, Database, newId } from '@opora/messaging';

export interface Look {
  readonly action: 'read' | 'display' | 'search' | 'open';
  readonly purpose?: string | null | undefined;
}

type Looked = Look & { readonly id: string; readonly at: Date; readonly by: string };

/** Who looked at whom, and what for. */
@Injectable()
export class Looks {
  constructor(private readonly database: Database, private readonly clock: Clock) {}

  /** Call in the transaction of the answer: who looked is on record before anything is shown. */
  async record(actor: Actor, { action, purpose }: Look, clientIds: readonly string[]): Promise<void> {
    await this.database.query('insert into display_audit (id, at, by, agency, action, purpose, client_ids) values ($1, $2, $3, $4, $5, $6, $7)',
      [newId(), this.clock.now(), actor.sub, actor.agency, action, purpose ?? null, clientIds]);
  }

  /** Newest first: the ids are of version 7. */
  page({ clientIds }: Readonly<Record<string, unknown>>, { after, limit }: { after?: string | undefined; limit: number }): Promise<Looked[]> {
    return this.database.query<Looked>(
      'select id, at, by, action, purpose from display_audit where client_ids && $1::uuid[] and ($2::uuid is null or id < $2) order by id desc limit $3',
      [clientIds, after ?? null, limit]);
  }
}
