import { CodeField, DayField, IdField, OneOf, PageQuery, Recording, StaffField, Text } from '@opora/service';
import type { Matter } from './domain/matter.js';

const statuses: Matter['status'][] = ['conflict-check', 'eligibility', 'accepted', 'active', 'awaiting-third-party', 'resolved', 'closed', 'declined', 'entered-in-error'];

export class CheckConflict extends Recording {
  @OneOf(['clear', 'conflict'])
  outcome!: 'clear' | 'conflict';

  @Text(200, { list: true, maxItems: 50, description: 'Names of the other parties; they never leave legal aid' })
  adverseParties!: string[];
}

export class DecideEligibility extends Recording {
  @OneOf(['eligible', 'not-eligible'])
  outcome!: 'eligible' | 'not-eligible';

  @CodeField({ description: 'On what ground, by the agency’s own list', example: 'low-income' })
  ground!: string;
}

export class NextDeadline extends Recording {
  @DayField({ optional: true, description: 'The next procedural deadline' })
  nextDeadline?: string;

  @CodeField({ optional: true, description: 'Instead of a day: why there is none', example: 'no-court-procedure' })
  noDeadlineReason?: string;

  @StaffField({ optional: true, description: 'Who is responsible: the `sub` of a staff member; you, unless said' })
  responsible?: string;
}

export class WriteSummary extends Recording {
  @Text(4000, { description: 'In plain words, for the client: what is being done and what comes next' })
  text!: string;
}

export class ResolveMatter extends Recording {
  @CodeField({ example: 'settled' })
  outcome!: string;
}

export class MatterQuery extends PageQuery {
  @OneOf(statuses, { optional: true })
  status?: string;

  @IdField({ optional: true })
  clientId?: string;
}

export class MatterView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @IdField() referralId!: string;
  @CodeField() offer!: string;
  @OneOf(statuses) status!: string;
  @DayField({ optional: true }) nextDeadline?: string;
  @CodeField({ optional: true }) noDeadlineReason?: string;
  @CodeField({ optional: true }) outcome?: string;
  @CodeField({ optional: true }) reason?: string;
  @Text(200, { list: true }) adverseParties!: string[];
  @Text(4000, { optional: true }) summary?: string;
}
