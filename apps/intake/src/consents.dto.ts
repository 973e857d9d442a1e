import { DataClass, LegalBasis, Purpose } from '@opora/contracts';
import { AtField, CodeField, Flag, IdField, OneOf, Part, Recording, StaffField, Text } from '@opora/service';
import { media, type ConsentDocument, type Representative } from './domain/consent-evidence.js';

const purposes = Purpose.enum as string[];
const classes = DataClass.enum as string[];
const bases = LegalBasis.enum as string[];
const AGENCY = /^[a-z0-9][a-z0-9-]{0,59}$/;

const SHA_256 = /^[0-9a-f]{64}$/;
const hash = (description: string, optional = false) => Text(64, { optional, pattern: SHA_256, description, example: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' });

class DocumentDto implements ConsentDocument {
  @OneOf(media, { description: 'spoken: said to whoever records it, perhaps by telephone' }) medium!: ConsentDocument['medium'];
  @hash('SHA-256 of the signed form, or of the recording. Needed but for what was only said', true) sha256?: string;
  @CodeField({ optional: true, description: 'Which version of the form was signed or read out', example: '2026-03' }) formVersion?: string;
  @Text(35, { optional: true, pattern: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, description: 'In which language the person was asked (BCP 47)', example: 'ru' }) language?: string;
}

class RepresentativeDto implements Representative {
  @StaffField({ description: 'An id, never a name', example: 'representative-1' }) id!: string;
  @OneOf(['parent', 'guardian', 'power-of-attorney', 'court-appointed']) capacity!: Representative['capacity'];
  @hash('SHA-256 of what shows that they may speak for the person') authority!: string;
}

export class GiveConsent extends Recording {
  @Part(() => DocumentDto, { optional: true, description: 'What was signed or read out. Without it the person said it to you, or did it at a screen' }) document?: DocumentDto;
  @Part(() => RepresentativeDto, { optional: true, description: 'Who gives it for the person' }) representative?: RepresentativeDto;
}

export class DecideSharing extends Recording {
  @CodeField({ description: 'A code: no-longer-needed, objection-upheld, unlawful, law-requires, danger-to-others, other', example: 'no-longer-needed' }) reason!: string;
}

export class RecordConsent extends GiveConsent {
  @OneOf(purposes, { description: 'referral: the person may be referred to the recipients; coordination: the recipients may read the plan entries' }) purpose!: Purpose;
  @CodeField({ list: true, minItems: 1, maxItems: 50, pattern: AGENCY, description: 'Short names of agencies' }) recipients!: string[];
  @OneOf(classes, { list: true, minItems: 1, maxItems: 4 }) dataClasses!: DataClass[];
  @OneOf(bases, { description: 'Consent is often not the right one. vital-interests needs until; legal-obligation and public-task need norm' }) legalBasis!: LegalBasis;
  @CodeField({ optional: true, description: 'Which law orders or allows it', example: 'ru/442-fz/6' }) norm?: string;
  @AtField({ optional: true, description: 'Now, unless said; consent never reaches back behind the moment when it was given' }) from?: string;
  @AtField({ optional: true, description: 'The moment when it ends' }) until?: string;
  @OneOf(['requested', 'given', 'refused'], { optional: true, description: 'given, unless said' }) status?: 'requested' | 'given' | 'refused';
}

class EvidenceDto {
  @Part(() => DocumentDto) document!: DocumentDto;
  @Part(() => RepresentativeDto, { optional: true }) representative?: RepresentativeDto;
  @StaffField({ description: 'Who took it' }) takenBy!: string;
  @Flag({ description: 'The person did it alone' }) byClient!: boolean;
}

export class ConsentView {
  @IdField() consentId!: string;
  @IdField() clientId!: string;
  @OneOf(['requested', 'given', 'refused', 'withdrawn', 'ended', 'objected-to', 'expired', 'entered-in-error'], { description: 'withdrawn by the person; ended by the agency; objected-to: nothing is shared until a person has decided' }) status!: string;
  @OneOf(purposes) purpose!: string;
  @CodeField({ list: true }) recipients!: string[];
  @OneOf(classes, { list: true }) dataClasses!: string[];
  @OneOf(bases) legalBasis!: string;
  @AtField() from!: string;
  @AtField({ optional: true }) until?: string;
  @CodeField({ optional: true, description: 'Which law orders or allows it' }) norm?: string;
  @Part(() => EvidenceDto, { optional: true, description: 'What shows that it was given; absent in records of before' }) evidence?: EvidenceDto;
  @AtField({ optional: true }) givenAt?: string;
  @AtField({ optional: true, description: 'When it was withdrawn, ended or objected to' }) endedAt?: string;
}
