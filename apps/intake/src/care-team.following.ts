import { Injectable } from '@nestjs/common';
import { topics } from '@opora/contracts';
import { Database, Heads } from '@opora/messaging';
import { Clients } from './clients.store.js';
import { Consents, recordOf } from './consents.store.js';
import { followPlan, namedIn } from './domain/care-team.js';

/** The care team follows the plan, whichever modules its entries are of. */
@Injectable()
export class CareTeam {
  constructor(private readonly consents: Consents, private readonly clients: Clients, private readonly heads: Heads, private readonly database: Database) {}

  /** Looks at all entries of the person as they stand: so it does not matter in what order, how late or how often one is heard. */
  async follow(clientId: string, source: string): Promise<void> {
    // Of two entries heard at once, the second sees both.
    await this.database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`care team ${clientId}`]);
    const named = namedIn(await this.heads.ofClients(topics.planEntries.name, [clientId]));
    const record = (await this.consents.load(recordOf(clientId)))?.state;
    if (!record && named.length === 0) return;
    const agency = record?.agency ?? (await this.clients.load(clientId))?.state.agency;
    // Of a person whom nobody here keeps there is nothing to say.
    if (agency === undefined) return;
    const act = this.consents.act(source);
    const decide = (known = record) => followPlan(known?.circumstances, { clientId, agency, named, at: act.at });
    if (decide().length > 0) await this.consents.change(recordOf(clientId), act, decide);
  }
}
