import { DataClass, LegalBasis, Purpose } from '@opora/contracts';
import { AtField, CodeField, IdField, OneOf, Recording } from '@opora/service';

const purposes = Purpose.enum as string[];
const classes = DataClass.enum as string[];
const bases = LegalBasis.enum as string[];
const AGENCY = /^[a-z0-9][a-z0-9-]{0,59}$/;

export class RecordConsent extends Recording {
  @OneOf(purposes, { description: 'referral: the person may be referred to the recipients; coordination: the recipients may read the plan entries' }) purpose!: Purpose;
  @CodeField({ list: true, minItems: 1, maxItems: 50, pattern: AGENCY, description: 'Short names of agencies' }) recipients!: string[];
  @OneOf(classes, { list: true, minItems: 1, maxItems: 4 }) dataClasses!: DataClass[];
  @OneOf(bases) legalBasis!: LegalBasis;
  @AtField({ optional: true, description: 'Now, unless said; consent never reaches back behind the moment when it was given' }) from?: string;
  @AtField({ optional: true, description: 'The moment when it ends' }) until?: string;
  @OneOf(['requested', 'given', 'refused'], { optional: true, description: 'given, unless said' }) status?: 'requested' | 'given' | 'refused';
}

export class ConsentView {
  @IdField() consentId!: string;
  @IdField() clientId!: string;
  @OneOf(['requested', 'given', 'refused', 'withdrawn', 'expired', 'entered-in-error']) status!: string;
  @OneOf(purposes) purpose!: string;
  @CodeField({ list: true }) recipients!: string[];
  @OneOf(classes, { list: true }) dataClasses!: string[];
  @OneOf(bases) legalBasis!: string;
  @AtField() from!: string;
  @AtField({ optional: true }) until?: string;
}
