import type { answersSaved, DataOf, screeningAmended, screeningCompleted, screeningEnteredInError, screeningPlanned } from '@opora/contracts';
import { absent, DomainError, idTaken, wrongStatus, type Fact, type Instant } from '@opora/domain';
import type { Evaluation, QuestionnaireResponse } from '../instruments/index.js';
import type { Result } from './assessment.js';

interface Known {
  readonly screeningId: string;
  readonly clientId: string;
  readonly agency: string;
  readonly instrumentId: string;
  /** Pinned when planned. */
  readonly instrumentVersion: number;
}

/** How the answers came: said to a worker, on the printed form, filled in by the person. */
export const channels = ['conversation', 'paper', 'online'] as const;
export type Channel = (typeof channels)[number];

interface Answered {
  readonly channel?: Channel;
}

export type Screening = Known & (
  | { readonly status: 'planned' | 'entered-in-error' }
  | Answered & { readonly status: 'in-progress'; readonly response: QuestionnaireResponse }
  | Answered & {
    readonly status: 'completed' | 'amended'; readonly result: Result;
    /** What was worked out before the last amendment, to tell what it changed. */
    readonly before?: Pick<Result, 'scores' | 'rules'>;
  }
);

export type ScreeningFact =
  | Fact<'intake.screening-planned', DataOf<typeof screeningPlanned>, Known>
  | Fact<'intake.answers-saved', DataOf<typeof answersSaved>, Answered & { response: QuestionnaireResponse }>
  | Fact<'intake.screening-completed', DataOf<typeof screeningCompleted>, Answered & Result>
  | Fact<'intake.screening-amended', DataOf<typeof screeningAmended>, Answered & Result>
  | Fact<'intake.screening-entered-in-error', DataOf<typeof screeningEnteredInError>>;

const mustExist = (screening: Screening | undefined): Screening => {
  if (!screening || screening.status === 'entered-in-error') throw absent('screening');
  return screening;
};

const must = <K extends Screening['status']>(screening: Screening | undefined, ...statuses: K[]): Extract<Screening, { status: K }> => {
  const known = mustExist(screening);
  if (!(statuses as string[]).includes(known.status)) throw wrongStatus('screening', known.status, statuses.join(' or '));
  return known as Extract<Screening, { status: K }>;
};

const about = ({ screeningId, clientId, instrumentId, instrumentVersion }: Known, at: Instant) => ({ screeningId, clientId, instrumentId, instrumentVersion, at });

export const plan = (screening: Screening | undefined, { published, at, ...known }: Known & { published: boolean; at: Instant }): ScreeningFact[] => {
  if (screening) throw idTaken();
  if (!published) throw new DomainError('conflict', 'instrument-not-published', 'Screenings are done with published instruments only');
  return [{ type: 'intake.screening-planned', data: about(known, at), own: known }];
};

/** Which answers are to be worked out: those that were sent, or else those saved before. Refuses what the status does not allow. */
export const answersOf = (screening: Screening | undefined, command: 'save' | 'complete' | 'amend', sent: unknown): unknown => {
  if (command === 'amend') must(screening, 'completed', 'amended');
  else if (must(screening, 'planned', 'in-progress').status === 'in-progress' && command === 'complete') return sent ?? (screening as { response?: unknown }).response;
  return sent;
};

/** Keeps what was answered so far. */
export const save = (screening: Screening | undefined, { evaluation, channel, at }: { evaluation: Evaluation; channel?: Channel; at: Instant }): ScreeningFact[] => {
  const known = must(screening, 'planned', 'in-progress');
  return [{ type: 'intake.answers-saved', data: about(known, at), own: { response: evaluation.response, ...(channel && { channel }) } }];
};

interface WorkedOut {
  result: Result;
  channel?: Channel;
  at: Instant;
}

/** `saved`: the answers that the result was worked out from, where none were sent. Meanwhile nobody may have saved others. */
export const complete = (screening: Screening | undefined, { result, saved, channel, at }: WorkedOut & { saved?: unknown }): ScreeningFact[] => {
  const known = must(screening, 'planned', 'in-progress');
  if (saved !== undefined && !(known.status === 'in-progress' && JSON.stringify(known.response) === JSON.stringify(saved))) {
    throw new DomainError('conflict', 'changed-at-once', 'Somebody else changed the answers at the same moment; try again');
  }
  const by = channel ?? (known.status === 'in-progress' ? known.channel : undefined);
  return [{ type: 'intake.screening-completed', data: about(known, at), own: { ...result, ...(by && { channel: by }) } }];
};

/** Scores and rules are worked out anew, by the pinned instrument and the rules of today. */
export const amend = (screening: Screening | undefined, { result, channel, at }: WorkedOut): ScreeningFact[] => {
  const known = must(screening, 'completed', 'amended');
  return [{ type: 'intake.screening-amended', data: about(known, at), own: { ...result, ...(channel && { channel }) } }];
};

export const enterInError = (screening: Screening | undefined, { reason, at }: { reason: string; at: Instant }): ScreeningFact[] =>
  [{ type: 'intake.screening-entered-in-error', data: { ...about(mustExist(screening), at), reason } }];

const knownOf = ({ screeningId, clientId, agency, instrumentId, instrumentVersion }: Known): Known => ({ screeningId, clientId, agency, instrumentId, instrumentVersion });

const worked = ({ channel, ...result }: Answered & Result) => ({ result, ...(channel && { channel }) });

const before = (screening: Screening) => ('result' in screening ? { before: { scores: screening.result.scores, rules: screening.result.rules } } : {});

export const evolve = (screening: Screening | undefined, fact: ScreeningFact): Screening => {
  if (fact.type === 'intake.screening-planned') return { ...fact.own!, status: 'planned' };
  const known = knownOf(screening!);
  switch (fact.type) {
    case 'intake.answers-saved': return { ...known, status: 'in-progress', ...fact.own! };
    case 'intake.screening-completed': return { ...known, status: 'completed', ...worked(fact.own!) };
    case 'intake.screening-amended': return { ...known, status: 'amended', ...before(screening!), ...worked(fact.own!) };
    // The answers may be about somebody else: only the history keeps them.
    case 'intake.screening-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
