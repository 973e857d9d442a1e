import type { DataOf, interpretationAgreed, interpretationEnteredInError, interpretationRetired, interpretationRevised, Titles } from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant, type Trouble } from '@opora/domain';

/** What scores from `from` to `to` mean, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly code: string;
  readonly text: Titles;
}

/** `least` to `most` in steps of `step`: every score that the item can have. The ranges, in ascending order, cover each of them once. */
export interface Scale {
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly ranges: readonly Range[];
  /** Where the ranges are from: a manual, an article, an own decision. */
  readonly source: string;
}

/** What an agency takes a score of one version of an instrument to mean. `linkId` is null for the sum of all ordinals. */
export interface Interpretation {
  readonly interpretationId: string;
  readonly agency: string;
  readonly instrumentId: string;
  readonly linkId: string | null;
  readonly status: 'active' | 'retired' | 'entered-in-error';
  /** Oldest first; the index is the version less one. */
  readonly versions: readonly (Scale & { readonly at: Instant })[];
}

type Ids = Pick<Interpretation, 'interpretationId' | 'agency' | 'instrumentId' | 'linkId'>;

export type InterpretationFact =
  | Fact<'intake.interpretation-agreed', DataOf<typeof interpretationAgreed>, Ids & { scale: Scale }>
  | Fact<'intake.interpretation-revised', DataOf<typeof interpretationRevised>, { scale: Scale }>
  | Fact<'intake.interpretation-retired', DataOf<typeof interpretationRetired>>
  | Fact<'intake.interpretation-entered-in-error', DataOf<typeof interpretationEnteredInError>>;

/** How many steps it is from one number to another; decimals leave a rest beyond the ninth place. */
const steps = (from: number, to: number, step: number): number => Math.round(((to - from) / step) * 1e9) / 1e9;

/** Gaps, overlaps and whatever else leaves a score with no meaning or with two. */
export const scaleTroubles = ({ least, most, step, ranges }: Scale): Trouble[] => {
  const troubles: Trouble[] = [];
  const say = (pointer: string, code: string, detail: string) => troubles.push({ pointer, code, detail });
  if (step <= 0) say('/step', 'not-positive', 'A step is more than 0');
  if (least > most) say('/most', 'range-inverted', 'The greatest score is not below the least');
  if (troubles.length > 0) return troubles;
  if (!Number.isInteger(steps(least, most, step))) say('/most', 'off-step', 'This score cannot be reached in such steps');
  ranges.forEach(({ from, to, code }, index) => {
    const at = `/ranges/${index}`;
    const expected = index === 0 ? 0 : 1;
    const away = steps(index === 0 ? least : ranges[index - 1]!.to, from, step);
    if (from > to) say(`${at}/to`, 'range-inverted', 'A range does not end before it begins');
    if (away < expected) say(`${at}/from`, 'range-overlap', index === 0 ? 'The first range begins with the least score' : 'These scores belong to the range before');
    else if (away > expected) say(`${at}/from`, 'range-gap', 'Scores before this range have no meaning');
    if (!Number.isInteger(steps(least, to, step))) say(`${at}/to`, 'off-step', 'This score cannot be reached in such steps');
    if (ranges.findIndex((other) => other.code === code) < index) say(`${at}/code`, 'code-repeated', 'Each range has a code of its own');
  });
  const rest = steps(ranges.at(-1)!.to, most, step);
  if (rest !== 0) say(`/ranges/${ranges.length - 1}/to`, rest > 0 ? 'range-gap' : 'range-overlap', 'The last range ends with the greatest score');
  return troubles;
};

const checked = (scale: Scale): Scale => {
  const troubles = scaleTroubles(scale);
  if (troubles.length === 0) return scale;
  throw new DomainError('invalid', 'interpretation-invalid', 'Each possible score must have exactly one meaning', troubles.slice(0, 50));
};

const mustExist = (interpretation: Interpretation | undefined): Interpretation => {
  if (!interpretation || interpretation.status === 'entered-in-error') throw absent('interpretation');
  return interpretation;
};

const mustBeActive = (interpretation: Interpretation | undefined): Interpretation => {
  const known = mustExist(interpretation);
  if (known.status !== 'active') throw wrongStatus('interpretation', known.status, 'active');
  return known;
};

const about = ({ interpretationId, instrumentId, versions }: Interpretation, at: Instant) => ({ interpretationId, instrumentId, interpretationVersion: versions.length, at });

/** `taken`: another interpretation of this score is active in the agency. */
export const agree = (interpretation: Interpretation | undefined, { scale, taken, at, ...ids }: Ids & { scale: Scale; taken: boolean; at: Instant }): InterpretationFact[] => {
  if (interpretation) throw new DomainError('conflict', 'already-agreed', 'This interpretation is already here; write a new version of it');
  if (taken) throw new DomainError('conflict', 'interpretation-exists', 'Your agency has an interpretation of this score; write a new version of it, or retire it first');
  const { interpretationId, instrumentId } = ids;
  return [{ type: 'intake.interpretation-agreed', data: { interpretationId, instrumentId, interpretationVersion: 1, at }, own: { ...ids, scale: checked(scale) } }];
};

export const revise = (interpretation: Interpretation | undefined, { scale, at }: { scale: Scale; at: Instant }): InterpretationFact[] => {
  const known = mustBeActive(interpretation);
  return [{ type: 'intake.interpretation-revised', data: { ...about(known, at), interpretationVersion: known.versions.length + 1 }, own: { scale: checked(scale) } }];
};

export const retire = (interpretation: Interpretation | undefined, { at }: { at: Instant }): InterpretationFact[] =>
  [{ type: 'intake.interpretation-retired', data: about(mustBeActive(interpretation), at) }];

export const enterInError = (interpretation: Interpretation | undefined, { reason, at }: { reason: string; at: Instant }): InterpretationFact[] =>
  [{ type: 'intake.interpretation-entered-in-error', data: { ...about(mustExist(interpretation), at), reason } }];

export const evolve = (interpretation: Interpretation | undefined, fact: InterpretationFact): Interpretation => {
  if (fact.type === 'intake.interpretation-agreed') {
    const { scale, ...ids } = fact.own!;
    return { ...ids, status: 'active', versions: [{ ...scale, at: fact.data.at }] };
  }
  const known = interpretation!;
  switch (fact.type) {
    case 'intake.interpretation-revised': return { ...known, versions: [...known.versions, { ...fact.own!.scale, at: fact.data.at }] };
    case 'intake.interpretation-retired': return { ...known, status: 'retired' };
    case 'intake.interpretation-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};

/** What a score was taken to mean: kept with it, so that a later version changes nothing of what was said. */
export interface Agreed {
  readonly interpretationId: string;
  readonly interpretationVersion: number;
  readonly code: string;
  readonly text: Titles;
  readonly source: string;
}

const NEAR = 1e-9;

/** By the first of these that is about this score; nothing for a score outside of what was said to be possible. */
export const agreed = (interpretations: readonly Interpretation[], { linkId, value }: { linkId: string | null; value: number }): Agreed | undefined => {
  const found = interpretations.find((one) => one.linkId === linkId);
  const scale = found?.versions.at(-1);
  const range = scale?.ranges.find(({ from, to }) => value >= from - NEAR && value <= to + NEAR);
  return found && scale && range && {
    interpretationId: found.interpretationId, interpretationVersion: found.versions.length, code: range.code, text: range.text, source: scale.source,
  };
};

/** Said of every score that nobody has agreed on. */
export const noInterpretation: Titles = { en: 'no interpretation agreed', ru: 'толкование не согласовано' };
