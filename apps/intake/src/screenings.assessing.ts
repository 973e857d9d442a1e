import { Injectable } from '@nestjs/common';
import type { Instant } from '@opora/domain';
import { accepted, mustName, resultOf, type Result, type Sent } from './domain/assessment.js';
import type { NeedRule } from './domain/need-rule.js';
import type { Screening } from './domain/screening.js';
import { Evaluator } from './evaluator.js';
import type { Evaluation } from './instruments/index.js';
import { Instruments } from './instruments.store.js';
import { Interpretations } from './interpretations.store.js';
import { NeedRules } from './need-rules.store.js';

type Pinned = Pick<Screening, 'instrumentId' | 'agency'>;

/** A result, and the rules that it was worked out with. */
export interface Assessed {
  readonly result: Result;
  readonly rules: readonly NeedRule[];
}

/** Works out what answers say, by the pinned instrument and the rules and interpretations of this moment. Before any lock is taken. */
@Injectable()
export class Assessing {
  constructor(
    private readonly evaluator: Evaluator, private readonly instruments: Instruments, private readonly rules: NeedRules, private readonly interpretations: Interpretations,
  ) {}

  /** Refuses answers that do not fit, with pointers into what was sent. */
  async evaluation({ instrumentId, agency }: Pinned, sent: Sent, status: 'in-progress' | 'completed' | 'amended', now: Instant): Promise<Evaluation> {
    const instrument = await this.instruments.load(instrumentId);
    mustName(instrument!.state, sent);
    const questionnaire = await this.instruments.document(instrumentId);
    return accepted(await this.evaluator.respond({ ...sent, agency, questionnaire, status, now }), sent.pointer, status);
  }

  async result(pinned: Pinned, sent: Sent, status: 'completed' | 'amended', now: Instant): Promise<Assessed> {
    const { instrumentId, agency } = pinned;
    const evaluation = await this.evaluation(pinned, sent, status, now);
    const rules = await this.rules.activeOf(instrumentId);
    const instrument = await this.instruments.load(instrumentId);
    const interpretations = await this.interpretations.activeOf(instrumentId, agency, instrument!.state.agency);
    const conditions = rules.map(({ versions }) => versions.at(-1)!.condition);
    const outcomes = await this.evaluator.conditions(await this.instruments.document(instrumentId), evaluation, conditions, { agency, now });
    return { result: resultOf(evaluation, rules, outcomes, interpretations), rules };
  }

  /** Whether these are still the rules. Call in the transaction: a rule that is just being entered in error finds nothing more. */
  async stillHolds(instrumentId: string, { rules }: Assessed): Promise<boolean> {
    const now = await this.rules.activeOf(instrumentId);
    return now.length === rules.length && now.every(({ ruleId, versions }, index) => ruleId === rules[index]!.ruleId && versions.length === rules[index]!.versions.length);
  }
}
