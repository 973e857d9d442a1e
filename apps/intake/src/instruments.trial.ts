import { Injectable } from '@nestjs/common';
import { DomainError, type Instant } from '@opora/domain';
import type { Stored } from '@opora/messaging';
import { resultOf } from './domain/assessment.js';
import type { Instrument } from './domain/instrument.js';
import { outcomeOf } from './domain/need-changes.js';
import { Evaluator } from './evaluator.js';
import type { TryView } from './instruments.dto.js';
import { Instruments } from './instruments.store.js';
import type { Responded, Traced } from './instruments/index.js';
import { Interpretations } from './interpretations.store.js';
import { NeedRules } from './need-rules.store.js';
import { calculatedOf, scoresOf } from './screenings.view.js';

type Tried = TryView['results'][number];

const nothing = { scores: [], calculated: [], notComputed: [], notVerified: [], rules: [], trace: [] };

/** What a screening with these answers would come to, and how. Keeps nothing. */
@Injectable()
export class Trial {
  constructor(
    private readonly evaluator: Evaluator, private readonly instruments: Instruments, private readonly rules: NeedRules, private readonly interpretations: Interpretations,
  ) {}

  async of({ id, state }: Stored<Instrument>, agency: string, response: unknown, now: Instant): Promise<Tried> {
    const questionnaire = await this.instruments.document(id);
    const responded = await this.attempt(agency, questionnaire, response, now);
    if ('refused' in responded) return { valid: false, errors: responded.refused.map((error) => ({ ...error })), ...nothing };
    const { evaluation, troubles } = responded;
    const trace = responded.trace.map(({ values, ...one }) => ({ ...one, ...(values && { values: values.map((value) => ({ value })) }) }));
    const errors = troubles.slice(0, 50).map(({ pointer, code, detail }) => ({ pointer, code, detail }));
    if (!evaluation) return { valid: false, errors, ...nothing, trace };
    const rules = await this.rules.activeOf(id);
    const conditions = rules.map(({ versions }) => versions.at(-1)!.condition);
    const outcomes = await this.evaluator.conditions(questionnaire, evaluation, conditions, { agency, now });
    const result = resultOf(evaluation, rules, outcomes, await this.interpretations.activeOf(id, agency, state.agency));
    return {
      valid: true, errors, scores: scoresOf(result, new Set()), calculated: calculatedOf(result, new Set()), notComputed: result.notComputed, notVerified: result.notVerified,
      rules: result.rules.map((told) => ({ ruleId: told.ruleId, ruleVersion: told.ruleVersion, outcome: outcomeOf(told), ...(told.reason && { reason: told.reason }) })),
      trace: [...trace, ...outcomes.map(({ met, reason }, index) => ({ kind: 'condition' as const, expression: conditions[index]!, ...(reason ? { reason } : { values: [{ value: met }] }) }))],
    };
  }

  private async attempt(agency: string, questionnaire: string, response: unknown, now: Instant): Promise<Responded & { trace: Traced[] } | { refused: DomainError['errors'] }> {
    try {
      return await this.evaluator.attempt({ agency, questionnaire, response, status: 'completed', now, pointer: '' });
    } catch (error) {
      if (error instanceof DomainError) return { refused: error.errors };
      throw error;
    }
  }
}
