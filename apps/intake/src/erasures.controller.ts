import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { Clock, Database, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, found, pageOf, PageQuery, Performs, Recording } from '@opora/service';
import { Care } from './care.js';
import { refuse, waitsFor, type Erasure } from './domain/erasure.js';
import { ErasureDesk } from './erasure-desk.js';
import { AskForErasure, ErasureView, RefuseErasure } from './erasures.dto.js';
import { Erasures } from './erasures.store.js';

const path = (id: string) => `/v1/intake/erasures/${id}`;

/** A person is erased by two people: one asks, another confirms. Then every module does it, and it cannot be taken back. */
@ApiTags('erasures')
@Controller('v1/intake/erasures')
export class ErasuresController {
  constructor(
    private readonly erasures: Erasures, private readonly desk: ErasureDesk, private readonly care: Care, private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  @Allow('erasure.list') @Get() @AnswersPage(ErasureView)
  listErasures(@Query() query: PageQuery, @By() { agency, asking }: Actor) {
    return pageOf(this.erasures, { agency }, query, (stored) => {
      const { action, permittedBy: policies } = asking!;
      asking!.note({ action, decision: 'permit', policies, clientId: stored.state.clientId, resource: stored.id });
      return view(stored);
    });
  }

  @Allow('erasure.read') @Get(':id') @Answers(ErasureView)
  async getErasure(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.own(id, actor);
    return found(stored, view(stored));
  }

  @Allow('erasure.ask') @Post() @Creates(ErasureView)
  askForErasure(@Body() { clientId, reason, ...body }: AskForErasure, @By() actor: Actor) {
    const act = actOf(actor, this.clock, body);
    return this.database.transaction(async () => {
      const { state: { agency } } = await this.care.onFile(clientId, actor);
      const result = await this.desk.ask({ clientId, agency, reason }, act);
      return changed(result, view(result), path(result.id));
    });
  }

  /** Sharing ends at once; the modules erase as they hear of it. */
  @Allow('erasure.confirm') @Post(':id/confirm') @Performs(ErasureView)
  confirmErasure(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    const act = actOf(actor, this.clock, body);
    return this.database.transaction(async () => {
      await this.own(id, actor);
      const result = await this.desk.confirm(id, act);
      return changed(result, view(result), path(id));
    });
  }

  @Allow('erasure.refuse') @Post(':id/refuse') @Performs(ErasureView)
  async refuseErasure(@Param('id', ParseUUIDPipe) id: string, @Body() { reason, ...body }: RefuseErasure, @By() actor: Actor) {
    await this.own(id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.erasures.change(id, act, (e) => refuse(e, { reason, at: act.at }));
    return changed(result, view(result), path(id));
  }

  private own(id: string, actor: Actor): Promise<Stored<Erasure>> {
    return this.erasures.load(id).then((stored) => this.care.require('erasure', stored, actor));
  }
}

const view = ({ id, state }: Stored<Erasure>): ErasureView => {
  const { status, clientId, reason, askedBy, askedAt, confirmedBy, confirmedAt, modules, answers, left, completedAt } = state;
  return {
    id, status, clientId, reason, askedBy, askedAt, ...(confirmedBy && { confirmedBy }), ...(confirmedAt && { confirmedAt }), modules: [...modules],
    answers: answers.map(({ kept, ...answer }) => ({ ...answer, kept: [...kept] })), waitsFor: waitsFor(state), left: [...left], ...(completedAt && { completedAt }),
  };
};
