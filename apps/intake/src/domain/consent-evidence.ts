import type { DataClass, LegalBasis } from '@opora/contracts';
import { DomainError, type Trouble } from '@opora/domain';

export const media = ['paper', 'electronic', 'spoken'] as const;

/** The form that was signed, or read out. */
export interface ConsentDocument {
  readonly medium: (typeof media)[number];
  /** Of the signed form or the recording, in hexadecimal digits. Only what was said without a recording has none. */
  readonly sha256?: string | undefined;
  readonly formVersion?: string | undefined;
  /** BCP 47: the language in which the person was asked. */
  readonly language?: string | undefined;
}

/** Whoever speaks for the person, by an id; never by name. */
export interface Representative {
  readonly id: string;
  readonly capacity: 'parent' | 'guardian' | 'power-of-attorney' | 'court-appointed';
  /** SHA-256 of what shows that they may. */
  readonly authority: string;
}

/** What shows that a consent was given (GDPR art. 7(1), 152-FZ art. 9 part 3). */
export interface Evidence {
  readonly document: ConsentDocument;
  readonly representative?: Representative | undefined;
  /** The `sub` of whoever recorded it. */
  readonly takenBy: string;
  readonly byClient: boolean;
}

export interface Giving {
  readonly document?: ConsentDocument | undefined;
  readonly representative?: Representative | undefined;
  readonly takenBy: string;
  readonly byClient: boolean;
  /** Data classes to which consent must be in writing here. */
  readonly inWriting: readonly DataClass[];
}

/** Without a document it was said to whoever recorded it, or is the person's own act at a screen. */
export const evidenceOf = ({ document, representative, takenBy, byClient, inWriting }: Giving, { legalBasis, dataClasses }: { legalBasis: LegalBasis; dataClasses: readonly DataClass[] }): Evidence => {
  const shown = document ?? { medium: byClient ? 'electronic' as const : 'spoken' as const };
  const needsWriting = legalBasis === 'consent' && shown.medium === 'spoken' && dataClasses.some((one) => inWriting.includes(one));
  const troubles: Trouble[] = [
    ...(needsWriting ? [{ pointer: '/document', code: 'not-in-writing', detail: 'is needed, on paper or electronic: here consent to such data is given in writing' }] : []),
    ...(document && document.medium !== 'spoken' && document.sha256 === undefined ? [{ pointer: '/document/sha256', code: 'hash-missing', detail: 'is needed: only what was said may be without' }] : []),
  ];
  if (troubles.length > 0) throw new DomainError('invalid', 'evidence-missing', 'It could not be shown later that the person agreed', troubles);
  return { document: shown, ...(representative && { representative }), takenBy, byClient };
};
