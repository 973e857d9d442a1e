import { Injectable } from '@nestjs/common';
import { DomainError, type Instant, type Trouble } from '@opora/domain';
import { LimitExceeded } from './evaluation.process.js';
import { Workers } from './evaluation.workers.js';
import type { Checked, ConditionOutcome, Evaluation, Language, Questionnaire, Responded, ResponseStatus, Sheet, Traced } from './instruments/index.js';

/** Many times what published forms take; checking reads every expression of up to 2 MB, and tries the form. */
export const limitsMs = { check: 5_000, evaluate: 2_000 };

/** How many conditions may turn out endless before the others are not tried either. */
const MOST_ENDLESS = 3;

interface Answered {
  /** Who asks: what takes too long keeps only the own agency waiting. */
  readonly agency: string;
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

  check(document: string, agency: string): Promise<Checked> {
    return orExceeded<Checked>(this.workers.run('check', { document }, { agency, limitMs: limitsMs.check }), ({ at }) => ({ problems: [excess(at ?? '', undefined)], notComputed: [], says: {} }));
  }

  /** Refuses with `limit-exceeded`. */
  respond({ pointer, agency, ...answered }: Answered): Promise<Responded> {
    return orExceeded<Responded>(this.workers.run('respond', answered, { agency, limitMs: limitsMs.evaluate }), tooMuch(pointer));
  }

  /** As `respond`, with what each expression gave. */
  attempt({ pointer, agency, ...answered }: Answered): Promise<Responded & { trace: Traced[] }> {
    return orExceeded<Responded & { trace: Traced[] }>(this.workers.run('attempt', answered, { agency, limitMs: limitsMs.evaluate }), tooMuch(pointer));
  }

  print(questionnaire: string, language: Language, agency: string): Promise<Sheet> {
    return orExceeded<Sheet>(this.workers.run('print', { questionnaire, language }, { agency, limitMs: limitsMs.evaluate }), tooMuch(''));
  }

  excerpt(questionnaire: string, linkIds: readonly string[], agency: string): Promise<Questionnaire> {
    return orExceeded<Questionnaire>(this.workers.run('excerpt', { questionnaire, linkIds }, { agency, limitMs: limitsMs.evaluate }), tooMuch(''));
  }

  compile(condition: string, questionnaire: string, agency: string): Promise<Trouble[]> {
    return orExceeded<Trouble[]>(this.workers.run('compile', { condition, questionnaire }, { agency, limitMs: limitsMs.evaluate }), () => [excess('', undefined)]);
  }

  /** What each condition gives. One that is endless is not told, and does not keep the others from being told. */
  async conditions(questionnaire: string, { response, scores }: Evaluation, conditions: readonly string[], { agency, now }: { agency: string; now: Instant }): Promise<ConditionOutcome[]> {
    const outcomes = new Map<number, ConditionOutcome>();
    const open = () => conditions.flatMap((_, index) => (outcomes.has(index) ? [] : [index]));
    const ask = (indexes: number[]) => this.workers.run('conditions', { questionnaire, response, scores, conditions: indexes.map((index) => conditions[index]!), now }, { agency, limitMs: limitsMs.evaluate });
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
