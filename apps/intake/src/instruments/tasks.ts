import { unstorable, type Instant, type Trouble } from '@opora/domain';
import { checkQuestionnaire, type QuestionnaireCheck } from './check.js';
import { compileCondition, conditionOver } from './condition.js';
import type { Questionnaire, QuestionnaireResponse, ResponseStatus } from './fhir.js';
import { readForm } from './form.js';
import { printed, speaks, type Sheet } from './printed.js';
import type { ConditionOutcome, Evaluation, ResponseTrouble, Score, Traced, Watch } from './results.js';
import { completeResponse } from './validation.js';
import { itemsOf, textIn, type Language } from './words.js';

/** A response and the questionnaire it answers, the latter as its text: it goes from process to process unread. */
interface Answered {
  questionnaire: string;
  response: unknown;
  status: ResponseStatus;
  now: Instant;
}

/** What a document says of itself, of whatever type. */
export interface Says { url?: unknown; version?: unknown; title?: unknown }

/** Without `says` it is no JSON. */
export type Checked = QuestionnaireCheck & { says?: Says };

export type Responded = { troubles: ResponseTrouble[]; evaluation?: Evaluation };

/** Of thousands of troubles the first ones tell enough. */
const MOST_TOLD = 50;

const SOME_DAY = '2000-01-01T00:00:00.000Z';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const told = <R extends Responded>(responded: R): R => ({ ...responded, troubles: responded.troubles.slice(0, MOST_TOLD) });

const read = (text: string): Questionnaire => JSON.parse(text) as Questionnaire;

/**
 * What is asked of the engine, each by name: plain JSON in and out. Run in a process of its own, because expressions come from outside and
 * some take time or memory without end.
 */
export const tasks = {
  /** Includes a trial with no answers at all: what takes too long then is to be refused, with a pointer to the item. */
  check: ({ document: text }: { document: string }, watch: Watch): Checked => {
    const document = parsed(text);
    if (document === undefined) return { problems: [], notComputed: [] };
    const trouble = unstorable(document);
    const { problems, notComputed } = trouble ? { problems: [trouble], notComputed: [] } : checkQuestionnaire(document);
    if (problems.length > 0) return { problems: problems.slice(0, MOST_TOLD), notComputed, says: {} };
    const unanswered = completeResponse(document as Questionnaire, { resourceType: 'QuestionnaireResponse' }, { status: 'in-progress', now: SOME_DAY, watch: { step: (at) => watch.step(at) } });
    const { url, version, title } = document as Says;
    const says = { url, version, title };
    return {
      problems: unanswered.troubles.slice(0, MOST_TOLD), notComputed,
      says: Object.fromEntries(Object.entries(says).filter(([, word]) => typeof word === 'string')),
    };
  },

  respond: ({ questionnaire, response, status, now }: Answered, watch: Watch): Responded =>
    told(completeResponse(read(questionnaire), response as QuestionnaireResponse, { status, now, watch: { step: (at) => watch.step(at) } })),

  /** As `respond`, and what each expression gave last. */
  attempt: ({ questionnaire, response, status, now }: Answered, watch: Watch): Responded & { trace: Traced[] } => {
    const last = new Map<string, Traced>();
    const trace = (one: Traced) => last.set(JSON.stringify([one.kind, one.linkId, one.name, one.expression]), one);
    const responded = completeResponse(read(questionnaire), response as QuestionnaireResponse, { status, now, watch: { step: (at) => watch.step(at), trace } });
    return { ...told(responded), trace: [...last.values()].map(short) };
  },

  /** The conditions of need rules over an evaluated response, in their order. */
  conditions: (
    { questionnaire, response, scores, conditions, now }: { questionnaire: string; response: QuestionnaireResponse; scores: readonly Score[]; conditions: readonly string[]; now: Instant },
    watch: Watch,
  ): ConditionOutcome[] => {
    const form = readForm(read(questionnaire));
    return conditions.map((condition, index) => {
      watch.step(String(index));
      return conditionOver(form, response, scores, condition, { now });
    });
  },

  print: ({ questionnaire, language }: { questionnaire: string; language: Language }): Sheet => {
    const form = read(questionnaire);
    const title = textIn(form, 'title', language);
    return { ...(title !== undefined && { title }), translated: form.language === undefined || speaks(form, language), lines: printed(form, language) };
  },

  /** Only these items, each without those below it: what of a form of 2 MB the service has to read itself. */
  excerpt: ({ questionnaire, linkIds }: { questionnaire: string; linkIds: readonly string[] }): Questionnaire => {
    const wanted = new Set(linkIds);
    return { resourceType: 'Questionnaire', item: [...itemsOf(read(questionnaire)).values()].filter(({ linkId }) => wanted.has(linkId)).map(({ item: _, ...own }) => own) };
  },

  compile: ({ condition, questionnaire }: { condition: string; questionnaire: string }): Trouble[] => compileCondition(condition, read(questionnaire)),
};

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;

const most = { values: 50, text: 500 };
const cut = (value: unknown): unknown => (typeof value === 'string' && value.length > most.text ? `${value.slice(0, most.text)}…` : value);

/** For reading by a person: of thousands of values the first ones tell enough. */
const short = (traced: Traced): Traced => ({ ...traced, ...(traced.values && { values: traced.values.slice(0, most.values).map(cut) }) });
