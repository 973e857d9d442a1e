import { BadRequestException, Body, Controller, Get, Header, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, type Act } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AsSent, AnswersPage, By, changed, Creates, EnterInError, found, Language, pageOf, Performs, Recording, TakesText } from '@opora/service';
import { enterInError, isVisible, publish, readQuestionnaire, retire, takeIn, type Instrument, type InstrumentFact } from './domain/instrument.js';
import { TakesTurn } from './evaluation.turns.js';
import { Evaluator } from './evaluator.js';
import { InstrumentQuery, InstrumentView, PrintQuery, TryInstrument, TryView } from './instruments.dto.js';
import { printPage } from './instruments.print.js';
import { Instruments } from './instruments.store.js';
import { Trial } from './instruments.trial.js';
import { printPolicy } from './printed-page.js';

const path = (id: string) => `/v1/intake/instruments/${id}`;
const questionnaire = { type: 'object' as const, additionalProperties: true, required: ['resourceType'], description: 'A FHIR R4 Questionnaire' };

@ApiTags('instruments')
@Controller('v1/intake')
export class InstrumentsController {
  constructor(
    private readonly instruments: Instruments, private readonly evaluator: Evaluator, private readonly trial: Trial,
    private readonly database: Database, private readonly clock: Clock,
  ) {}

  @Allow('instrument.list') @Get('instruments') @AnswersPage(InstrumentView)
  listInstruments(@Query() query: InstrumentQuery, @By() actor: Actor) {
    const { status = 'published' } = query;
    return pageOf(this.instruments, { status, ...(status !== 'published' && { agency: actor.agency }) }, query, view);
  }

  /** The body is the questionnaire itself: kept as sent, not as a request of ours, and not read in this process. */
  @Allow('instrument.take-in') @TakesTurn() @TakesText() @ApiConsumes('application/fhir+json', 'application/json') @ApiBody({ schema: questionnaire }) @Post('instruments') @Creates(InstrumentView)
  async takeInInstrument(@AsSent() text: string, @By() actor: Actor) {
    const { says, ...found } = await this.evaluator.check(text, actor.agency);
    if (!says) throw new BadRequestException();
    const read = readQuestionnaire(says, found);
    const instrumentId = newId();
    const act = actOf(actor, this.clock);
    return this.database.transaction(async () => {
      const instrumentVersion = await this.instruments.nextVersion(actor.agency, read.url);
      const result = await this.instruments.change(instrumentId, act, (i) =>
        takeIn(i, { instrumentId, agency: actor.agency, instrumentVersion, ...read, at: act.at }));
      await this.instruments.keep(instrumentId, text);
      return changed(result, view(result), path(instrumentId));
    });
  }

  /** Nothing is stored. A draft can be tried before it is published; each expression is answered with what it gave, or why it gave nothing. */
  @Allow('instrument.try') @TakesTurn() @Post('instruments::try') @Answers(TryView)
  async tryInstrument(@Body() { instrumentId, responses }: TryInstrument, @By() actor: Actor) {
    const stored = await this.visible(instrumentId, actor);
    const results: TryView['results'] = [];
    for (const response of responses) results.push(await this.trial.of(stored, actor.agency, response, this.clock.now()));
    return { results };
  }

  @Allow('instrument.read') @Get('instruments/:id') @Answers(InstrumentView)
  async getInstrument(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.visible(id, actor);
    return found(stored, view(stored));
  }

  @Allow('instrument.read-questionnaire') @ApiOkResponse({ content: { 'application/fhir+json': { schema: questionnaire } } })
  @Get('instruments/:id/questionnaire') @Header('content-type', 'application/fhir+json; charset=utf-8')
  async getQuestionnaire(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor): Promise<string> {
    await this.visible(id, actor);
    return this.instruments.document(id);
  }

  /** For paper, in the language that is asked for, where the questionnaire is translated. What comes back on paper is entered with `channel: paper`. */
  @Allow('instrument.print') @TakesTurn() @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  @Get('instruments/:id/print') @Header('content-type', 'text/html; charset=utf-8') @Header('content-security-policy', printPolicy) @Header('x-content-type-options', 'nosniff')
  async printInstrument(@Param('id', ParseUUIDPipe) id: string, @Query() query: PrintQuery, @Language() accepted: 'en' | 'ru', @By() actor: Actor): Promise<string> {
    const { state } = await this.visible(id, actor);
    const language = query.language ?? accepted;
    return printPage(await this.evaluator.print(await this.instruments.document(id), language, actor.agency), state, language);
  }

  @Allow('instrument.publish') @Post('instruments/:id/publish') @Performs(InstrumentView)
  publishInstrument(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, publish);
  }

  @Allow('instrument.retire') @Post('instruments/:id/retire') @Performs(InstrumentView)
  retireInstrument(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, retire);
  }

  @Allow('instrument.enter-in-error') @Post('instruments/:id/enter-in-error') @Performs(InstrumentView)
  async enterInstrumentInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    const used = await this.instruments.isUsed(id);
    return this.change(id, body, actor, (i, { at }) => enterInError(i, { reason: body.reason, used, at }));
  }

  private async visible(id: string, actor: Actor): Promise<Stored<Instrument>> {
    const stored = await this.instruments.load(id);
    if (!stored || !isVisible(stored.state, actor.agency)) throw absent('instrument');
    return stored;
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (instrument: Instrument | undefined, act: Act) => InstrumentFact[]) {
    if ((await this.instruments.load(id))?.state.agency !== actor.agency) throw absent('instrument');
    const act = actOf(actor, this.clock, body);
    const result = await this.instruments.change(id, act, (i) => decide(i, act));
    return changed(result, view(result), path(id));
  }
}

const view = ({ id, state }: Stored<Instrument>): InstrumentView => {
  const { agency, status, instrumentVersion, url, documentVersion, title, notComputed } = state;
  return { id, agency, status, instrumentVersion, ...(url && { url }), ...(documentVersion && { documentVersion }), ...(title && { title }), notComputed: [...notComputed] };
};
