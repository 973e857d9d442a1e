import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, EnterInError, found, Performs, Reading, Recording } from '@opora/service';
import { accept, enterInError, reject, type Referral } from './domain/referral.js';
import { open } from './domain/matter.js';
import { Matters } from './matters.store.js';
import { ReferralQuery, ReferralView, RejectReferral } from './referrals.dto.js';
import { Referrals } from './referrals.store.js';

const label = ({ state }: Stored<Referral>) => ({ clientId: state.clientId, agency: state.agency, dataClass: 'D1' as const });
const path = (id: string) => `/v1/legal-aid/referrals/${id}`;

@ApiTags('referrals')
@Controller('v1/legal-aid/referrals')
export class ReferralsController {
  constructor(
    private readonly referrals: Referrals, private readonly matters: Matters, private readonly database: Database,
    private readonly reading: Reading, private readonly clock: Clock,
  ) {}

  @Allow('referral.list') @Get() @AnswersPage(ReferralView)
  async listReferrals(@Query() query: ReferralQuery, @By() actor: Actor) {
    const { status, clientId } = query;
    return this.reading.page(this.referrals, actor, 'D1', { status, client_id: clientId && await this.reading.records(clientId) }, query, (stored) => this.view(stored));
  }

  @Allow('referral.read') @Get(':id') @Answers(ReferralView)
  async getReferral(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.reading.require('referral', await this.referrals.load(id), actor, label);
    return found(stored, this.view(stored, await this.matters.ofReferral(id)));
  }

  /** Opens the matter in the same transaction: there is no accepted referral that nobody works on. */
  @Allow('referral.accept') @Post(':id/accept') @Performs(ReferralView)
  async acceptReferral(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    const { state } = await this.mine(id, actor);
    const { clientId, offer, agency, needs } = state;
    const consented = await this.reading.mayShare(clientId, 'referral', agency, 'D1');
    const act = actOf(actor, this.clock, body);
    const matterId = newId();
    return this.database.transaction(async () => {
      const alreadyOpen = await this.matters.hasOpen(await this.reading.records(clientId), state);
      const accepted = await this.referrals.change(id, act, (r) => accept(r, { at: act.recordedAt, consented, alreadyOpen }));
      const { entry } = await this.matters.change(matterId, act, (m) => open(m, { matterId, referralId: id, clientId, offer, agency, needs, at: act.at }));
      return changed({ ...accepted, entry }, this.view(accepted, matterId), path(id));
    });
  }

  @Allow('referral.reject') @Post(':id/reject') @Performs(ReferralView)
  async rejectReferral(@Param('id', ParseUUIDPipe) id: string, @Body() body: RejectReferral, @By() actor: Actor) {
    await this.mine(id, actor);
    const result = await this.referrals.change(id, actOf(actor, this.clock, body), (r) => reject(r, body));
    return changed(result, this.view(result), path(id));
  }

  @Allow('referral.enter-in-error') @Post(':id/enter-in-error') @Performs(ReferralView)
  async enterReferralInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    await this.mine(id, actor);
    const result = await this.referrals.change(id, actOf(actor, this.clock, body), enterInError);
    return changed(result, this.view(result), path(id));
  }

  /** Only the agency that was asked may answer. */
  private async mine(id: string, actor: Actor): Promise<Stored<Referral>> {
    return this.reading.require('referral', await this.referrals.load(id), actor, label);
  }

  private view({ id, state }: Stored<Referral>, matterId?: string): ReferralView {
    const { clientId, offer, askedBy, status, urgency, respondBy, reason } = state;
    return { id, clientId, offer, askedBy, status, urgency, respondBy, ...(reason && { reason }), ...(matterId && { matterId }) };
  }
}
