import { AtField, CodeField, DayField, Flag, IdField, OneOf, Part, RefPart, Text, Whole } from '@opora/service';
import type { ActionView, EntryView, NextView, PlanDocument, SectionView, TitledCode } from './domain/plan-document.js';
import { sectionStates } from './domain/plan-document.js';

const phases = ['proposed', 'requested', 'waiting', 'active', 'suspended', 'declined', 'ended'];
const dates = (description: string) => Text(40, { optional: true, description: `${description}: a day, or an instant` });

export class PlanQuery {
  @AtField({ optional: true, description: 'The plan as it was known then; not in the future' })
  asOf?: string;

  @Text(120, { optional: true, description: 'What a command answered in Opora-Plan-Entry: the plan should include it. With `Prefer: wait=2` it is waited for' })
  after?: string;

  @OneOf(['text'], { optional: true, description: 'Also the texts that modules keep to themselves, from those that answer in time' })
  include?: 'text';

  @OneOf(['person'], { optional: true, description: 'Also name, age and permitted way of contact' })
  expand?: 'person';
}

class TitledCodeDto implements TitledCode {
  @Text(120) system!: string;
  @CodeField() code!: string;
  @Text(200, { description: 'In the language of the answer' }) title!: string;
}

class ActionDto extends TitledCodeDto implements ActionView {
  @IdField() id!: string;
  @IdField() entryId!: string;
  @dates('By when') due?: string;
  @dates('From when') start?: string;
  @dates('Until when') end?: string;
  @OneOf(['planned', 'in-progress', 'done', 'missed', 'cancelled']) status!: ActionView['status'];
  @Text(80, { optional: true, description: 'The `sub` of a staff member' }) responsible?: string;
}

class NextDto extends ActionDto implements NextView {
  @CodeField() module!: string;
}

class EntryDto extends TitledCodeDto implements EntryView {
  @CodeField() module!: string;
  @IdField() entryId!: string;
  @Whole(1, 999_999_999) version!: number;
  @CodeField() agency!: string;
  @OneOf(['need', 'plan', 'goal', 'referral', 'service']) kind!: EntryView['kind'];
  @OneOf(phases) phase!: EntryView['phase'];
  @Part(() => TitledCodeDto, { optional: true }) reason?: TitledCodeDto;
  @OneOf(['D0', 'D1', 'D2', 'D3']) dataClass!: EntryView['dataClass'];
  @Part(() => RefPart, { list: true, description: 'What it follows from, as far as you may see it' }) because!: RefPart[];
  @Part(() => RefPart, { list: true, description: 'The needs that it serves' }) needs!: RefPart[];
  @DayField({ optional: true }) reviewOn?: string;
  @Part(() => ActionDto, { list: true, optional: true, description: 'Of needs and goals; a section lists its actions together' }) actions?: ActionDto[];
  @Text(4000, { optional: true, description: 'Only with include=text' }) text?: string;
  @AtField() changedAt!: string;
}

class SectionDto implements SectionView {
  @CodeField() module!: string;
  @Text(200) title!: string;
  @CodeField({ nullable: true }) agency!: string | null;
  @OneOf(sectionStates, { description: 'The strongest of the entries’ states, in this order; all has ended when the module left' }) state!: SectionView['state'];
  @Part(() => TitledCodeDto, { optional: true }) reason?: TitledCodeDto;
  @Part(() => EntryDto, { list: true }) entries!: EntryDto[];
  @Part(() => ActionDto, { list: true, description: 'In the order of time' }) actions!: ActionDto[];
  @Flag({ description: 'The module has been silent for too long: it may know more by now' }) stale!: boolean;
  @AtField() changedAt!: string;
}

class PlanInForceDto {
  @IdField() entryId!: string;
  @OneOf(phases) phase!: EntryView['phase'];
  @DayField({ nullable: true }) reviewOn!: string | null;
}

class ContactDto {
  @OneOf(['phone', 'email', 'messenger', 'post', 'in-person']) kind!: 'phone' | 'email' | 'messenger' | 'post' | 'in-person';
  @Text(200) value!: string;
  @OneOf(['self', 'trusted-person', 'anyone'], { optional: true, description: 'To whom anything may be said, if they answer' }) answeredBy?: 'self' | 'trusted-person' | 'anyone';
  @OneOf(['nothing', 'callback-only', 'agency-name', 'anything'], { optional: true, description: 'What may be said to whoever answers' }) maySay?: 'nothing' | 'callback-only' | 'agency-name' | 'anything';
}

class PersonDto {
  @Text(120, { nullable: true }) shortName!: string | null;
  @Whole(0, 150, { nullable: true }) age!: number | null;
  @Part(() => ContactDto, { nullable: true, description: 'The way of contact that is permitted at this moment' }) contact!: ContactDto | null;
}

export class PlanView implements PlanDocument {
  @IdField() clientId!: string;
  @Part(() => PersonDto, { optional: true, nullable: true, description: 'Only with expand=person; null when not available' }) person?: PersonDto | null;
  @AtField({ optional: true }) asOf?: string;
  @Part(() => PlanInForceDto, { nullable: true }) plan!: PlanInForceDto | null;
  @Part(() => EntryDto, { list: true }) needs!: EntryDto[];
  @Part(() => EntryDto, { list: true }) goals!: EntryDto[];
  @DayField({ nullable: true, description: 'The next day on which somebody looks at the plan or a part of it again' }) reviewOn!: string | null;
  @Part(() => SectionDto, { list: true, description: 'One per module that helps or was asked to' }) sections!: SectionDto[];
  @Part(() => NextDto, { list: true, description: 'What is still to be done and has a date, in the order of time' }) next!: NextDto[];
  @Flag({ description: 'Some of it may be older than the modules know' }) stale!: boolean;
  @AtField({ nullable: true }) changedAt!: string | null;
}
