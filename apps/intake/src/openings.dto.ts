import { AtField, CodeField, Flag, IdField, OneOf, PageQuery, Part, StaffField, Text, Whole } from '@opora/service';
import { LONGEST_MINUTES, openingReasons } from './domain/opening.js';

const findings = ['justified', 'not-justified'] as const;

export class OpenRecord {
  @OneOf(openingReasons) reason!: string;
  @Text(2000, { description: 'What makes it necessary now; stays in intake, and supervisors read it', example: 'Found unconscious; which medicines?' }) text!: string;
  @Whole(1, LONGEST_MINUTES, { description: 'For how long' }) minutes!: number;
}

export class ReviewOpening {
  @OneOf(findings) finding!: (typeof findings)[number];
  @Text(2000, { description: 'Why; stays in intake' }) text!: string;
}

export class OpeningQuery extends PageQuery {
  @OneOf(['open', 'overdue', 'done'], { optional: true, description: 'open: still to be reviewed; overdue: of those, what should have been reviewed by now' }) review?: string;
}

class ReviewView {
  @StaffField() by!: string;
  @AtField() at!: string;
  @OneOf(findings) finding!: string;
  @Text(2000, { optional: true, description: 'For supervisors' }) text?: string;
}

export class OpeningView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @StaffField({ description: 'To whom the record was opened' }) subject!: string;
  @CodeField({ description: 'Where they work' }) agency!: string;
  @OneOf(openingReasons) reason!: string;
  @Text(2000) text!: string;
  @AtField() from!: string;
  @AtField() until!: string;
  @AtField({ optional: true, description: 'When it ended before its time' }) closedAt?: string;
  @AtField({ description: 'By when a supervisor has to review it' }) reviewDue!: string;
  @Flag({ description: 'It should have been reviewed by now, and was not' }) overdue!: boolean;
  @Part(() => ReviewView, { optional: true }) review?: ReviewView;
}
