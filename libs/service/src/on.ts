import type { Contract } from '@opora/contracts';

const REACTIONS = 'opora:reactions';

export interface ReactionMark {
  readonly method: string;
  readonly contract?: Contract;
  /** It takes many facts at once. */
  readonly together?: boolean;
  readonly everyMs?: number;
}

const mark = (entry: Omit<ReactionMark, 'method'>): MethodDecorator => (target, method) => {
  const marks: ReactionMark[] = Reflect.getMetadata(REACTIONS, target.constructor) ?? [];
  Reflect.defineMetadata(REACTIONS, [...marks, { method: String(method), ...entry }], target.constructor);
};

/** Runs the method, in one transaction with its inbox row, for each fact of this contract: `(event: EventOf<typeof contract>)`. */
export const On = (contract: Contract): MethodDecorator => mark({ contract });

/** Beside `@On`: runs the method with many facts of this contract where many are at hand, as when everything is heard anew: `(events: readonly EventOf<typeof contract>[])`. */
export const OnMany = (contract: Contract): MethodDecorator => mark({ contract, together: true });

/** Runs the method again and again, the next time this long after the last one ended. It must bear running on two instances at once. */
export const Every = (everyMs: number): MethodDecorator => mark({ everyMs });

export const reactionMarks = (type: object): readonly ReactionMark[] => Reflect.getMetadata(REACTIONS, type) ?? [];

/** Does the work for each of them, also when one fails; then fails with the first failure. */
export const forEachAlone = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
  const failures: unknown[] = [];
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
};
