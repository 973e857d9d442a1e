import { inWords, type Day, type Instant } from '@opora/domain';
import type { EntryView, Language, NextView, PlanDocument, SectionView } from './plan-document.js';
import { plainWords } from './plain-words.js';

export interface PlainEntry {
  readonly module: string;
  readonly entryId: string;
  readonly title: string;
  /** What it means for the person. */
  readonly words: readonly string[];
  /** In the words of whoever works on it. */
  readonly text?: string;
}

export interface PlainHelp {
  readonly module: string;
  readonly title: string;
  /** What people call the agency that is responsible; null while nobody is. */
  readonly responsible: string | null;
  readonly words: readonly string[];
  readonly entries: readonly PlainEntry[];
}

export interface PlainStep {
  readonly module: string;
  readonly entryId: string;
  readonly on: Day | Instant;
  readonly responsible: string | null;
  readonly words: readonly string[];
}

/** A plan in sentences for the person whose it is. */
export interface PlainPlan {
  readonly clientId: string;
  readonly language: Language;
  readonly title: string;
  readonly words: readonly string[];
  readonly needs: readonly PlainEntry[];
  readonly goals: readonly PlainEntry[];
  readonly help: readonly PlainHelp[];
  readonly next: readonly PlainStep[];
  readonly changedAt: Instant | null;
}

export interface Telling {
  readonly language: Language;
  /** The person's own; UTC, and said so, unless known. */
  readonly zone?: string | undefined;
  /** What people call an agency. */
  readonly titleOf: (agency: string) => string;
  /** By `<module>/<entryId>`: what modules keep to themselves and tell the person. */
  readonly texts?: ReadonlyMap<string, string> | undefined;
}

/** Says the same as the plan that it is made from, and nothing else. */
export const plainly = (plan: PlanDocument, { language, zone, titleOf, texts }: Telling): PlainPlan => {
  const say = plainWords[language];
  const because = (reason: { title: string } | undefined) => (reason ? [say.why(reason.title)] : []);

  const entry = ({ module, entryId, kind, phase, title, reason, reviewOn }: EntryView): PlainEntry => {
    const text = texts?.get(`${module}/${entryId}`);
    return {
      module, entryId, title, words: [say[kind === 'need' || kind === 'goal' ? kind : 'help'][phase](title), ...because(reason), ...(reviewOn ? [say.review(inWords(reviewOn, language))] : [])],
      ...(text !== undefined && { text }),
    };
  };

  const help = ({ module, title, agency, state, reason, entries }: SectionView): PlainHelp => ({
    module, title, responsible: agency === null ? null : titleOf(agency),
    words: [say.section[state](title), ...(agency === null ? [] : [say.who(titleOf(agency))]), ...because(reason)], entries: entries.map(entry),
  });

  const agencyOf = ({ module, entryId }: NextView): string | null =>
    [...plan.needs, ...plan.goals, ...plan.sections.flatMap(({ entries }) => entries)].find((one) => one.module === module && one.entryId === entryId)?.agency
    ?? plan.sections.find((section) => section.module === module)?.agency ?? null;

  const step = (action: NextView): PlainStep => {
    const agency = agencyOf(action);
    const { module, entryId, title, start, due, end } = action;
    const on = start ?? due ?? end!;
    const when = inWords(on, language, { zone, clock: true });
    return { module, entryId, on, responsible: agency && titleOf(agency), words: [say.step[start ? 'start' : due ? 'due' : 'end'](when, title), ...(agency ? [say.who(titleOf(agency))] : [])] };
  };

  return {
    clientId: plan.clientId, language, title: say.title,
    words: [
      say.plan[plan.plan?.phase ?? 'none'], ...(plan.reviewOn ? [say.review(inWords(plan.reviewOn, language))] : []),
      ...(plan.next.length > 0 ? [] : [say.nothingNext]), ...(plan.stale ? [say.stale] : []), say.yours,
    ],
    needs: plan.needs.map(entry), goals: plan.goals.map(entry), help: plan.sections.map(help), next: plan.next.map(step), changedAt: plan.changedAt,
  };
};
