import type { Delivery } from './broker.js';
import type { Database } from './database.js';
import { causeOf, type DeadLetters } from './dead-letters.js';
import { fromRecord, TYPE_UNKNOWN, type Event } from './envelope.js';
import { plainOf } from './sealing.js';
import { isTransient } from './transient.js';

export interface Redriving {
  readonly database: Database;
  readonly deadLetters: DeadLetters;
  readonly effect: (event: Event) => Promise<void>;
  readonly report: (what: 'dead', record: Delivery, code: string) => void;
}

/**
 * Tries a key's waiting facts again, in order, until one fails or none is left, those included that arrive meanwhile. What no
 * contract names yet is left where it is.
 * Answers how many went through.
 */
export const redrive = async (redriving: Redriving, topic: string, key: string): Promise<number> => {
  for (let count = 0, after = '0'; ;) {
    const oldest = await redriving.deadLetters.oldest(topic, key, after);
    const outcome = oldest ? await retry(redriving, oldest) : 'fails';
    if (outcome === 'fails') return count;
    if (outcome === 'through') count += 1;
    if (outcome === 'unknown') after = oldest!.id;
  }
};

const retry = async ({ database, deadLetters, effect, report }: Redriving, letter: Delivery & { id: string }): Promise<'through' | 'settled' | 'unknown' | 'fails'> => {
  try {
    return await database.transaction(async () => {
      await deadLetters.hold(letter.topic, letter.key);
      // Somebody else may have redriven or discarded it while we waited.
      if (!await deadLetters.get(letter.id)) return 'settled';
      const plain = await plainOf(database, letter);
      if (plain !== 'erased') await effect(fromRecord(plain));
      await deadLetters.redriven(letter.id);
      return 'through';
    }, letter.headers['ce_id']);
  } catch (error) {
    const cause = causeOf(error);
    if (!isTransient(error)) await deadLetters.stillFails(letter.id, cause);
    report('dead', letter, cause.code);
    return cause.code === TYPE_UNKNOWN ? 'unknown' : 'fails';
  }
};
