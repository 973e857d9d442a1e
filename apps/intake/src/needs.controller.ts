import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { absent, type Act } from '@opora/domain';
import { Clock, Database, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, pageOf, Performs, Reading, Recording } from '@opora/service';
import { Care } from './care.js';
import { close, confirm, enterInError, withdraw } from './domain/need.js';
import { severityOf } from './domain/need-evidence.js';
import type { Need, NeedFact } from './domain/need-state.js';
import { needDataClass } from './domain/need-titles.js';
import { CloseNeed, ConfirmNeed, NameNeed, NeedQuery, NeedView, WithdrawNeed } from './needs.dto.js';
import { Identification } from './needs.identification.js';
import { Needs } from './needs.store.js';

const label = ({ state }: Stored<Need>) => ({ clientId: state.clientId, agency: state.agency, dataClass: needDataClass(state.code) });
const path = (id: string) => `/v1/intake/needs/${id}`;

@ApiTags('needs')
@Controller('v1/intake/needs')
export class NeedsController {
  constructor(
    private readonly needs: Needs, private readonly identification: Identification, private readonly care: Care, private readonly database: Database,
    private readonly reading: Reading, private readonly clock: Clock,
  ) {}

  @Allow('need.list', 'intake-worker', 'counsellor', 'practitioner', 'supervisor', 'client') @Get() @AnswersPage(NeedView)
  listNeeds(@Query() query: NeedQuery, @By() actor: Actor) {
    const whose = isClient(actor) ? { client_id: actor.clientId } : { agency: actor.agency, client_id: query.clientId };
    return pageOf(this.needs, { ...whose, status: query.status }, query, view);
  }

  @Allow('need.read', 'intake-worker', 'counsellor', 'practitioner', 'supervisor', 'client') @Get(':id') @Answers(NeedView)
  async getNeed(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.reading.require('need', await this.needs.load(id), actor, label);
    return found(stored, view(stored));
  }

  /** 201 for a new need; 200 when it was open already and what was said is now further evidence of it. */
  @Allow('need.name', 'intake-worker', 'counsellor', 'practitioner', 'supervisor', 'client') @Post() @Creates(NeedView) @ApiOkResponse({ type: NeedView })
  async nameNeed(@Body() body: NameNeed, @By() actor: Actor, @Res({ passthrough: true }) reply: { status(code: number): unknown }) {
    const { clientId, needCode, severity, reason } = body;
    const { state: { agency } } = await this.care.own(clientId, actor);
    const source = isClient(actor) ? 'client' : body.source ?? 'practitioner';
    const act = actOf(actor, this.clock, body);
    const { need, joined } = await this.database.transaction(() =>
      this.identification.fromPerson({ clientId, agency }, needCode, { source, by: actor.sub, reason, severity, at: act.at }, act));
    if (joined) reply.status(200);
    return changed(need, view(need), path(need.id));
  }

  @Allow('need.confirm', 'intake-worker', 'counsellor', 'practitioner', 'supervisor', 'client') @Post(':id/confirm') @Performs(NeedView)
  confirmNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: ConfirmNeed, @By() actor: Actor) {
    const withClient = isClient(actor) || body.withClient === true || body.onBehalfOf !== undefined;
    return this.change(id, body, actor, (n, { at }) => confirm(n, { withClient, at }));
  }

  @Allow('need.withdraw', 'intake-worker', 'counsellor', 'practitioner', 'supervisor') @Post(':id/withdraw') @Performs(NeedView)
  withdrawNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: WithdrawNeed, @By() actor: Actor) {
    return this.change(id, body, actor, (n, { at }) => withdraw(n, { reason: body.reason, at }));
  }

  @Allow('need.close', 'intake-worker', 'counsellor', 'practitioner', 'supervisor') @Post(':id/close') @Performs(NeedView)
  closeNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: CloseNeed, @By() actor: Actor) {
    return this.change(id, body, actor, (n, { at }) => close(n, { outcome: body.outcome, at }));
  }

  @Allow('need.enter-in-error', 'intake-worker', 'counsellor', 'practitioner', 'supervisor') @Post(':id/enter-in-error') @Performs(NeedView)
  enterNeedInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.change(id, body, actor, (n, { at }) => enterInError(n, { reason: body.reason, at }));
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (need: Need | undefined, act: Act) => NeedFact[]) {
    const { state } = await this.reading.require('need', await this.needs.load(id), actor, label);
    if (!isClient(actor) && state.agency !== actor.agency) throw absent('need');
    const act = actOf(actor, this.clock, body);
    const result = await this.needs.change(id, act, (n) => decide(n, act));
    return changed(result, view(result), path(id));
  }
}

const view = ({ id, state }: Stored<Need>): NeedView => {
  const { clientId, code, status, flag, evidence } = state;
  return {
    id, clientId, needCode: code, severity: severityOf(evidence), status, ...(flag && { flag }), ...('reason' in state && { reason: state.reason }),
    evidence: evidence.map((one) => ({ ...one, ...('answers' in one && { answers: [...one.answers] }) })),
  } as NeedView;
};
