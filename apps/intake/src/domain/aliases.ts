import type { Instant } from '@opora/domain';
import type { ConsentFact, ConsentRecord } from './consent.js';

/**
 * Which other records are this person's, down to what was merged into those. Says nothing when nothing differs; of a record that never
 * said anything it says even that there are none, for from then on it speaks for the person.
 */
export const nameAliases = (
  record: ConsentRecord | undefined, { clientId, agency, aliases, at }: { clientId: string; agency: string; aliases: readonly string[]; at: Instant },
): ConsentFact[] => {
  const named = [...new Set(aliases)].sort();
  return record && named.join() === (record.aliases ?? []).join() ? [] : [{ type: 'intake.aliases-named', data: { clientId, at, aliases: named }, own: { agency } }];
};
