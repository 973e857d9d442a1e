import type pg from 'pg';

/** The newest version of a key that the world has heard from the service. */
export interface Heard {
  readonly topic: string;
  readonly key: string;
  readonly version: number;
  readonly aggregateId: string;
  readonly agency: string;
  readonly body: object;
  readonly time: string;
}

const REMEMBER = `
  insert into snapshot (topic, key, version, hash, aggregate_id, aggregate_version, agency, body, recorded_at)
  values ($1, $2, $3, 'restored', $4, 0, $5, $6, $7)`;

/**
 * What was heard is newer than what the restored tables remember to have said: the next version must come after it, or nobody would
 * listen. Remembers those versions under a hash that fits nothing, so that the service says its present state anew when it starts.
 * Answers the keys of which the backup knows nothing; what of them is heard again continues their versions.
 */
export const outrun = async (database: pg.ClientBase, heard: readonly Heard[]): Promise<{ newer: number; unknown: string[] }> => {
  const unknown: string[] = [];
  let newer = 0;
  for (const { topic, key, version, aggregateId, agency, body, time } of heard) {
    const { rows: [own] } = await database.query<{ version: number | null; aggregate: boolean }>(
      'select max(version) filter (where topic = $1 and key = $2) as version, count(*) > 0 as aggregate from snapshot where aggregate_id = $3', [topic, key, aggregateId]);
    if (own!.version === null) unknown.push(key);
    // A record that the backup does have may lack the entry for ever; and what was said once must not vanish.
    if (own!.version === null ? own!.aggregate : own!.version >= version) continue;
    await database.query(REMEMBER, [topic, key, version, aggregateId, agency, JSON.stringify(body), time]);
    if (own!.version !== null) newer += 1;
  }
  return { newer, unknown };
};
