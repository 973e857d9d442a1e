import { Injectable } from '@nestjs/common';
import { DomainError, type Instant, type Trouble } from '@opora/domain';
import { LimitExceeded } from './evaluation.process.js';
import { Workers } from './evaluation.workers.js';
import type { ConditionOutcome, Evaluation, Language, QuestionnaireCheck, Responded, ResponseStatus, Sheet, Traced } from './instruments/index.js';

/** Some hundred times what published forms take; checking reads every expression of up to 2 MB. */
export const limitsMs = { check: 5_000, evaluate: 2_000 };

/** How many conditions may turn out endless before the others are not tried either. */
const MOST_ENDLESS = 3;

interface Answered {
  readonly questionnaire: string;
  readonly response: unknown;
  readonly status: ResponseStatus;
  readonly now: Instant;
  /** Where the response stands in what the caller sent. */
  readonly pointer: string;
}

const excess = (pointer: string, at: string | undefined): Trouble => ({
  pointer, code: 'limit-exceeded', detail: `An expression takes more time or memory than is allowed${at ? `, in the questionnaire at ${at}` : ''}` });

const orExceeded = async <T>(work: Promise<T>, instead: (error: LimitExceeded) => T | Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LimitExceeded) return instead(error);
    throw error;
  }
};

const tooMuch = (pointer: string) => ({ at }: LimitExceeded): never => {
  throw new DomainError('invalid', 'limit-exceeded', 'This takes more time or memory to work out than is allowed', [excess(pointer, at)]);
};

/** The engine, in worker processes: nothing that anybody wrote into a form or a rule runs in this one. */
@Injectable()
export class Evaluator {
  constructor(private readonly workers: Workers) {}

  /** Includes a trial with no answers at all: what takes too long then is refused, with a pointer to the item. */
  async check(document: string): Promise<QuestionnaireCheck> {
    const found = await orExceeded(this.workers.run('check', { document }, limitsMs.check), ({ at }) => ({ problems: [excess(at ?? '', undefined)], notComputed: [] }));
    if (found.problems.length > 0) return found;
    const empty = { questionnaire: document, response: { resourceType: 'QuestionnaireResponse' }, status: 'in-progress' as const, now: '2000-01-01T00:00:00.000Z' };
    const tried = await orExceeded<Responded>(this.workers.run('respond', empty, limitsMs.evaluate), ({ at }) => ({ troubles: [excess(at ?? '', undefined)] }));
    return { ...found, problems: tried.troubles };
  }

  /** Refuses with `limit-exceeded`. */
  respond({ pointer, ...answered }: Answered): Promise<Responded> {
    return orExceeded<Responded>(this.workers.run('respond', answered, limitsMs.evaluate), tooMuch(pointer));
  }

  /** As `respond`, with what each expression gave. */
  attempt({ pointer, ...answered }: Answered): Promise<Responded & { trace: Traced[] }> {
    return orExceeded<Responded & { trace: Traced[] }>(this.workers.run('attempt', answered, limitsMs.evaluate), tooMuch(pointer));
  }

  print(questionnaire: string, language: Language): Promise<Sheet> {
    return orExceeded<Sheet>(this.workers.run('print', { questionnaire, language }, limitsMs.evaluate), tooMuch(''));
  }

  compile(condition: string, questionnaire: string): Promise<Trouble[]> {
    return orExceeded<Trouble[]>(this.workers.run('compile', { condition, questionnaire }, limitsMs.evaluate), () => [excess('', undefined)]);
  }

  /** What each condition gives. One that is endless is not told, and does not keep the others from being told. */
  async conditions(questionnaire: string, { response, scores }: Evaluation, conditions: readonly string[], now: Instant): Promise<ConditionOutcome[]> {
    const outcomes = new Map<number, ConditionOutcome>();
    const open = () => conditions.flatMap((_, index) => (outcomes.has(index) ? [] : [index]));
    const ask = (indexes: number[]) => this.workers.run('conditions', { questionnaire, response, scores, conditions: indexes.map((index) => conditions[index]!), now }, limitsMs.evaluate);
    const untold: ConditionOutcome = { met: false, reason: 'limit-exceeded', answersRead: [], scoresRead: [] };
    let endless = 0;
    for (let asked = open(); asked.length > 0; asked = open()) {
      if (endless >= MOST_ENDLESS) asked.forEach((index) => outcomes.set(index, untold));
      else try {
        (await ask(asked)).forEach((outcome, index) => outcomes.set(asked[index]!, outcome));
      } catch (error) {
        if (!(error instanceof LimitExceeded)) throw error;
        endless += 1;
        // A process that died of memory could not say where: then one after the other.
        if (error.at) outcomes.set(asked[Number(error.at)]!, untold);
        else if (asked.length === 1) outcomes.set(asked[0]!, untold);
        else endless += await this.oneByOne(asked, ask, outcomes, untold, MOST_ENDLESS - endless);
      }
    }
    return conditions.map((_, index) => outcomes.get(index)!);
  }

  private async oneByOne(
    asked: number[], ask: (indexes: number[]) => Promise<ConditionOutcome[]>, outcomes: Map<number, ConditionOutcome>, untold: ConditionOutcome, most: number,
  ): Promise<number> {
    let endless = 0;
    for (const index of asked) {
      if (endless >= most) break;
      const [outcome] = await orExceeded(ask([index]), () => {
        endless += 1;
        return [untold];
      });
      outcomes.set(index, outcome!);
    }
    return endless;
  }
}
