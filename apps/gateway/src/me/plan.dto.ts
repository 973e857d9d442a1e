import { AtField, CodeField, IdField, OneOf, Part, Text } from '@opora/service';
import type { PlainEntry, PlainHelp, PlainPlan, PlainStep } from '../domain/plain-plan.js';

const ZONE = /^[A-Za-z_]{2,20}(\/[A-Za-z0-9_+-]{1,30}){0,2}$/;

export class MyQuery {
  @Text(60, { optional: true, pattern: ZONE, description: 'Your IANA time zone; UTC unless said', example: 'Europe/Moscow' }) zone?: string;
}

export class MyPlanQuery extends MyQuery {
  @OneOf(['text'], { optional: true, description: 'Also what those who help you wrote for you, from those that answer in time' }) include?: 'text';
}

const Sentences = () => Text(1000, { list: true, description: 'Plain sentences in the language of the answer' });
const Responsible = () => Text(200, { nullable: true, description: 'What people call the agency that sees to it' });

class PlainEntryDto implements PlainEntry {
  @CodeField() module!: string;
  @IdField() entryId!: string;
  @Text(200) title!: string;
  @Sentences() words!: string[];
  @Text(4000, { optional: true, description: 'Only with include=text' }) text?: string;
}

class PlainHelpDto implements PlainHelp {
  @CodeField() module!: string;
  @Text(200) title!: string;
  @Responsible() responsible!: string | null;
  @Sentences() words!: string[];
  @Part(() => PlainEntryDto, { list: true }) entries!: PlainEntryDto[];
}

class PlainStepDto implements PlainStep {
  @CodeField() module!: string;
  @IdField() entryId!: string;
  @Text(40, { description: 'A day, or an instant' }) on!: string;
  @Responsible() responsible!: string | null;
  @Sentences() words!: string[];
}

export class MyPlanView implements PlainPlan {
  @IdField() clientId!: string;
  @OneOf(['en', 'ru']) language!: 'en' | 'ru';
  @Text(200) title!: string;
  @Sentences() words!: string[];
  @Part(() => PlainEntryDto, { list: true }) needs!: PlainEntryDto[];
  @Part(() => PlainEntryDto, { list: true }) goals!: PlainEntryDto[];
  @Part(() => PlainHelpDto, { list: true }) help!: PlainHelpDto[];
  @Part(() => PlainStepDto, { list: true, description: 'In the order of time' }) next!: PlainStepDto[];
  @AtField({ nullable: true }) changedAt!: string | null;
}
