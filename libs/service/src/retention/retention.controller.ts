import { Body, Controller, Get, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { Clock } from '@opora/messaging';
import { actOf, Recording } from '../acting.js';
import { Answer } from '../answer.js';
import { Answers, AnswersPage, Creates, Performs } from '../documented.js';
import { AtField, CodeField, DayField, Flag, IdField, OneOf, Part, StaffField, Text, Whole } from '../fields.js';
import { pageOf, PageQuery, type Page } from '../page.js';
import { By } from '../request.js';
import { STATE, type ServiceState } from '../service.controller.js';
import type { Hold, KeptRecord, Proposal } from './retention.js';

class RetentionRuleView {
  @CodeField({ example: 'matter' }) recordType!: string;
  @CodeField({ list: true, description: 'Facts that end a record', example: ['legal-aid.matter-closed'] }) from!: string[];
  @Text(20, { description: 'ISO 8601 duration', example: 'P3Y' }) term!: string;
  @CodeField({ example: 'claims' }) legalBasis!: string;
  @CodeField({ list: true, optional: true, description: 'Records that go with it, when the person goes', example: ['consent-record'] }) takes?: string[];
  @Flag({ description: 'Kept, restricted, for the term also when the person is erased' }) hold!: boolean;
  @Text(500, { description: 'Where the rule is written' }) source!: string;
}

class RetentionRulesView {
  @Part(() => RetentionRuleView, { list: true }) items!: object[];
}

class RetentionProposalView {
  @IdField() id!: string;
  @CodeField({ example: 'matter' }) recordType!: string;
  @IdField() recordId!: string;
  @IdField({ nullable: true, description: 'Whom it is about; nobody once it is confirmed' }) clientId!: string | null;
  @CodeField({ example: 'claims' }) legalBasis!: string;
  @DayField({ description: 'The first day on which the record need not be there any more' }) dueSince!: string;
  @AtField() proposedAt!: string;
  @StaffField({ nullable: true }) confirmedBy!: string | null;
  @AtField({ nullable: true }) confirmedAt!: string | null;
}

class ProposalQuery extends PageQuery {
  @OneOf(['open', 'confirmed'], { optional: true, description: 'open unless said; confirmed ones are the receipts' }) status?: string;
}

class ProposedView {
  @Whole(0, 1_000_000_000, { description: 'How many are new' }) proposed!: number;
}

class PlaceHold extends Recording {
  @IdField({ description: 'Whose records' }) clientId!: string;
  @IdField({ optional: true, description: 'This one alone' }) recordId?: string;
  @CodeField({ description: 'A code: claim, court-order, inspection, other', example: 'claim' }) reason!: string;
}

class LiftHold extends Recording {
  @CodeField({ description: 'A code: settled, order-ended, by-mistake, other', example: 'settled' }) reason!: string;
}

class HoldView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @IdField({ nullable: true }) recordId!: string | null;
  @CodeField({ example: 'claim' }) reason!: string;
  @StaffField() placedBy!: string;
  @AtField() placedAt!: string;
  @StaffField({ nullable: true }) liftedBy!: string | null;
  @AtField({ nullable: true }) liftedAt!: string | null;
  @CodeField({ nullable: true, example: 'settled' }) liftedFor!: string | null;
}

class KeptRecordView {
  @IdField() id!: string;
  @CodeField({ example: 'matter' }) recordType!: string;
  @IdField() clientId!: string;
  @CodeField({ example: 'claims' }) legalBasis!: string;
  @DayField({ nullable: true, description: 'Until when; null while a hold lasts' }) until!: string | null;
  @AtField() keptAt!: string;
}

/** Whom it was about, for the audit: the decision itself is about nobody's record. */
const noted = <T extends { readonly id: string; readonly clientId: string | null }>({ asking }: Actor, found: T): T => {
  const { action, permittedBy: policies } = asking!;
  asking!.note({ action, decision: 'permit', policies, resource: found.id, ...(found.clientId && { clientId: found.clientId }) });
  return found;
};

/** Made per service: each one decides about its own records. */
export const retentionController = (name: string) => {
  const path = `/v1/${name}/retention`;

  @ApiTags('retention')
  @Controller(`v1/${name}/retention`)
  class RetentionController {
    constructor(@Inject(STATE) private readonly state: ServiceState, private readonly clock: Clock) {}

    /** How long records stay here, and why. */
    @Allow('retention.read') @Get('rules') @Answers(RetentionRulesView)
    listRetentionRules() {
      return { items: this.state.retention!.rules };
    }

    /** Records of the own agency whose time is over. */
    @Allow('retention.read') @Get('proposals') @AnswersPage(RetentionProposalView)
    listRetentionProposals(@Query() { status, ...query }: ProposalQuery, @By() actor: Actor): Promise<Page<Proposal>> {
      return pageOf({ page: (filter, page) => this.state.retention!.proposals(filter as { agency: string; confirmed: boolean }, page) }, { agency: actor.agency, confirmed: status === 'confirmed' }, query, (one) => noted(actor, one));
    }

    /** What the hourly run does, now. */
    @Allow('retention.propose') @Post('proposals::find') @Answers(ProposedView)
    async findDueRecords() {
      return { proposed: await this.state.retention!.propose() };
    }

    /** The record is erased, for good; the proposal stays as the receipt. */
    @Allow('retention.confirm') @Post('proposals/:id/confirm') @Performs(RetentionProposalView)
    async confirmRetentionProposal(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
      noted(actor, await this.state.retention!.proposal(id, actor.agency));
      return new Answer(await this.state.retention!.confirm(id, actor.agency, actOf(actor, this.clock, body)), { location: `${path}/proposals/${id}` });
    }

    @Allow('retention.read') @Get('proposals/:id') @Answers(RetentionProposalView)
    getRetentionProposal(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor): Promise<Proposal> {
      return this.state.retention!.proposal(id, actor.agency).then((one) => noted(actor, one));
    }

    @Allow('retention.read') @Get('holds') @AnswersPage(HoldView)
    listHolds(@Query() query: PageQuery, @By() actor: Actor): Promise<Page<Hold>> {
      return pageOf({ page: (filter, page) => this.state.retention!.holds(filter as { agency: string }, page) }, { agency: actor.agency }, query, (one) => noted(actor, one));
    }

    /** Nothing of the person, or of that record, is erased here until the hold is lifted. */
    @Allow('retention.hold') @Post('holds') @Creates(HoldView)
    async placeHold(@Body() body: PlaceHold, @By() actor: Actor) {
      const hold = await this.state.retention!.hold(body, actor.agency, actOf(actor, this.clock, body));
      return new Answer(noted(actor, hold), { location: `${path}/holds/${hold.id}` });
    }

    @Allow('retention.read') @Get('holds/:id') @Answers(HoldView)
    getHold(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor): Promise<Hold> {
      return this.state.retention!.holdOf(id, actor.agency).then((one) => noted(actor, one));
    }

    @Allow('retention.hold') @Post('holds/:id/lift') @Performs(HoldView)
    async liftHold(@Param('id', ParseUUIDPipe) id: string, @Body() { reason, ...body }: LiftHold, @By() actor: Actor) {
      return new Answer(noted(actor, await this.state.retention!.lift(id, reason, actor.agency, actOf(actor, this.clock, body))), { location: `${path}/holds/${id}` });
    }

    /** What law ordered to keep of people who were erased: that it is there, not what stands in it. */
    @Allow('retention.read') @Get('kept') @AnswersPage(KeptRecordView)
    listKeptRecords(@Query() query: PageQuery, @By() actor: Actor): Promise<Page<KeptRecord>> {
      return pageOf({ page: (filter, page) => this.state.retention!.kept(filter as { agency: string }, page) }, { agency: actor.agency }, query, (one) => noted(actor, one));
    }
  }
  return RetentionController;
};
