import type { NeedCode, Severity, Titles } from '@opora/contracts';
import { saidTo, textIn, itemsOf, type Language, type Questionnaire, type Said } from '../instruments/index.js';
import type { Interpreted, Result } from './assessment.js';
import { noInterpretation } from './interpretation.js';
import { outcomeOf } from './need-changes.js';
import type { NeedRule } from './need-rule.js';
import { stands, type Finding } from './need-evidence.js';
import type { Need } from './need-state.js';
import { needTitle } from './need-titles.js';

/** A score as a person reads it: what it is of, how much, and what it is taken to mean. */
interface ReadScore {
  readonly linkId: string;
  readonly text: Titles;
  readonly value: number;
  readonly interpretation: Titles;
}

/** One rule that found the need: which version, on what condition, and what it read. */
export interface Ground {
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly condition: string;
  readonly outcome: 'met' | 'not-met' | 'not-told' | 'no-rule';
  /** Why it could not be told, or does not stand any more. */
  readonly reason?: string;
  readonly stands: boolean;
  readonly severity: Severity;
  readonly explanation: Titles;
  readonly answers: readonly Said[];
  readonly scores: readonly ReadScore[];
  readonly inWords: Titles;
}

export interface WhyNeed {
  readonly needId: string;
  readonly needCode: NeedCode;
  readonly title: Titles;
  readonly status: Need['status'];
  readonly grounds: readonly Ground[];
}

const words = {
  en: { found: (need: string) => `The need “${need}” was found.`, gone: (need: string) => `The need “${need}” was found by this rule, and is no longer.`, rule: 'Rule, version', condition: 'condition', answers: 'Answers that it read', scores: 'Scores that it read', unanswered: 'not answered', untold: 'A condition could not be told; a person should look.' },
  ru: { found: (need: string) => `Выявлена потребность «${need}».`, gone: (need: string) => `Потребность «${need}» была выявлена этим правилом, теперь уже нет.`, rule: 'Правило, версия', condition: 'условие', answers: 'Ответы, которые оно учло', scores: 'Баллы, которые оно учло', unanswered: 'нет ответа', untold: 'Условие не удалось проверить; нужен взгляд человека.' },
};

const sentence = (language: Language, need: Titles, { condition, ruleVersion, explanation, answers, scores, outcome, stands: holds }: Omit<Ground, 'inWords'>): string => {
  const say = words[language];
  const read = answers.map(({ question, answers: given }) => `${question[language]} — ${given.map((one) => one[language]).join(', ') || say.unanswered}`);
  const counted = scores.map(({ text, value, interpretation }) => `${text[language]}: ${value} (${interpretation[language]})`);
  return [
    outcome === 'not-told' ? say.untold : (holds ? say.found : say.gone)(need[language]), explanation[language], `${say.rule} ${ruleVersion}; ${say.condition}: ${condition}.`,
    ...(read.length > 0 ? [`${say.answers}: ${read.join('; ')}.`] : []), ...(counted.length > 0 ? [`${say.scores}: ${counted.join('; ')}.`] : []),
  ].join(' ');
};

/** Of results that are older than this list: the names in the condition itself. */
const named = (condition: string): string[] => [...condition.matchAll(/\bscore\(\s*'((?:[^'\\]|\\.)*)'\s*\)/g)].map(([, linkId]) => linkId!);

interface About {
  readonly screeningId: string;
  readonly result: Result;
  readonly questionnaire: Questionnaire;
  readonly rules: readonly NeedRule[];
  /** Interpretations that were wrong: no score is shown with them. */
  readonly mistaken: ReadonlySet<string>;
}

/** Per need that the screening found, what it stands on; the needs as they are now, the answers and scores as they were worked out last. */
export const why = (about: About, needs: readonly { id: string; state: Need }[]): WhyNeed[] => needs.map(({ id: needId, state }) => {
  const { en, ru } = needTitle(state.code);
  const ours = state.evidence.filter((one): one is Finding => one.source === 'screening' && one.screeningId === about.screeningId);
  return { needId, needCode: state.code, title: { en, ru }, status: state.status, grounds: ours.map((finding) => groundOf(about, finding, { en, ru })) };
});

const groundOf = ({ result, questionnaire, rules, mistaken }: About, finding: Finding, need: Titles): Ground => {
  const told = result.rules.find(({ ruleId }) => ruleId === finding.ruleId);
  const ruleVersion = told?.ruleVersion ?? finding.ruleVersion;
  const condition = rules.find(({ ruleId }) => ruleId === finding.ruleId)?.versions[ruleVersion - 1]?.condition ?? '';
  const reason = told?.reason ?? finding.withdrawn;
  const ground = {
    ruleId: finding.ruleId, ruleVersion, condition, outcome: outcomeOf(told), ...(reason !== undefined && { reason }), stands: stands(finding),
    severity: finding.severity, explanation: finding.explanation,
    answers: saidTo(questionnaire, result.response, told?.answersRead ?? finding.answers),
    scores: scoresOf(questionnaire, result.scores, told?.scoresRead ?? named(condition), mistaken),
  };
  return { ...ground, inWords: { en: sentence('en', need, ground), ru: sentence('ru', need, ground) } };
};

const scoresOf = (questionnaire: Questionnaire, scores: readonly Interpreted[], linkIds: readonly string[], mistaken: ReadonlySet<string>): ReadScore[] => {
  const items = itemsOf(questionnaire);
  return scores.flatMap(({ linkId, value, interpretation }) => {
    if (linkId === null || !linkIds.includes(linkId)) return [];
    const text = (language: Language) => textIn(items.get(linkId) ?? {}, 'text', language) ?? linkId;
    const standing = interpretation && !mistaken.has(interpretation.interpretationId) ? interpretation.text : noInterpretation;
    return [{ linkId, text: { en: text('en'), ru: text('ru') }, value, interpretation: standing }];
  });
};
