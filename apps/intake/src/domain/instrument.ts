import type { DataOf, instrumentEnteredInError, instrumentPublished, instrumentRetired, instrumentTakenIn } from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant } from '@opora/domain';
import type { NotComputed, QuestionnaireCheck, Says } from '../instruments/index.js';

/** A questionnaire that an agency works with. The document itself lies beside it, as it was sent, and never changes. */
export interface Instrument {
  readonly instrumentId: string;
  readonly agency: string;
  readonly status: 'draft' | 'published' | 'retired' | 'entered-in-error';
  /** Counts what this agency took in under the same canonical url, from 1; screenings pin it. */
  readonly instrumentVersion: number;
  /** The three as the document says them. */
  readonly url?: string;
  readonly documentVersion?: string;
  readonly title?: string;
  readonly notComputed: readonly NotComputed[];
}

type TakenIn = Omit<Instrument, 'status'>;

export type InstrumentFact =
  | Fact<'intake.instrument-taken-in', DataOf<typeof instrumentTakenIn>, TakenIn>
  | Fact<'intake.instrument-published', DataOf<typeof instrumentPublished>>
  | Fact<'intake.instrument-retired', DataOf<typeof instrumentRetired>>
  | Fact<'intake.instrument-entered-in-error', DataOf<typeof instrumentEnteredInError>>;

/** What is or was in use is nobody's secret; drafts and mistakes are the agency's own. */
export const isVisible = ({ agency, status }: Instrument, to: string): boolean => agency === to || status === 'published' || status === 'retired';

const mustExist = (instrument: Instrument | undefined): Instrument => {
  if (!instrument || instrument.status === 'entered-in-error') throw absent('instrument');
  return instrument;
};

const must = (instrument: Instrument | undefined, status: Instrument['status']): Instrument => {
  const known = mustExist(instrument);
  if (known.status !== status) throw wrongStatus('instrument', known.status, status);
  return known;
};

const about = ({ instrumentId, instrumentVersion }: TakenIn, at: Instant) => ({ instrumentId, instrumentVersion, at });

const word = (value: unknown, longest: number): string | undefined => (typeof value === 'string' && value !== '' ? value.slice(0, longest) : undefined);

/** What the document says of itself. Refuses with `questionnaire-invalid` and pointers into it when the engine found problems in it. */
export const readQuestionnaire = (says: Says, { problems, notComputed }: QuestionnaireCheck): Pick<Instrument, 'url' | 'documentVersion' | 'title' | 'notComputed'> => {
  if (problems.length > 0) throw new DomainError('invalid', 'questionnaire-invalid', 'This is no FHIR R4 Questionnaire that can be used here', problems.slice(0, 50));
  const [url, documentVersion, title] = [word(says.url, 500), word(says.version, 100), word(says.title, 300)];
  return { ...(url && { url }), ...(documentVersion && { documentVersion }), ...(title && { title }), notComputed };
};

export const takeIn = (instrument: Instrument | undefined, { at, ...taken }: TakenIn & { at: Instant }): InstrumentFact[] => {
  if (instrument) throw new DomainError('conflict', 'already-taken-in', 'This instrument is already here');
  return [{ type: 'intake.instrument-taken-in', data: about(taken, at), own: taken }];
};

export const publish = (instrument: Instrument | undefined, { at }: { at: Instant }): InstrumentFact[] =>
  [{ type: 'intake.instrument-published', data: about(must(instrument, 'draft'), at) }];

export const retire = (instrument: Instrument | undefined, { at }: { at: Instant }): InstrumentFact[] =>
  [{ type: 'intake.instrument-retired', data: about(must(instrument, 'published'), at) }];

/** While screenings stand on it, taking the questionnaire away would leave answers without their questions. */
export const enterInError = (instrument: Instrument | undefined, { reason, used, at }: { reason: string; used: boolean; at: Instant }): InstrumentFact[] => {
  const known = mustExist(instrument);
  if (used) throw new DomainError('conflict', 'instrument-used', 'Screenings stand on this instrument: retire it, or enter those screenings in error first');
  return [{ type: 'intake.instrument-entered-in-error', data: { ...about(known, at), reason } }];
};

export const evolve = (instrument: Instrument | undefined, fact: InstrumentFact): Instrument => {
  if (fact.type === 'intake.instrument-taken-in') return { ...fact.own!, status: 'draft' };
  const known = instrument!;
  switch (fact.type) {
    case 'intake.instrument-published': return { ...known, status: 'published' };
    case 'intake.instrument-retired': return { ...known, status: 'retired' };
    case 'intake.instrument-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
