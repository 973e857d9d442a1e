import { wrongStatus, type Day, type Fact, type Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';

export const outcomes = ['upheld', 'partly-upheld', 'declined'] as const;
export type Outcome = (typeof outcomes)[number];

/** What a person does not agree with, and what a person answered. */
export interface Objection {
  readonly status: 'recorded' | 'answered' | 'withdrawn';
  readonly clientId: string;
  readonly agency: string;
  /** Id of a plan entry or of a record of this module. */
  readonly about: string;
  readonly text: string;
  readonly recordedAt: Instant;
  readonly dueOn: Day;
  readonly answer?: { readonly outcome: Outcome; readonly text: string; readonly at: Instant };
  readonly withdrawnAt?: Instant;
}

type Known = Pick<Objection, 'clientId' | 'agency' | 'about' | 'dueOn'>;

export type ObjectionFact =
  | Fact<'opora.objection.recorded', Known & { at: Instant }, { text: string }>
  | Fact<'opora.objection.answered', { clientId: string; outcome: Outcome; at: Instant }, { text: string }>
  | Fact<'opora.objection.withdrawn', { clientId: string; at: Instant }>;

export const objectionFacts: readonly ObjectionFact['type'][] = ['opora.objection.recorded', 'opora.objection.answered', 'opora.objection.withdrawn'];

/**
 * 152-FZ art. 20 gives ten working days, GDPR art. 12(3) one month. Ten working days are never fewer than fourteen days of the calendar:
 * who keeps these keeps both, without a calendar of holidays.
 */
const ANSWER_DAYS = 14;

export const dueOn = (at: Instant): Day => Temporal.PlainDate.from(at.slice(0, 10)).add({ days: ANSWER_DAYS }).toString();

export const record = (known: Objection | undefined, { at, text, ...about }: Omit<Known, 'dueOn'> & { text: string; at: Instant }): ObjectionFact[] =>
  known ? [] : [{ type: 'opora.objection.recorded', data: { ...about, dueOn: dueOn(at), at }, own: { text } }];

export const answer = (known: Objection | undefined, { outcome, text, at }: { outcome: Outcome; text: string; at: Instant }): ObjectionFact[] =>
  [{ type: 'opora.objection.answered', data: { clientId: open(known).clientId, outcome, at }, own: { text } }];

export const withdraw = (known: Objection | undefined, { at }: { at: Instant }): ObjectionFact[] =>
  [{ type: 'opora.objection.withdrawn', data: { clientId: open(known).clientId, at } }];

const open = (known: Objection | undefined): Objection => {
  if (known?.status !== 'recorded') throw wrongStatus('objection', known?.status ?? 'unknown', 'recorded');
  return known;
};

export const evolve = (known: Objection | undefined, fact: ObjectionFact): Objection => {
  switch (fact.type) {
    case 'opora.objection.recorded': {
      const { at, ...data } = fact.data;
      return { status: 'recorded', ...data, text: fact.own!.text, recordedAt: at };
    }
    case 'opora.objection.answered': return { ...known!, status: 'answered', answer: { outcome: fact.data.outcome, text: fact.own!.text, at: fact.data.at } };
    case 'opora.objection.withdrawn': return { ...known!, status: 'withdrawn', withdrawnAt: fact.data.at };
    default: return fact satisfies never;
  }
};
