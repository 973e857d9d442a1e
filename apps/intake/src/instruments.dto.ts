import { CodeField, Flag, IdField, Json, OneOf, PageQuery, Part, Text, Whole } from '@opora/service';
import type { Instrument } from './domain/instrument.js';
import { CalculatedView, NotScored, RuleOutcome, ScoreView } from './screenings.dto.js';

const statuses: Instrument['status'][] = ['draft', 'published', 'retired', 'entered-in-error'];

export class InstrumentQuery extends PageQuery {
  @OneOf(statuses, { optional: true, description: 'published, unless said; of the other statuses you see your own agency’s instruments' })
  status?: Instrument['status'];
}

export class PrintQuery {
  @OneOf(['en', 'ru'], { optional: true, description: 'Otherwise as Accept-Language says' })
  language?: 'en' | 'ru';
}

class NotComputedView {
  @Text(300, { optional: true, description: 'Absent for the questionnaire itself' }) linkId?: string;
  @Text(100) language!: string;
  @CodeField() reason!: string;
}

export class InstrumentView {
  @IdField() id!: string;
  @CodeField() agency!: string;
  @OneOf(statuses) status!: Instrument['status'];
  @Whole(1, 1_000_000, { description: 'Counts what the agency took in under this url' }) instrumentVersion!: number;
  @Text(500, { optional: true, description: 'The canonical url, as the document says it' }) url?: string;
  @Text(100, { optional: true, description: 'As the document says it' }) documentVersion?: string;
  @Text(300, { optional: true }) title?: string;
  @Part(() => NotComputedView, { list: true, description: 'What is taken in but has no effect on scores' }) notComputed!: NotComputedView[];
}

export class TryInstrument {
  @IdField({ description: 'A draft of your agency, or a published instrument' })
  instrumentId!: string;

  @Json({ list: true, minItems: 1, maxItems: 5, description: 'FHIR R4 QuestionnaireResponses; nothing of them is kept' })
  responses!: object[];
}

class TroubleView {
  @Text(500) pointer!: string;
  @CodeField() code!: string;
  @Text(500) detail!: string;
}

class TracedView {
  @OneOf(['variable', 'calculated', 'enablement', 'constraint', 'condition'], { description: 'condition: of a need rule' }) kind!: string;
  @Text(300, { optional: true, description: 'Absent for the questionnaire itself' }) linkId?: string;
  @Text(300, { optional: true }) name?: string;
  @Text(10_000) expression!: string;
  @Json({ optional: true, list: true, description: 'What it gave last, the first fifty values', example: [{ value: 3 }] }) values?: object[];
  @CodeField({ optional: true, description: 'Why it gave nothing' }) reason?: string;
}

class TriedView {
  @Flag({ description: 'Whether a screening could be completed with it' }) valid!: boolean;
  @Part(() => TroubleView, { list: true, description: 'Pointers lead into the response' }) errors!: TroubleView[];
  @Part(() => ScoreView, { list: true }) scores!: ScoreView[];
  @Part(() => CalculatedView, { list: true }) calculated!: CalculatedView[];
  @Part(() => NotScored, { list: true }) notComputed!: NotScored[];
  @Text(300, { list: true }) notVerified!: string[];
  @Part(() => RuleOutcome, { list: true, description: 'What the active need rules say' }) rules!: RuleOutcome[];
  @Part(() => TracedView, { list: true, description: 'Every expression that was evaluated' }) trace!: TracedView[];
}

export class TryView {
  @Part(() => TriedView, { list: true, description: 'In the order of the responses' }) results!: TriedView[];
}
