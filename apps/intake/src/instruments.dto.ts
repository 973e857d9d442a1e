import { CodeField, IdField, OneOf, PageQuery, Part, Text, Whole } from '@opora/service';
import type { Instrument } from './domain/instrument.js';

const statuses: Instrument['status'][] = ['draft', 'published', 'retired', 'entered-in-error'];

export class InstrumentQuery extends PageQuery {
  @OneOf(statuses, { optional: true, description: 'published, unless said; of the other statuses you see your own agency’s instruments' })
  status?: Instrument['status'];
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
