import { Injectable } from '@nestjs/common';
import type { Stored } from '@opora/messaging';
import type { Interpreted, Result } from './domain/assessment.js';
import { noInterpretation } from './domain/interpretation.js';
import { needChanges, outcomeOf } from './domain/need-changes.js';
import type { Screening } from './domain/screening.js';
import { why } from './domain/why.js';
import { Evaluator } from './evaluator.js';
import { Instruments } from './instruments.store.js';
import type { Calculated } from './instruments/index.js';
import { Interpretations } from './interpretations.store.js';
import { NeedRules } from './need-rules.store.js';
import { Needs } from './needs.store.js';
import type { ScreeningView, WhyView } from './screenings.dto.js';

/** Screenings as they are read. No score is shown without what it means, or that nobody agreed on it. */
@Injectable()
export class ScreeningViews {
  constructor(
    private readonly needs: Needs, private readonly interpretations: Interpretations, private readonly instruments: Instruments, private readonly rules: NeedRules, private readonly evaluator: Evaluator,
  ) {}

  async view({ id, state }: Stored<Screening>): Promise<ScreeningView> {
    const { clientId, instrumentId, instrumentVersion, status } = state;
    const { scores = [], calculated = [], notComputed = [], notVerified = [], rules = [] } = 'result' in state ? state.result : {};
    const [needs, mistaken] = await Promise.all([this.needs.seenOfScreening(id), this.mistaken(scores)]);
    return {
      id, clientId, instrumentId, instrumentVersion, status,
      scores: scoresOf({ scores }, mistaken), calculated: calculatedOf({ scores, calculated }, mistaken),
      notComputed, notVerified,
      rules: rules.map((told) => ({ ruleId: told.ruleId, ruleVersion: told.ruleVersion, outcome: outcomeOf(told), ...(told.reason && { reason: told.reason }) })),
      needs: needs.map((need) => need.id),
      changes: needChanges(state, needs).map((change) => ({ ...change, because: change.because.map((reason) => ({ ...reason, answers: [...reason.answers] })) })),
      ...('channel' in state && state.channel && { channel: state.channel }),
    };
  }

  async why({ id, state }: Stored<Screening>): Promise<WhyView> {
    const { instrumentId, instrumentVersion } = state;
    const about = { screeningId: id, instrumentId, instrumentVersion };
    if (!('result' in state)) return { ...about, needs: [] };
    const { result } = state;
    const needs = await this.needs.seenOfScreening(id);
    const rules = await this.rules.among(needs.flatMap((need) => need.state.evidence.flatMap((one) => ('ruleId' in one ? [one.ruleId] : []))));
    const read = result.rules.flatMap(({ answersRead, scoresRead = [] }) => [...answersRead, ...scoresRead]);
    const found = needs.flatMap((need) => need.state.evidence.flatMap((one) => ('answers' in one ? one.answers : [])));
    const scored = result.scores.flatMap(({ linkId }) => linkId ?? []);
    const questionnaire = await this.evaluator.excerpt(await this.instruments.document(instrumentId), [...read, ...found, ...scored], state.agency);
    return { ...about, needs: why({ screeningId: id, result, questionnaire, rules, mistaken: await this.mistaken(result.scores) }, needs) as WhyView['needs'] };
  }

  private mistaken(scores: readonly Interpreted[]): Promise<ReadonlySet<string>> {
    return this.interpretations.mistaken(scores.flatMap(({ interpretation }) => interpretation?.interpretationId ?? []));
  }
}

type Meaning = ScreeningView['scores'][number]['interpretation'];

const none: Meaning = { kind: 'none', text: noInterpretation };

export const scoresOf = ({ scores }: Pick<Result, 'scores'>, mistaken: ReadonlySet<string>): ScreeningView['scores'] =>
  scores.map(({ linkId, value, kind, explanation, interpretation }) => ({ linkId, value, kind, explanation, interpretation: meaning(interpretation, mistaken) }));

export const calculatedOf = ({ scores, calculated }: Pick<Result, 'scores' | 'calculated'>, mistaken: ReadonlySet<string>): ScreeningView['calculated'] =>
  calculated.map((one) => ({ linkId: one.linkId, pointer: one.pointer, value: { [`value${one.type}`]: one.value }, interpretation: ofValue(one, scores, mistaken) }));

const meaning = (agreed: Interpreted['interpretation'], mistaken: ReadonlySet<string>): Meaning =>
  (agreed && !mistaken.has(agreed.interpretationId) ? { kind: 'agreed', ...agreed } : none);

/** A coding or a text that is calculated says itself what it means. */
const ofValue = ({ linkId, value }: Calculated, scores: readonly Interpreted[], mistaken: ReadonlySet<string>): Meaning => {
  const { code, display } = typeof value === 'object' && value !== null ? value as { code?: string; display?: string } : {};
  const text = typeof value === 'string' ? value : display ?? (numberIn(value) === undefined ? code : undefined);
  if (text !== undefined) return { kind: 'calculated', text: { en: text, ru: text }, ...(code && typeof value !== 'string' && { code }) };
  const score = scores.find((one) => one.linkId === linkId && one.value === numberIn(value));
  return meaning(score?.interpretation, mistaken);
};

const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === 'object' && value !== null ? (value as { value?: unknown }).value : value;
  return typeof number === 'number' ? number : undefined;
};
