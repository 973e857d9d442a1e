import { AtField, CodeField, DayField, Flag, IdField, OneOf, PageQuery, Part, Recording, StaffField, Text } from '@opora/service';
import { ZoneField } from './deadlines.dto.js';
import type { Matter } from './domain/matter.js';

const statuses: Matter['status'][] = ['conflict-check', 'eligibility', 'accepted', 'active', 'awaiting-third-party', 'resolved', 'closed', 'declined', 'entered-in-error'];

export class AskConflict extends Recording {
  @Text(200, { list: true, minItems: 1, maxItems: 50, description: 'Names of the other parties; nothing of them is logged, nor kept where they are compared' })
  adverseParties!: string[];
}

export class CheckConflict extends Recording {
  @OneOf(['clear', 'conflict'])
  outcome!: 'clear' | 'conflict';

  @Text(200, { list: true, maxItems: 50, description: 'Names of the other parties; they are kept in legal aid alone' })
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

  @ZoneField({ optional: true, description: 'Where that day ends: UTC, unless said' })
  zone?: string;

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

class ConflictMatchView {
  @OneOf(['none', 'possible']) result!: string;
  @AtField() at!: string;
  @AtField({ description: 'Until when the answer is good' }) until!: string;
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
  @Flag({ optional: true, description: 'There is neither a next deadline nor a reason for none: set one' }) needsDeadline?: boolean;
  @Text(200, { list: true }) adverseParties!: string[];
  @Part(() => ConflictMatchView, { optional: true, description: 'The newest answer whether the other parties may be clients' }) conflictMatch?: object;
  @CodeField({ optional: true, description: 'Why the conflict check has to be made again', example: 'clients-merged' }) conflictRecheck?: string;
  @Text(4000, { optional: true }) summary?: string;
}
