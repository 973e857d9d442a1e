import { Injectable } from '@nestjs/common';
import type { Actor } from '@opora/access';
import { absent, DomainError, type Act } from '@opora/domain';
import { Database, type Changed, type Stored } from '@opora/messaging';
import { Care } from './care.js';
import { Consents, recordOf } from './consents.store.js';
import { nameAliases } from './domain/aliases.js';
import { confirm, confirmUndo, propose, type RecordMerge } from './domain/record-merge.js';
import { People } from './people.js';
import { RecordMerges } from './record-merges.store.js';

type Asked = Pick<RecordMerge, 'mergeId' | 'clientId' | 'mergedId' | 'reason'>;

const unknown = (field: string) => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: `/${field}`, code: 'client-unknown', detail: 'is no client of your agency' }]);

/** Records become one person's, and part again: who they are is kept by intake, and everybody hears it in the survivor's consent state. */
@Injectable()
export class Merging {
  constructor(
    private readonly merges: RecordMerges, private readonly people: People, private readonly consents: Consents, private readonly care: Care, private readonly database: Database,
  ) {}

  /** Nobody may join records that he may not read: both are of his agency. */
  propose(asked: Asked, act: Act, actor: Actor): Promise<Changed<RecordMerge>> {
    return this.database.transaction(async () => {
      const { clientId: survivingId, mergedId } = asked;
      await this.readable(survivingId, actor, unknown('survivingId'));
      await this.readable(mergedId, actor, unknown('mergedId'));
      await this.people.alone();
      if (await this.merges.isProposed(survivingId, mergedId)) throw new DomainError('conflict', 'merge-already-proposed', 'Somebody has proposed this already; decide on that proposal');
      const result = await this.merges.change(asked.mergeId, act, (m) => propose(m, { ...asked, agency: actor.agency, by: act.by, at: act.at }));
      await this.people.mustStandForItself(survivingId, mergedId);
      return result;
    });
  }

  confirm(merge: Stored<RecordMerge>, act: Act, actor: Actor): Promise<Changed<RecordMerge>> {
    return this.database.transaction(async () => {
      await this.people.alone();
      const { clientId: survivingId, mergedId } = merge.state;
      const result = await this.merges.change(merge.id, act, (m) => confirm(m, act));
      const gone = new DomainError('conflict', 'record-gone', 'One of the two records is no longer in use; decline the merge');
      for (const id of [survivingId, mergedId]) await this.readable(id, actor, gone);
      await this.people.mustStandForItself(survivingId, mergedId);
      await this.mustNotBeBarred(survivingId, mergedId);
      await this.people.join(mergedId, survivingId);
      const taken = await this.aliasesOf(mergedId);
      await this.name(mergedId, merge.state.agency, act, () => taken);
      await this.name(survivingId, merge.state.agency, act, (aliases) => [...aliases, mergedId, ...taken]);
      return result;
    });
  }

  /** What was merged into the parted record stays with it; what it was merged into, up to the last, loses all of that. */
  confirmUndo(merge: Stored<RecordMerge>, act: Act): Promise<Changed<RecordMerge>> {
    return this.database.transaction(async () => {
      await this.people.alone();
      const { clientId: survivingId, mergedId, agency } = merge.state;
      const result = await this.merges.change(merge.id, act, (m) => confirmUndo(m, act));
      const parted = [mergedId, ...await this.aliasesOf(mergedId)];
      await this.people.part(mergedId, parted.slice(1));
      for (const id of [survivingId, ...await this.merges.above(survivingId)]) await this.name(id, agency, act, (aliases) => aliases.filter((alias) => !parted.includes(alias)));
      // Nothing changed about the parted record but that it speaks for itself again.
      await this.name(mergedId, agency, act, (aliases) => aliases);
      return result;
    });
  }

  private async aliasesOf(id: string): Promise<readonly string[]> {
    return (await this.consents.load(recordOf(id)))?.state.aliases ?? [];
  }

  private async name(id: string, agency: string, act: Act, aliases: (named: readonly string[]) => readonly string[]): Promise<void> {
    await this.consents.change(recordOf(id), act, (record) => nameAliases(record, { clientId: id, agency, aliases: aliases(record?.aliases ?? []), at: act.at }));
  }

  /** Who is protected from somebody is not that somebody, however alike the two records are. */
  private async mustNotBeBarred(...ids: readonly [string, string]): Promise<void> {
    const states = await this.consents.states(ids);
    const [ofOne, ofOther] = await Promise.all(ids.map((id) => this.people.records(id)));
    const bars = (id: string, from: readonly string[]) => states.get(id)?.barred?.clients.some((client) => from.includes(client)) ?? false;
    if (bars(ids[0], ofOther!) || bars(ids[1], ofOne!)) throw new DomainError('conflict', 'records-barred', 'One of the two is protected from the other: they are two people');
  }

  private async readable(id: string, actor: Actor, refusal: DomainError): Promise<void> {
    await this.care.own(id, actor).catch((error: unknown) => { throw error instanceof DomainError && error.code === absent('client').code ? refusal : error; });
  }
}
