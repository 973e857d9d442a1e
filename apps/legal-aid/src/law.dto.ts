import { AtField, CodeField, DayField, Flag, IdField, Json, OneOf, Part, Recording, StaffField, Text, Whole } from '@opora/service';
import { CitedView, RegionField, RemarkView, TermLength, TermTitlesView } from './deadlines.dto.js';

export class RulesQuery {
  @DayField({ optional: true, description: 'Rules in force on this day; today, unless said' }) day?: string;
}

export class RuleView {
  @CodeField({ example: 'ru-gpk/321-2' }) rule!: string;
  @Whole(1, 1_000_000) packVersion!: number;
  @Text(300, { example: 'ГПК РФ, ст. 321 ч. 2' }) article!: string;
  @Part(() => TermTitlesView) title!: object;
  @Part(() => TermTitlesView, { description: 'From what the term runs' }) event!: object;
  @Part(() => TermLength, { optional: true, description: 'Absent where the court sets it' }) term?: object;
  @CodeField({ example: 'ru' }) calendar!: string;
  @Part(() => RemarkView, { optional: true }) extendable?: object;
  @Part(() => RemarkView, { optional: true }) restorable?: object;
}

export class RulesView {
  @Part(() => RuleView, { list: true, maxItems: 3000 }) items!: RuleView[];
}

export class CalendarQuery {
  @RegionField() region?: string;
}

export class SpecialDay {
  @DayField() day!: string;
  @Flag() working!: boolean;
  @OneOf(['holiday', 'moved', 'regional', 'working-weekend']) why!: string;
  @Part(() => TermTitlesView) title!: object;
  @Text(300) article!: string;
  @DayField({ optional: true }) movedFrom?: string;
}

/** Common weekends are left out. */
export class CalendarYearView {
  @CodeField({ example: 'ru' }) calendar!: string;
  @Whole(1900, 2199, { example: 2026 }) year!: number;
  @CodeField({ optional: true, example: 'RU-TA' }) region?: string;
  @Flag({ description: 'Computed, not published, or not all of the region’s days are known' }) provisional!: boolean;
  @Part(() => CitedView, { list: true }) documents!: readonly object[];
  @Part(() => SpecialDay, { list: true, maxItems: 366 }) days!: SpecialDay[];
}

export class TakeInLaw extends Recording {
  @Json({ description: 'A rule pack, a calendar, or one year of a calendar, as docs/adr/0014-legal-time.md describes them', example: { kind: 'calendar-year' } }) document!: object;
  @Text(64, { optional: true, pattern: /^[0-9a-f]{64}$/, description: 'SHA-256 of the document as JSON with sorted keys, as its source tells it', example: 'a'.repeat(64) }) sha256?: string;
  @Text(4000, { optional: true, pattern: /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/, description: 'Compact JWS over that hash; needed where the publisher’s keys are configured', example: 'e30.e30.e30' }) signature?: string;
}

export class LawListed {
  @IdField() id!: string;
  @OneOf(['pack', 'calendar', 'calendar-year']) kind!: string;
  @CodeField({ example: 'ru' }) name!: string;
  @Whole(1900, 2199, { optional: true, example: 2026 }) year?: number;
  @Whole(1, 1_000_000) version!: number;
  @Text(64, { example: 'a'.repeat(64) }) sha256!: string;
  @OneOf(['shipped', 'signed', 'hash'], { description: 'How it was shown to be the source’s own' }) vouched!: string;
  @AtField() takenInAt!: string;
  @StaffField() takenInBy!: string;
}

export class LawsView {
  @Part(() => LawListed, { list: true, maxItems: 10_000 }) items!: LawListed[];
}

export class LawView extends LawListed {
  @Json() document!: object;
}
