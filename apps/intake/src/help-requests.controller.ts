import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, isClient, isSelf, type Actor } from '@opora/access';
import { DomainError, type Act } from '@opora/domain';
import { Clock, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, Performs, Reading, Recording } from '@opora/service';
import { Care } from './care.js';
import { enterInError, giveUrgentHelp, link, recordContact, register, resolve, triage } from './domain/help-request.js';
import { evolve, isOverdue, type HelpRequest, type HelpRequestFact } from './domain/help-request-state.js';
import { GiveUrgentHelp, HelpRequestQuery, HelpRequestView, LinkClient, RegisterHelpRequest, ResolveHelpRequest, TriageHelpRequest } from './help-requests.dto.js';
import { HelpRequests } from './help-requests.store.js';
import { People } from './people.js';
import { asSaid } from './sight.js';

const path = (id: string) => `/v1/intake/help-requests/${id}`;

@ApiTags('help-requests')
@Controller('v1/intake/help-requests')
export class HelpRequestsController {
  constructor(private readonly helpRequests: HelpRequests, private readonly care: Care, private readonly people: People, private readonly reading: Reading, private readonly clock: Clock) {}

  @Allow('help-request.list') @Get() @AnswersPage(HelpRequestView)
  async listHelpRequests(@Query() query: HelpRequestQuery, @By() actor: Actor) {
    const { status, clientId, overdue } = query;
    return this.reading.page(asSaid(this.helpRequests), actor, 'D1', { status, client_id: await this.people.among(clientId), overdue: overdue && overdue === 'true' }, query, view);
  }

  /** What others wrote is not shown to the client: it may speak of them too. */
  @Allow('help-request.read') @Get(':id') @Answers(HelpRequestView)
  async getHelpRequest(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    const { text, ...others } = view(stored);
    return found(stored, isClient(actor) && others.source !== 'self' ? others : { ...others, text });
  }

  /** A client asks for help for the own person only. */
  @Allow('help-request.register') @Post() @Creates(HelpRequestView)
  async registerHelpRequest(@Body() body: RegisterHelpRequest, @By() actor: Actor) {
    const { id: helpRequestId = newId(), source, reference, needCodes = [], text } = body;
    const clientId = isClient(actor) ? body.clientId ?? actor.clientId : body.clientId;
    if (isClient(actor) && (source !== 'self' || !isSelf(actor, clientId))) {
      throw new DomainError('forbidden', 'not-yours-to-say', 'A client asks for help for the own person, with the source self');
    }
    const agency = clientId === undefined ? actor.agency : (await this.client(clientId, actor)).state.agency;
    const act = actOf(actor, this.clock, body);
    const result = await this.helpRequests.change(helpRequestId, act, (r) => register(r, { helpRequestId, agency, clientId, source, reference, needCodes: [...new Set(needCodes)], text, at: act.at }));
    return changed(result, view(result), path(helpRequestId));
  }

  @Allow('help-request.triage') @Post(':id/triage') @Performs(HelpRequestView)
  async triageHelpRequest(@Param('id', ParseUUIDPipe) id: string, @Body() body: TriageHelpRequest, @By() actor: Actor) {
    const { urgency, clientId } = body;
    if (clientId !== undefined) await this.client(clientId, actor);
    return this.change(id, body, actor, (r, { at }) => {
      const linked = clientId === undefined ? [] : link(r, { clientId, at });
      return [...linked, ...triage(linked.reduce<HelpRequest | undefined>(evolve, r), { urgency, at })];
    });
  }

  @Allow('help-request.link-client') @Post(':id/link-client') @Performs(HelpRequestView)
  async linkClient(@Param('id', ParseUUIDPipe) id: string, @Body() body: LinkClient, @By() actor: Actor) {
    const { clientId } = body;
    await this.client(clientId, actor);
    return this.change(id, body, actor, (r, { at }) => link(r, { clientId, at }));
  }

  @Allow('help-request.record-contact') @Post(':id/contact') @Performs(HelpRequestView)
  recordFirstContact(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, recordContact);
  }

  @Allow('help-request.give-urgent-help') @Post(':id/urgent-help') @Performs(HelpRequestView)
  giveUrgentHelp(@Param('id', ParseUUIDPipe) id: string, @Body() body: GiveUrgentHelp, @By() actor: Actor) {
    const { help, text } = body;
    return this.change(id, body, actor, (r, { at }) => giveUrgentHelp(r, { help, text, at }));
  }

  @Allow('help-request.resolve') @Post(':id/resolve') @Performs(HelpRequestView)
  resolveHelpRequest(@Param('id', ParseUUIDPipe) id: string, @Body() body: ResolveHelpRequest, @By() actor: Actor) {
    return this.change(id, body, actor, (r, { at }) => resolve(r, { outcome: body.outcome, at }));
  }

  @Allow('help-request.enter-in-error') @Post(':id/enter-in-error') @Performs(HelpRequestView)
  enterHelpRequestInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.change(id, body, actor, (r, { at }) => enterInError(r, { reason: body.reason, at }));
  }

  private async mine(id: string, actor: Actor): Promise<Stored<HelpRequest>> {
    return this.care.require('help request', await this.helpRequests.load(id), actor);
  }

  /** Somebody else's client in the body is the body's mistake; it does not say whether there is such a person. */
  private client(clientId: string, actor: Actor) {
    return this.care.own(clientId, actor).catch((error: unknown) => {
      if (!(error instanceof DomainError && error.kind === 'absent')) throw error;
      throw new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: '/clientId', code: 'client-unknown', detail: 'is no client of your agency' }]);
    });
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (request: HelpRequest | undefined, act: Act) => HelpRequestFact[]) {
    await this.mine(id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.helpRequests.change(id, act, (r) => decide(r, act));
    return changed(result, view(result), path(id));
  }
}

const view = ({ id, state }: Stored<HelpRequest>): HelpRequestView => {
  const { helpRequestId: _, overdueAt: __, contact, ...shown } = state;
  return { id, ...shown, overdue: isOverdue(state), ...(contact && { firstContact: contact }) };
};
