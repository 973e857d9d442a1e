import type { NeedCode, Severity } from '@opora/contracts';
import { AtField, CodeField, DeviceId, Flag, IdField, OneOf, PageQuery, Part, Recording, Text, Whole } from '@opora/service';
import { severities } from './domain/need-evidence.js';
import type { Need } from './domain/need-state.js';
import { needCodes, withdrawalReasons, type WithdrawalReason } from './domain/need-titles.js';

const statuses: Need['status'][] = ['identified', 'confirmed', 'addressed', 'met', 'unmet', 'withdrawn', 'entered-in-error'];
const sources = ['practitioner', 'client', 'organisation'] as const;

export class NameNeed extends Recording {
  @DeviceId()
  id?: string;

  @IdField()
  clientId!: string;

  @OneOf(needCodes)
  needCode!: NeedCode;

  @OneOf(severities)
  severity!: Severity;

  @OneOf(sources, { optional: true, description: 'Who says so: practitioner, unless said; always client when a client calls' })
  source?: (typeof sources)[number];

  @Text(2000, { description: 'In their own words; stays in intake' })
  reason!: string;
}

export class ConfirmNeed extends Recording {
  @Flag({ optional: true, description: 'The client was there and agrees; not needed when the client calls or `onBehalfOf` is given' })
  withClient?: boolean;
}

export class WithdrawNeed extends Recording {
  @OneOf(withdrawalReasons)
  reason!: WithdrawalReason;
}

export class CloseNeed extends Recording {
  @OneOf(['met', 'unmet'])
  outcome!: 'met' | 'unmet';
}

export class NeedQuery extends PageQuery {
  @IdField({ optional: true })
  clientId?: string;

  @OneOf(statuses, { optional: true })
  status?: Need['status'];
}

class Said {
  @Text(500) en!: string;
  @Text(500) ru!: string;
}

class EvidenceView {
  @OneOf(['screening', ...sources]) source!: string;
  @OneOf(severities) severity!: Severity;
  @AtField() at!: string;
  @CodeField({ optional: true, description: 'Why it no longer stands' }) withdrawn?: string;
  @IdField({ optional: true }) screeningId?: string;
  @IdField({ optional: true }) ruleId?: string;
  @Whole(1, 1_000_000, { optional: true }) ruleVersion?: number;
  @Text(300, { optional: true, list: true, maxItems: 5000, description: 'linkIds of the questions whose answers the rule read' }) answers?: string[];
  @Part(() => Said, { optional: true, description: 'The rule’s explanation' }) explanation?: Said;
  @Text(2000, { optional: true, description: 'What the person said' }) reason?: string;
  @Text(200, { optional: true, description: 'Who recorded what the person said' }) by?: string;
}

export class NeedView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @OneOf(needCodes) needCode!: NeedCode;
  @OneOf(severities, { description: 'The gravest of what stands' }) severity!: Severity;
  @OneOf(statuses) status!: Need['status'];
  @CodeField({ optional: true, description: 'Nothing that the confirmed need stood on stands any more, and why; confirm it again or withdraw it' }) flag?: string;
  @CodeField({ optional: true, description: 'Why it was withdrawn' }) reason?: string;
  @Part(() => EvidenceView, { list: true }) evidence!: EvidenceView[];
}
