import { CodeField, DeviceId, IdField, OneOf, PageQuery, Recording } from '@opora/service';
import type { RecordMerge } from './domain/record-merge.js';

const statuses: RecordMerge['status'][] = ['proposed', 'declined', 'confirmed', 'undo-proposed', 'undone', 'entered-in-error'];

export class ProposeMerge extends Recording {
  @DeviceId() id?: string;
  @IdField({ description: 'Under which the person is read from then on' }) survivingId!: string;
  @IdField({ description: 'Which is read as the other; it stays as it is' }) mergedId!: string;
  @CodeField({ description: 'A code: same-identifier, documents-seen, said-by-person, other', example: 'documents-seen' }) reason!: string;
}

/** Why it is not so, or no longer. */
export class ReasonForMerge extends Recording {
  @CodeField({ description: 'A code: two-people, not-sure, other', example: 'two-people' }) reason!: string;
}

export class RecordMergeQuery extends PageQuery {
  @OneOf(statuses, { optional: true }) status?: RecordMerge['status'];
  @IdField({ optional: true }) survivingId?: string;
  @IdField({ optional: true }) mergedId?: string;
}

export class RecordMergeView {
  @IdField() id!: string;
  @OneOf(statuses) status!: string;
  @IdField() survivingId!: string;
  @IdField() mergedId!: string;
  @CodeField({ description: 'Of the newest proposal' }) reason!: string;
  @CodeField({ description: 'Who made the newest proposal; somebody else decides', example: 'irina' }) proposedBy!: string;
}
