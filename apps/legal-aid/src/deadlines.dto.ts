import { AtField, CodeField, DayField, Flag, OneOf, Part, Text, Whole, type FieldOptions } from '@opora/service';
import { doubts } from './domain/calendar.js';
import { units, type Unit } from './domain/law.js';

export class TermTitlesView {
  @Text(300) en!: string;
  @Text(300) ru!: string;
}

export class RemarkView {
  @Text(300, { example: 'ГПК РФ, ст. 108 ч. 3' }) article!: string;
  @Part(() => TermTitlesView) title!: TermTitlesView;
}

export class TermLength {
  @OneOf(units) unit!: Unit;
  @Whole(1, 1000, { example: 10 }) n!: number;
}

export class Stay {
  @DayField({ description: 'The first day on which the proceedings stood still', example: '2026-03-10' }) from!: string;
  @DayField({ description: 'The day on which they went on', example: '2026-04-10' }) until!: string;
}

const RULE = /^[a-z][a-z0-9-]{0,38}\/[A-Za-z0-9][A-Za-z0-9._-]{0,38}$/;
const ZONE = /^[A-Za-z_]{2,20}(\/[A-Za-z0-9_+-]{1,30}){0,2}$/;
const REGION = /^[A-Z]{2}-[A-Za-z0-9-]{1,40}$/;

export const RuleField = () => CodeField({ pattern: RULE, description: '`<pack>/<rule>`, as `GET /v1/legal-aid/rules` lists them', example: 'ru-gpk/321-2' });
export const ZoneField = (more: FieldOptions = {}) => Text(60, { pattern: ZONE, description: 'The court’s IANA time zone', example: 'Asia/Vladivostok', ...more });
export const RegionField = () => CodeField({ optional: true, pattern: REGION, description: 'The court’s region. Unsaid, where regions have holidays of their own, the answer is provisional', example: 'RU-TA' });

export class ComputeDeadline {
  @RuleField() rule!: string;
  @DayField({ optional: true, description: 'The day of the event at the court, or else `eventAt`', example: '2026-04-28' }) eventDay?: string;
  @AtField({ optional: true, description: 'The instant of the event: its day is the one at the court', example: '2026-04-28T15:30:00.000Z' }) eventAt?: string;
  @ZoneField() zone!: string;
  @CodeField({ optional: true, description: 'The pack’s own, unless said', example: 'ru' }) calendar?: string;
  @RegionField() region?: string;
  @Part(() => TermLength, { optional: true, description: 'For terms that the court sets' }) length?: TermLength;
  @Part(() => Stay, { optional: true, list: true, maxItems: 20 }) stays?: Stay[];
}

export class SkippedView {
  @DayField() day!: string;
  @OneOf(['weekend', 'holiday', 'moved', 'regional', 'stay']) why!: string;
  @Part(() => TermTitlesView) title!: object;
  @Text(300) article!: string;
  @DayField({ optional: true, description: 'The day off that was moved here' }) movedFrom?: string;
}

export class StepView {
  @OneOf(['event', 'local-day', 'begins', 'stands-still', 'begins-anew', 'counted', 'short-month', 'moved', 'expires']) step!: string;
  @Text(300, { description: 'What decides this step', example: 'ГПК РФ, ст. 107 ч. 3' }) article!: string;
  @DayField({ description: 'Where the reckoning stands after it' }) day!: string;
  @Part(() => TermTitlesView) text!: object;
  @Part(() => SkippedView, { optional: true, list: true, maxItems: 5000, description: 'Days passed over, and why' }) skipped?: readonly object[];
}

export class CitedView {
  @OneOf(['pack', 'calendar', 'calendar-year']) kind!: string;
  @CodeField({ example: 'ru' }) name!: string;
  @Whole(1900, 2199, { optional: true, example: 2026 }) year?: number;
  @Whole(1, 1_000_000) version!: number;
}

/** A last day and everything that makes it so. */
export class DerivationView {
  @DayField({ example: '2026-05-15' }) day!: string;
  @AtField({ description: 'The first instant at which it is too late: midnight at the court' }) endsAt!: string;
  @CodeField({ example: 'ru-gpk/321-2' }) rule!: string;
  @Text(300, { example: 'ГПК РФ, ст. 321 ч. 2' }) article!: string;
  @Part(() => TermTitlesView) title!: object;
  @Part(() => TermLength) term!: object;
  @DayField() eventDay!: string;
  @Text(60, { example: 'Europe/Moscow' }) zone!: string;
  @CodeField({ example: 'ru' }) calendar!: string;
  @CodeField({ optional: true, example: 'RU-TA' }) region?: string;
  @Part(() => Stay, { list: true }) stays!: readonly object[];
  @Part(() => StepView, { list: true }) steps!: readonly object[];
  @Part(() => CitedView, { list: true, description: 'The documents that decided, each in its version' }) documents!: readonly object[];
  @Flag({ description: 'Whether there are doubts: something that decided may still change, or was not said', example: false }) provisional!: boolean;
  @OneOf(doubts, { list: true, description: 'What may still change, or was not said; `no-longer-computed`: newer law gives no day, the old one stands until a person decides' }) doubts!: readonly string[];
  @Part(() => RemarkView, { list: true }) remarks!: readonly object[];
  @Part(() => RemarkView, { optional: true, description: 'The court may give more time' }) extendable?: object;
  @Part(() => RemarkView, { optional: true, description: 'A missed term can be restored' }) restorable?: object;
}
