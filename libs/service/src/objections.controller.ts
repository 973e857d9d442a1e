import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, newId, type Stored } from '@opora/messaging';
import { actOf, Recording } from './acting.js';
import { changed, found } from './answer.js';
import { Answers, AnswersPage, Creates, Performs } from './documented.js';
import { AtField, DayField, Flag, IdField, OneOf, Part, Text } from './fields.js';
import { answer, outcomes, record, withdraw, type Objection, type ObjectionFact, type Outcome } from './objection.js';
import { Objections } from './objections.store.js';
import { PageQuery } from './page.js';
import { PersonalRecords } from './personal-records.js';
import { Reading } from './reading.js';
import { By } from './request.js';

class RecordObjection extends Recording {
  @IdField({ description: 'What it is about: a plan entry, or a record of this module' }) about!: string;
  @IdField({ optional: true, description: 'Whose objection it is; needed when a worker records it' }) clientId?: string;
  @Text(4000, { description: 'In the person’s own words; they stay in this module', example: 'This is not what I said' }) text!: string;
}

class AnswerObjection extends Recording {
  @OneOf(outcomes) outcome!: Outcome;
  @Text(4000, { description: 'For the person to read', example: 'You are right; we have corrected it' }) text!: string;
}

class ObjectionsQuery extends PageQuery {
  @OneOf(['open', 'overdue', 'answered', 'withdrawn'], { optional: true }) status?: 'open' | 'overdue' | 'answered' | 'withdrawn';
}

class ObjectionAnswerView {
  @OneOf(outcomes) outcome!: Outcome;
  @Text(4000) text!: string;
  @AtField() at!: string;
}

class ObjectionView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @IdField({ description: 'Id of the plan entry or record' }) about!: string;
  @OneOf(['recorded', 'answered', 'withdrawn']) status!: Objection['status'];
  @Text(4000) text!: string;
  @AtField() recordedAt!: string;
  @DayField({ description: 'The last day to answer' }) dueOn!: string;
  @Flag() overdue!: boolean;
  @Part(() => ObjectionAnswerView, { optional: true }) answer?: ObjectionAnswerView;
}

/** Somebody's own words about their case may tell anything. */
const label = ({ id, state }: Stored<Objection>) => ({ id, clientId: state.clientId, agency: state.agency, dataClass: 'D2' as const });

/** Made per service, so that its routes lie under the service's own path. */
export const objectionsController = (name: string) => {
  const path = (id: string): string => `/v1/${name}/objections/${id}`;

  @ApiTags('objections')
  @Controller(`v1/${name}/objections`)
  class ObjectionsController {
    constructor(private readonly objections: Objections, private readonly records: PersonalRecords, private readonly reading: Reading, private readonly clock: Clock) {}

    /** Your own; for those who answer, the agency’s. `overdue`: open after the day on which an answer was due. */
    @Allow('objection.list') @Get() @AnswersPage(ObjectionView)
    listObjections(@Query() { status, ...query }: ObjectionsQuery, @By() actor: Actor) {
      const today = this.clock.now().slice(0, 10);
      const open = status === 'open' || status === 'overdue';
      const store = status === 'overdue' ? this.objections.dueBefore(today) : this.objections;
      return this.reading.page<Stored<Objection>, ObjectionView>(store, actor, 'D2', { status: open ? 'recorded' : status }, query as PageQuery, this.view);
    }

    @Allow('objection.read') @Get(':id') @Answers(ObjectionView)
    async getObjection(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
      const stored = await this.mine(id, actor);
      return found(stored, this.view(stored));
    }

    /** Records what a person does not agree with. A person answers it by the day that the answer names. */
    @Allow('objection.record') @Post() @Creates(ObjectionView)
    async recordObjection(@Body() body: RecordObjection, @By() actor: Actor) {
      const clientId = isClient(actor) ? actor.clientId : body.clientId;
      if (clientId === undefined) throw new DomainError('invalid', 'client-missing', 'Say whose objection it is', [{ pointer: '/clientId', code: 'missing', detail: 'is needed' }]);
      if (isClient(actor) && body.clientId !== undefined && body.clientId !== clientId) throw absent('record');
      const thing = await this.records.find(body.about, await this.reading.records(clientId));
      const { agency, clientId: kept } = await this.reading.require('record', thing, actor, (one) => ({ clientId: one.clientId, agency: one.agency, dataClass: 'D2', id: body.about }));
      const act = actOf(actor, this.clock, body);
      const id = newId();
      // The clock begins when it is recorded, whenever it was said.
      const result = await this.objections.change(id, act, (one) => record(one, { clientId: kept, agency, about: body.about, text: body.text, at: act.recordedAt }));
      return changed(result, this.view(result), path(id));
    }

    /** A person's decision. What follows from it for the record is done there. */
    @Allow('objection.answer') @Post(':id/answer') @Performs(ObjectionView)
    answerObjection(@Param('id', ParseUUIDPipe) id: string, @Body() body: AnswerObjection, @By() actor: Actor) {
      return this.change(id, body, actor, (one, { at }) => answer(one, { ...body, at }));
    }

    @Allow('objection.withdraw') @Post(':id/withdraw') @Performs(ObjectionView)
    withdrawObjection(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
      return this.change(id, body, actor, withdraw);
    }

    private async mine(id: string, actor: Actor): Promise<Stored<Objection>> {
      return this.reading.require('objection', await this.objections.load(id), actor, label);
    }

    private async change(id: string, body: Recording, actor: Actor, decide: (one: Objection | undefined, act: Act) => ObjectionFact[]) {
      await this.mine(id, actor);
      const act = actOf(actor, this.clock, body);
      const result = await this.objections.change(id, act, (one) => decide(one, act));
      return changed(result, this.view(result), path(id));
    }

    private readonly view = ({ id, state }: Stored<Objection>): ObjectionView => {
      const { clientId, about, status, text, recordedAt, dueOn, answer: given } = state;
      return { id, clientId, about, status, text, recordedAt, dueOn, overdue: status === 'recorded' && dueOn < this.clock.now().slice(0, 10), ...(given && { answer: { ...given } }) };
    };
  }
  return ObjectionsController;
};
