import { AtField, CodeField, DayField, DeviceId, Flag, IdField, OneOf, Part, Recording, StaffField, Text } from '@opora/service';
import { ComputeDeadline, DerivationView } from './deadlines.dto.js';
import { deadlineStatuses } from './domain/deadline.js';

export class RecordDeadline extends ComputeDeadline {
  @DeviceId() id?: string;
  @StaffField({ optional: true, description: 'Who is responsible: the `sub` of a staff member; you, unless said' }) responsible?: string;
}

export class ConfirmDeadline extends Recording {
  @StaffField({ optional: true, description: 'Who is responsible from now on; as before, unless said' }) responsible?: string;
}

export class MeetDeadline extends Recording {
  @DayField({ description: 'The day at the court on which it was done; handed to the post counts' }) on!: string;
}

export class ExtendDeadline extends Recording {
  @DayField({ description: 'The new last day, as the court set it: extended before the end, restored after it' }) day!: string;
}

export class WithdrawDeadline extends Recording {
  @CodeField({ description: 'Why it holds no more: entered-in-error, case-ended, other', example: 'case-ended' }) reason!: string;
}

export class MatterDeadlineView {
  @IdField() id!: string;
  @OneOf(deadlineStatuses) status!: string;
  @DayField() day!: string;
  @AtField({ description: 'The first instant at which it is too late' }) endsAt!: string;
  @Text(60, { example: 'Europe/Moscow' }) zone!: string;
  @StaffField() responsible!: string;
  @Flag({ description: 'Whether something that decided may still change', example: false }) provisional!: boolean;
  @DayField({ optional: true, description: 'A new calendar moved it from this day; the person responsible has to acknowledge it' }) movedFrom?: string;
  @OneOf(['extended', 'restored'], { optional: true }) ground?: string;
  @DayField({ optional: true }) metOn?: string;
  @Part(() => DerivationView, { optional: true, description: 'Absent when the day was set by hand' }) derivation?: object;
}

export class MatterDeadlinesView {
  @Part(() => MatterDeadlineView, { list: true, maxItems: 200 }) items!: MatterDeadlineView[];
}
