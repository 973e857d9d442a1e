import type { answersSaved, DataOf, screeningAmended, screeningCompleted, screeningEnteredInError, screeningPlanned } from '@opora/contracts';
import { absent, DomainError, idTaken, wrongStatus, type Fact, type Instant } from '@opora/domain';
import type { QuestionnaireResponse } from '../instruments/index.js';
import { assess, evaluate, type Result, type Sent } from './assessment.js';
import type { NeedRule } from './need-rule.js';

interface Known {
  readonly screeningId: string;
  readonly clientId: string;
  readonly agency: string;
  readonly instrumentId: string;
  /** Pinned when planned. */
  readonly instrumentVersion: number;
}

export type Screening = Known & (
  | { readonly status: 'planned' | 'entered-in-error' }
  | { readonly status: 'in-progress'; readonly response: QuestionnaireResponse }
  | { readonly status: 'completed' | 'amended'; readonly result: Result }
);

export type ScreeningFact =
  | Fact<'intake.screening-planned', DataOf<typeof screeningPlanned>, Known>
  | Fact<'intake.answers-saved', DataOf<typeof answersSaved>, { response: QuestionnaireResponse }>
  | Fact<'intake.screening-completed', DataOf<typeof screeningCompleted>, Result>
  | Fact<'intake.screening-amended', DataOf<typeof screeningAmended>, Result>
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

/** Keeps what was answered so far. */
export const save = (screening: Screening | undefined, sent: Sent): ScreeningFact[] => {
  const known = must(screening, 'planned', 'in-progress');
  return [{ type: 'intake.answers-saved', data: about(known, sent.at), own: { response: evaluate(sent, 'in-progress').response } }];
};

/** Without a response, the one that was saved is complete. */
export const complete = (screening: Screening | undefined, sent: Sent, rules: readonly NeedRule[]): ScreeningFact[] => {
  const known = must(screening, 'planned', 'in-progress');
  const response = sent.response ?? (known.status === 'in-progress' ? known.response : undefined);
  return [{ type: 'intake.screening-completed', data: about(known, sent.at), own: assess({ ...sent, response }, 'completed', rules) }];
};

/** Scores and rules are worked out anew, by the pinned instrument and the rules of today. */
export const amend = (screening: Screening | undefined, sent: Sent, rules: readonly NeedRule[]): ScreeningFact[] => {
  const known = must(screening, 'completed', 'amended');
  return [{ type: 'intake.screening-amended', data: about(known, sent.at), own: assess(sent, 'amended', rules) }];
};

export const enterInError = (screening: Screening | undefined, { reason, at }: { reason: string; at: Instant }): ScreeningFact[] =>
  [{ type: 'intake.screening-entered-in-error', data: { ...about(mustExist(screening), at), reason } }];

const knownOf = ({ screeningId, clientId, agency, instrumentId, instrumentVersion }: Known): Known => ({ screeningId, clientId, agency, instrumentId, instrumentVersion });

export const evolve = (screening: Screening | undefined, fact: ScreeningFact): Screening => {
  if (fact.type === 'intake.screening-planned') return { ...fact.own!, status: 'planned' };
  const known = knownOf(screening!);
  switch (fact.type) {
    case 'intake.answers-saved': return { ...known, status: 'in-progress', response: fact.own!.response };
    case 'intake.screening-completed': return { ...known, status: 'completed', result: fact.own! };
    case 'intake.screening-amended': return { ...known, status: 'amended', result: fact.own! };
    // The answers may be about somebody else: only the history keeps them.
    case 'intake.screening-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
