import { Body, Controller, Get, Header, Headers, Param, ParseUUIDPipe, Post, Put, Query, UseInterceptors } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, Database, newId, type Changed, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, IfMatch, NeedsIfMatch, Performs, Reading, type Recording } from '@opora/service';
import { Care } from './care.js';
import { findings, type Result, type Sent } from './domain/assessment.js';
import { isVisible } from './domain/instrument.js';
import { amend, answersOf, complete, enterInError, plan, save, type Channel, type Screening, type ScreeningFact } from './domain/screening.js';
import { TakesTurn } from './evaluation.turns.js';
import { FhirBody, responsePointer } from './fhir-body.interceptor.js';
import { Instruments } from './instruments.store.js';
import { Identification } from './needs.identification.js';
import { People } from './people.js';
import { CompleteScreening, PlanScreening, ScreeningQuery, ScreeningView, SendAnswers, WhyView } from './screenings.dto.js';
import { Assessing } from './screenings.assessing.js';
import { Screenings } from './screenings.store.js';
import { ScreeningViews } from './screenings.view.js';
import { asSaid } from './sight.js';

const questionnaireResponse = { type: 'object' as const, additionalProperties: true, required: ['resourceType'], description: 'A FHIR R4 QuestionnaireResponse' };
const path = (id: string) => `/v1/intake/screenings/${id}`;

@ApiTags('screenings')
@Controller('v1/intake/screenings')
export class ScreeningsController {
  constructor(
    private readonly screenings: Screenings, private readonly instruments: Instruments, private readonly assessing: Assessing, private readonly views: ScreeningViews,
    private readonly identification: Identification, private readonly care: Care, private readonly people: People, private readonly reading: Reading, private readonly database: Database, private readonly clock: Clock,
  ) {}

  @Allow('screening.list') @Get() @AnswersPage(ScreeningView)
  async listScreenings(@Query() query: ScreeningQuery, @By() actor: Actor) {
    const page = await this.reading.page(asSaid(this.screenings), actor, 'D2', { client_id: await this.people.among(query.clientId), status: query.status }, query, (stored) => stored);
    return { ...page, items: await Promise.all(page.items.map((stored) => this.views.view(stored))) };
  }

  @Allow('screening.read') @Get(':id') @Answers(ScreeningView)
  async getScreening(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return found(stored, await this.views.view(stored));
  }

  /** With the questionnaire's own displays and scores, and the calculated values. */
  @Allow('screening.read-response') @ApiOkResponse({ content: { 'application/fhir+json': { schema: questionnaireResponse } } })
  @Get(':id/response') @Header('content-type', 'application/fhir+json; charset=utf-8')
  async getResponse(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor): Promise<string> {
    const { state } = await this.mine(id, actor);
    const response = 'result' in state ? state.result.response : 'response' in state ? state.response : undefined;
    if (!response) throw absent('response');
    return JSON.stringify(response);
  }

  /** Per need that the screening found: the rule's version, its condition, and the answers and scores that it read, in words. */
  @Allow('screening.why') @TakesTurn() @Get(':id/why') @Answers(WhyView)
  async getScreeningWhy(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return found(stored, await this.views.why(stored));
  }

  @Allow('screening.plan') @Post() @Creates(ScreeningView)
  async planScreening(@Body() body: PlanScreening, @By() actor: Actor) {
    const { id: screeningId = newId(), clientId, instrumentId } = body;
    await this.care.own(clientId, actor);
    const instrument = (await this.instruments.load(instrumentId))?.state;
    if (!instrument || !isVisible(instrument, actor.agency)) throw absent('instrument');
    const { instrumentVersion, status } = instrument;
    const act = actOf(actor, this.clock, body);
    const result = await this.screenings.change(screeningId, act, (s) =>
      plan(s, { screeningId, clientId, agency: actor.agency, instrumentId, instrumentVersion, published: status === 'published', at: act.at }));
    return changed(result, await this.views.view(result), path(screeningId));
  }

  @Allow('screening.save') @TakesTurn() @ApiConsumes('application/json', 'application/fhir+json') @NeedsIfMatch()
  @UseInterceptors(FhirBody) @Put(':id/response') @Answers(ScreeningView)
  async saveAnswers(
    @Param('id', ParseUUIDPipe) id: string, @Body() body: SendAnswers, @IfMatch() expectedVersion: number,
    @Headers('content-type') contentType: string, @By() actor: Actor,
  ) {
    const { state } = await this.mine(id, actor);
    const act = actOf(actor, this.clock, forClient(body, state));
    const response = answersOf(state, 'save', body.response);
    const evaluation = await this.assessing.evaluation(state, { response, pointer: responsePointer(contentType) }, 'in-progress', act.at);
    const result = await this.screenings.change(id, act, (s) => save(s, { evaluation, channel: body.channel, at: act.at }), { expectedVersion });
    return changed(result, await this.views.view(result), path(id));
  }

  @Allow('screening.complete') @TakesTurn() @ApiConsumes('application/json', 'application/fhir+json')
  @UseInterceptors(FhirBody) @Post(':id/complete') @Performs(ScreeningView)
  async completeScreening(@Param('id', ParseUUIDPipe) id: string, @Body() body: CompleteScreening, @Headers('content-type') contentType: string, @By() actor: Actor) {
    const { state } = await this.mine(id, actor);
    const response = answersOf(state, 'complete', body.response);
    const saved = body.response === undefined ? response : undefined;
    return this.finish(id, state, 'completed', { response, pointer: responsePointer(contentType) }, actOf(actor, this.clock, forClient(body, state)),
      (s, result, { at }) => complete(s, { result, saved, channel: body.channel, at }));
  }

  /** Scores, interpretations and needs are worked out again; `changes` says which needs changed, and why. */
  @Allow('screening.amend') @TakesTurn() @ApiConsumes('application/json', 'application/fhir+json')
  @UseInterceptors(FhirBody) @Post(':id/amend') @Performs(ScreeningView)
  async amendScreening(@Param('id', ParseUUIDPipe) id: string, @Body() body: SendAnswers, @Headers('content-type') contentType: string, @By() actor: Actor) {
    const { state } = await this.mine(id, actor);
    const response = answersOf(state, 'amend', body.response);
    return this.finish(id, state, 'amended', { response, pointer: responsePointer(contentType) }, actOf(actor, this.clock, forClient(body, state)),
      (s, result, { at }) => amend(s, { result, channel: body.channel, at }));
  }

  /** Needs that stand on nothing else go with it, and so do their plan entries. */
  @Allow('screening.enter-in-error') @Post(':id/enter-in-error') @Performs(ScreeningView)
  async enterScreeningInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    await this.mine(id, actor);
    const act = actOf(actor, this.clock, body);
    return this.database.transaction(async () => {
      const result = await this.screenings.change(id, act, (s) => enterInError(s, { reason: body.reason, at: act.at }));
      return this.told(result, await this.identification.fromScreening(result.state, new Map(), 'screening-entered-in-error', act));
    });
  }

  /** Answers, scores and needs are there together or not at all. What takes long is worked out before anything is locked. */
  private async finish(id: string, pinned: Screening, status: 'completed' | 'amended', sent: Sent, act: Act,
    decide: (screening: Screening | undefined, result: Result, act: Act) => ScreeningFact[]) {
    for (let tries = 0; tries < 3; tries += 1) {
      const assessed = await this.assessing.result(pinned, sent, status, act.at);
      const done = await this.database.transaction(async () => {
        if (!await this.assessing.stillHolds(pinned.instrumentId, assessed)) return undefined;
        const result = await this.screenings.change(id, act, (s) => decide(s, assessed.result, act));
        return this.told(result, await this.identification.fromScreening(result.state, findings(id, assessed.result, assessed.rules, act.at), 'screening-amended', act));
      });
      if (done) return done;
    }
    throw new DomainError('conflict', 'changed-at-once', 'The rules were changed at the same moment; try again');
  }

  /** There is room for one entry: the last one told. */
  private async told(result: Changed<Screening>, needs: readonly { entry?: string | undefined }[]) {
    return changed({ ...result, entry: needs.at(-1)?.entry }, await this.views.view(result), path(result.id));
  }

  private async mine(id: string, actor: Actor): Promise<Stored<Screening>> {
    return this.care.require('screening', await this.screenings.load(id), actor, 'D2');
  }
}

/** What came back on paper was said by the client, whoever types it in. */
const forClient = <B extends Recording & { channel?: Channel }>(body: B, { clientId }: Screening): Recording =>
  (body.channel === 'paper' && body.onBehalfOf === undefined ? { ...body, onBehalfOf: clientId } : body);
