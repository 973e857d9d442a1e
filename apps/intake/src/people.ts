import { Injectable } from '@nestjs/common';
import { DomainError } from '@opora/domain';
import { Database } from '@opora/messaging';

/** Which records are of one person, as it stands this moment; what the other services hear comes later. */
@Injectable()
export class People {
  constructor(private readonly database: Database) {}

  /** All records of the person, the surviving one first. Of an id that we do not know: that id. */
  async records(id: string): Promise<readonly [string, ...string[]]> {
    const rows = await this.database.query<{ id: string }>(
      `select c.id from client a join client c on coalesce(c.survivor, c.id) = coalesce(a.survivor, a.id) where a.id = $1 order by c.survivor is not null, c.id`, [id]);
    const [first = id, ...others] = rows.map((row) => row.id);
    return [first, ...others];
  }

  /** For a list: of everybody when nobody is named. */
  async among(id: string | undefined): Promise<readonly string[] | undefined> {
    return id === undefined ? undefined : this.records(id);
  }

  /** For the answer about one record: what was merged into it, or what it was merged into. */
  async kin(id: string): Promise<{ aliases: readonly string[]; mergedInto?: string }> {
    const [survivor, ...others] = await this.records(id);
    return survivor === id ? { aliases: others } : { aliases: [], mergedInto: survivor };
  }

  /** Whoever merges, parts or puts away records waits here until the transaction ends: two merges at once could close a circle. */
  async alone(): Promise<void> {
    await this.database.query(`select pg_advisory_xact_lock(hashtextextended('merge ' || current_schema(), 0))`);
  }

  /** A merged record stays as it was, so that it can be parted again. */
  async mustStandForItself(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if ((await this.records(id))[0] !== id) throw new DomainError('conflict', 'record-merged', 'This record was merged into another one; work with that, or undo the merge');
    }
  }

  /** Also one into which others were merged would take them away. */
  async mustBeAlone(id: string): Promise<void> {
    await this.alone();
    if ((await this.records(id)).length > 1) throw new DomainError('conflict', 'record-merged', 'This record was merged with another one; undo the merge first');
  }

  async join(mergedId: string, survivingId: string): Promise<void> {
    await this.database.query('update client set survivor = $2 where coalesce(survivor, id) = $1', [mergedId, survivingId]);
  }

  /** `aliases`: what was merged into the record that stands for itself again. */
  async part(mergedId: string, aliases: readonly string[]): Promise<void> {
    await this.database.query('update client set survivor = nullif($1::uuid, id) where id = $1 or id = any($2)', [mergedId, aliases]);
  }
}
