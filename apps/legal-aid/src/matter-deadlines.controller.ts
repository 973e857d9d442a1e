import { Body, Controller, Get, Header, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, type Act } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, By, changed, Creates, found, Language, Performs, Reading, Recording } from '@opora/service';
import { deadlinesIcs } from './deadlines.ics.js';
import { questionOf } from './deadlines.controller.js';
import type { Deadline } from './domain/deadline.js';
import { answerFrom, pinned } from './domain/law-book.js';
import { deadlinesOf, type Matter, type MatterFact } from './domain/matter.js';
import { acknowledgeMove, computeDeadline, confirmDeadline, extendDeadline, meetDeadline, withdrawDeadline } from './domain/matter-deadlines.js';
import { Law } from './law.store.js';
import { ConfirmDeadline, ExtendDeadline, MatterDeadlinesView, MatterDeadlineView, MeetDeadline, RecordDeadline, WithdrawDeadline } from './matter-deadlines.dto.js';
import { Matters } from './matters.store.js';

type Decide = (matter: Matter | undefined, act: Act) => MatterFact[];

@ApiTags('deadlines')
@Controller('v1/legal-aid/matters/:id')
export class MatterDeadlinesController {
  constructor(private readonly matters: Matters, private readonly law: Law, private readonly database: Database, private readonly reading: Reading, private readonly clock: Clock) {}

  @Allow('deadline.list') @Get('deadlines') @Answers(MatterDeadlinesView)
  async listDeadlines(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return found(stored, { items: deadlinesOf(stored.state).map(view) });
  }

  /** Open deadlines for a calendar program: their days, rules and the matter's id, nothing of people. */
  @Allow('deadline.export') @ApiOkResponse({ content: { 'text/calendar': { schema: { type: 'string' } } } })
  @Get('deadlines.ics') @Header('content-type', 'text/calendar; charset=utf-8')
  async exportDeadlines(@Param('id', ParseUUIDPipe) id: string, @Language() language: 'en' | 'ru', @By() actor: Actor): Promise<string> {
    const { state } = await this.mine(id, actor);
    return deadlinesIcs(id, deadlinesOf(state), language, this.clock.now());
  }

  @Allow('deadline.read') @Get('deadlines/:deadlineId') @Answers(MatterDeadlineView)
  async getDeadline(@Param('id', ParseUUIDPipe) id: string, @Param('deadlineId', ParseUUIDPipe) deadlineId: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return found(stored, viewIn(stored.state, deadlineId));
  }

  /** Kept with its derivation, for a person to confirm. */
  @Allow('deadline.record') @Post('deadlines') @Creates(MatterDeadlineView)
  async recordDeadline(@Param('id', ParseUUIDPipe) id: string, @Body() { id: deadlineId = newId(), responsible, ...body }: RecordDeadline, @By() actor: Actor) {
    await this.mine(id, actor);
    return this.database.transaction(async () => {
      const book = await this.law.book();
      const asked = questionOf(body);
      const { packVersion, notice } = pinned(book, asked);
      const question = { ...asked, packVersion };
      const answer = await this.change(id, deadlineId, {}, actor, (m, { at }) =>
        computeDeadline(m, { deadlineId, question, derivation: answerFrom(book, asked), responsible: responsible ?? actor.sub, notice, at }));
      await this.matters.computedWith(id, book.serial, { onlyLower: true });
      return answer;
    });
  }

  @Allow('deadline.confirm') @Post('deadlines/:deadlineId/confirm') @Performs(MatterDeadlineView)
  confirmDeadline(@Param('id', ParseUUIDPipe) id: string, @Param('deadlineId', ParseUUIDPipe) deadlineId: string, @Body() body: ConfirmDeadline, @By() actor: Actor) {
    return this.change(id, deadlineId, body, actor, (m, { at }) => confirmDeadline(m, { deadlineId, responsible: body.responsible, at }));
  }

  @Allow('deadline.meet') @Post('deadlines/:deadlineId/meet') @Performs(MatterDeadlineView)
  meetDeadline(@Param('id', ParseUUIDPipe) id: string, @Param('deadlineId', ParseUUIDPipe) deadlineId: string, @Body() body: MeetDeadline, @By() actor: Actor) {
    return this.change(id, deadlineId, body, actor, (m, { at, recordedAt }) => meetDeadline(m, { deadlineId, on: body.on, at, recordedAt }));
  }

  @Allow('deadline.extend') @Post('deadlines/:deadlineId/extend') @Performs(MatterDeadlineView)
  extendDeadline(@Param('id', ParseUUIDPipe) id: string, @Param('deadlineId', ParseUUIDPipe) deadlineId: string, @Body() body: ExtendDeadline, @By() actor: Actor) {
    return this.change(id, deadlineId, body, actor, (m, { at }) => extendDeadline(m, { deadlineId, day: body.day, at }));
  }

  @Allow('deadline.acknowledge') @Post('deadlines/:deadlineId/acknowledge') @Performs(MatterDeadlineView)
  acknowledgeDeadline(@Param('id', ParseUUIDPipe) id: string, @Param('deadlineId', ParseUUIDPipe) deadlineId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, deadlineId, body, actor, (m, { at, by }) => acknowledgeMove(m, { deadlineId, by, at }));
  }

  @Allow('deadline.withdraw') @Post('deadlines/:deadlineId/withdraw') @Performs(MatterDeadlineView)
  withdrawDeadline(@Param('id', ParseUUIDPipe) id: string, @Param('deadlineId', ParseUUIDPipe) deadlineId: string, @Body() body: WithdrawDeadline, @By() actor: Actor) {
    return this.change(id, deadlineId, body, actor, (m, { at }) => withdrawDeadline(m, { deadlineId, reason: body.reason, at }));
  }

  private async mine(id: string, actor: Actor): Promise<Stored<Matter>> {
    return this.reading.require('matter', await this.matters.load(id), actor, ({ state: { clientId, agency } }) => ({ clientId, agency, dataClass: 'D3' }));
  }

  private async change(id: string, deadlineId: string, body: Recording, actor: Actor, decide: Decide) {
    await this.mine(id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.matters.change(id, act, (m) => decide(m, act));
    return changed(result, viewIn(result.state, deadlineId), `/v1/legal-aid/matters/${id}/deadlines/${deadlineId}`);
  }
}

const view = ({ deadlineId: id, status, day, endsAt, zone, responsible, movedFrom, ground, metOn, derivation }: Deadline): MatterDeadlineView => ({
  id, status, day, endsAt, zone, responsible, provisional: derivation?.provisional ?? false,
  ...(movedFrom && { movedFrom }), ...(ground && { ground }), ...(metOn && { metOn }), ...(derivation && { derivation }),
});

const viewIn = (matter: Matter, deadlineId: string): MatterDeadlineView => {
  const deadline = deadlinesOf(matter).find((one) => one.deadlineId === deadlineId);
  if (!deadline) throw absent('deadline');
  return view(deadline);
};
