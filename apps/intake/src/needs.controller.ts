import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import type { Act } from '@opora/domain';
import { Clock, Database, type Stored } from '@opora/messaging';
import { actOf, Answer, Answers, AnswersPage, By, changed, Creates, EnterInError, etagOf, found, Performs, Reading, Recording } from '@opora/service';
import { Care } from './care.js';
import { close, confirm, enterInError, withdraw } from './domain/need.js';
import { severityOf, type Statement } from './domain/need-evidence.js';
import type { Need, NeedFact } from './domain/need-state.js';
import { needDataClass } from './domain/need-titles.js';
import { CloseNeed, ConfirmNeed, NameNeed, NeedQuery, NeedView, WithdrawNeed } from './needs.dto.js';
import { Identification } from './needs.identification.js';
import { Needs } from './needs.store.js';
import { People } from './people.js';
import { asSaid } from './sight.js';

const path = (id: string) => `/v1/intake/needs/${id}`;

@ApiTags('needs')
@Controller('v1/intake/needs')
export class NeedsController {
  constructor(
    private readonly needs: Needs, private readonly identification: Identification, private readonly care: Care, private readonly people: People,
    private readonly reading: Reading, private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  @Allow('need.list') @Get() @AnswersPage(NeedView)
  async listNeeds(@Query() query: NeedQuery, @By() actor: Actor) {
    return this.reading.page(asSaid(this.needs), actor, 'D2', { client_id: await this.people.among(query.clientId), status: query.status }, query, view);
  }

  @Allow('need.read') @Get(':id') @Answers(NeedView)
  async getNeed(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return found(stored, view(stored));
  }

  /**
   * 201 for a new need; 200 when it was open already and what was said is now further evidence of it. Whoever works with the person may name
   * one, of whatever module and agency; the need belongs to the agency that keeps the person's record, and only there it can be read.
   */
  @Allow('need.name') @Post() @Creates(NeedView) @ApiOkResponse({ type: NeedView })
  async nameNeed(@Body() body: NameNeed, @By() actor: Actor, @Res({ passthrough: true }) reply: { status(code: number): unknown }) {
    const { id, clientId, needCode, severity, reason } = body;
    const { state: { agency } } = await this.care.shared(clientId, actor, needDataClass(needCode));
    const source = isClient(actor) ? 'client' : body.source ?? 'practitioner';
    const act = actOf(actor, this.clock, body);
    const statement: Statement = { source, by: actor.sub, reason, severity, at: act.at };
    const { need, joined } = await this.database.transaction(() => this.identification.fromPerson({ clientId, agency }, needCode, statement, act, id));
    if (joined) reply.status(200);
    if (await this.care.may(actor, need, needDataClass(needCode))) return changed(need, view(need), path(need.id));
    return new Answer(statedOnly(need, statement), { etag: etagOf(need.version), planEntry: need.entry });
  }

  @Allow('need.confirm') @Post(':id/confirm') @Performs(NeedView)
  confirmNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: ConfirmNeed, @By() actor: Actor) {
    const withClient = isClient(actor) || body.withClient === true || body.onBehalfOf !== undefined;
    return this.change(id, body, actor, (n, { at }) => confirm(n, { withClient, at }));
  }

  @Allow('need.withdraw') @Post(':id/withdraw') @Performs(NeedView)
  withdrawNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: WithdrawNeed, @By() actor: Actor) {
    return this.change(id, body, actor, (n, { at }) => withdraw(n, { reason: body.reason, at }));
  }

  @Allow('need.close') @Post(':id/close') @Performs(NeedView)
  closeNeed(@Param('id', ParseUUIDPipe) id: string, @Body() body: CloseNeed, @By() actor: Actor) {
    return this.change(id, body, actor, (n, { at }) => close(n, { outcome: body.outcome, at }));
  }

  @Allow('need.enter-in-error') @Post(':id/enter-in-error') @Performs(NeedView)
  enterNeedInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.change(id, body, actor, (n, { at }) => enterInError(n, { reason: body.reason, at }));
  }

  private async mine(id: string, actor: Actor): Promise<Stored<Need>> {
    const stored = await this.needs.load(id);
    return this.care.require('need', stored, actor, stored && needDataClass(stored.state.code));
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (need: Need | undefined, act: Act) => NeedFact[]) {
    await this.mine(id, actor);
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

/** For those who may not read the need: what they said themselves. */
const statedOnly = ({ id, state }: Stored<Need>, statement: Statement): NeedView => {
  const { clientId, code, status } = state;
  return { id, clientId, needCode: code, severity: statement.severity, status, evidence: [{ ...statement }] };
};
