import { AtField, CodeField, DayField, IdField, OneOf, Part, Recording, Text } from '@opora/service';

export class AskForErasure extends Recording {
  @IdField({ description: 'Whom to erase' }) clientId!: string;
  @CodeField({ description: 'A code: person-asked, consent-withdrawn, purpose-reached, recorded-unlawfully, other', example: 'person-asked' }) reason!: string;
}

export class RefuseErasure extends Recording {
  @CodeField({ description: 'A code: not-the-person, still-in-care, claims-pending, other', example: 'still-in-care' }) reason!: string;
}

export class KeptView {
  @CodeField({ example: 'matter' }) recordType!: string;
  @CodeField({ description: 'Why it may not go yet', example: 'claims' }) legalBasis!: string;
  @DayField({ optional: true, description: 'Until when; absent while a hold lasts' }) until?: string;
}

export class ErasureAnswerView {
  @Text(40, { example: 'legal-aid' }) module!: string;
  @AtField() at!: string;
  @Part(() => KeptView, { list: true, description: 'What law orders to keep' }) kept!: KeptView[];
}

export class ErasureView {
  @IdField() id!: string;
  @OneOf(['asked', 'refused', 'running', 'completed']) status!: string;
  @IdField({ description: 'A number that nobody has any more, once it is completed' }) clientId!: string;
  @CodeField({ example: 'person-asked' }) reason!: string;
  @Text(80, { example: 'worker-1' }) askedBy!: string;
  @AtField() askedAt!: string;
  @Text(80, { optional: true, example: 'supervisor-1' }) confirmedBy?: string;
  @AtField({ optional: true }) confirmedAt?: string;
  @Text(40, { list: true, description: 'Who has to answer' }) modules!: string[];
  @Part(() => ErasureAnswerView, { list: true }) answers!: ErasureAnswerView[];
  @Text(40, { list: true, description: 'Who has not answered yet' }) waitsFor!: string[];
  @Text(40, { list: true, description: 'Who left without an answer' }) left!: string[];
  @AtField({ optional: true }) completedAt?: string;
}
