import { RejectionCode } from '@opora/contracts';
import { CodeField, AtField, IdField, OneOf, PageQuery, Recording } from '@opora/service';

const statuses = ['requested', 'accepted', 'rejected', 'expired', 'withdrawn', 'entered-in-error'];
const reasons = RejectionCode.enum as string[];

export class RejectReferral extends Recording {
  @OneOf(reasons, { example: 'no-capacity' })
  reason!: RejectionCode;
}

export class ReferralQuery extends PageQuery {
  @OneOf(statuses, { optional: true })
  status?: string;

  @IdField({ optional: true })
  clientId?: string;
}

export class ReferralView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @CodeField() offer!: string;
  @CodeField() askedBy!: string;
  @OneOf(statuses) status!: string;
  @OneOf(['emergency', 'urgent', 'routine']) urgency!: string;
  @AtField() respondBy!: string;
  @OneOf(reasons, { optional: true }) reason?: string;
  @IdField({ optional: true, description: 'The matter that accepting opened' }) matterId?: string;
}
