import { AtField, CodeField, Decimal, IdField, OneOf, PageQuery, Part, Recording, Text, Whole } from '@opora/service';
import type { Interpretation } from './domain/interpretation.js';

const statuses: Interpretation['status'][] = ['active', 'retired', 'entered-in-error'];

export class RangeText {
  @Text(500, { example: 'Little strain.' }) en!: string;
  @Text(500, { example: 'Нагрузка невелика.' }) ru!: string;
}

class RangeField {
  @Decimal({ description: 'The lowest score of the range' }) from!: number;
  @Decimal({ description: 'The highest score of the range' }) to!: number;
  @CodeField({ example: 'low' }) code!: string;
  @Part(() => RangeText) text!: RangeText;
}

export class ReviseInterpretation extends Recording {
  @Decimal({ description: 'The least score that is possible', example: 0 })
  least!: number;

  @Decimal({ description: 'The greatest score that is possible', example: 27 })
  most!: number;

  @Decimal({ optional: true, description: 'The smallest difference between two scores: 1, unless said', example: 1 })
  step?: number;

  @Part(() => RangeField, { list: true, minItems: 1, maxItems: 50, description: 'In ascending order; together they cover every possible score, each of them once' })
  ranges!: RangeField[];

  @Text(1000, { description: 'Where the ranges are from: a manual, an article, an own decision', example: 'Decision of our council, 1 March 2026' })
  source!: string;
}

export class AgreeInterpretation extends ReviseInterpretation {
  @IdField({ description: 'A published instrument, or a draft of your agency' })
  instrumentId!: string;

  @Text(300, { optional: true, description: 'The linkId of a calculated item that is a number; without it, the sum of all ordinals is meant', example: 'total-score' })
  linkId?: string;
}

export class InterpretationQuery extends PageQuery {
  @IdField({ optional: true })
  instrumentId?: string;

  @OneOf(statuses, { optional: true })
  status?: Interpretation['status'];
}

class InterpretationVersion {
  @Whole(1, 1_000_000) interpretationVersion!: number;
  @Decimal() least!: number;
  @Decimal() most!: number;
  @Decimal() step!: number;
  @Part(() => RangeField, { list: true }) ranges!: RangeField[];
  @Text(1000) source!: string;
  @AtField() at!: string;
}

export class InterpretationView extends InterpretationVersion {
  @IdField() id!: string;
  @CodeField() agency!: string;
  @IdField() instrumentId!: string;
  @Text(300, { nullable: true, description: 'null for the sum of all ordinals' }) linkId!: string | null;
  @OneOf(statuses) status!: Interpretation['status'];
  @Part(() => InterpretationVersion, { list: true, description: 'Oldest first; the last one is in force' }) versions!: InterpretationVersion[];
}
