import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, pageOf, Performs, Recording } from '@opora/service';
import { isVisible } from './domain/instrument.js';
import { agree, enterInError, retire, revise, type Interpretation, type InterpretationFact, type Scale } from './domain/interpretation.js';
import { TakesTurn } from './evaluation.turns.js';
import { Evaluator } from './evaluator.js';
import { isScoreItem } from './instruments/index.js';
import { Instruments } from './instruments.store.js';
import { AgreeInterpretation, InterpretationQuery, InterpretationView, ReviseInterpretation } from './interpretations.dto.js';
import { Interpretations } from './interpretations.store.js';

const path = (id: string) => `/v1/intake/interpretations/${id}`;
const scaleOf = ({ least, most, step = 1, ranges, source }: ReviseInterpretation): Scale => ({
  least, most, step, source, ranges: ranges.map(({ from, to, code, text: { en, ru } }) => ({ from, to, code, text: { en, ru } })) });

@ApiTags('interpretations')
@Controller('v1/intake/interpretations')
export class InterpretationsController {
  constructor(
    private readonly interpretations: Interpretations, private readonly instruments: Instruments, private readonly evaluator: Evaluator, private readonly database: Database, private readonly clock: Clock,
  ) {}

  /** Of the own agency. */
  @Allow('interpretation.list') @Get() @AnswersPage(InterpretationView)
  listInterpretations(@Query() query: InterpretationQuery, @By() { agency }: Actor) {
    return pageOf(this.interpretations, { agency, instrument_id: query.instrumentId, status: query.status }, query, view);
  }

  @Allow('interpretation.read') @Get(':id') @Answers(InterpretationView)
  async getInterpretation(@Param('id', ParseUUIDPipe) id: string, @By() { agency }: Actor) {
    const stored = await this.interpretations.load(id);
    const instrument = stored && await this.instruments.load(stored.state.instrumentId);
    // That of the agency that keeps the instrument counts for everybody who has none of their own.
    const shared = stored?.state.agency === instrument?.state.agency && instrument !== undefined && isVisible(instrument.state, agency);
    if (!stored || (stored.state.agency !== agency && !shared)) throw absent('interpretation');
    return found(stored, view(stored));
  }

  /** What the own agency takes a score to mean. Scores of screenings completed from now on are shown with it. */
  @Allow('interpretation.agree') @TakesTurn() @Post() @Creates(InterpretationView)
  async agreeInterpretation(@Body() body: AgreeInterpretation, @By() actor: Actor) {
    const { agency } = actor;
    const { instrumentId, linkId = null } = body;
    await this.mustBeScore(agency, instrumentId, linkId);
    const interpretationId = newId();
    const act = actOf(actor, this.clock, body);
    return this.database.transaction(async () => {
      const taken = await this.interpretations.isTaken({ agency, instrumentId, linkId });
      const result = await this.interpretations.change(interpretationId, act, (i) =>
        agree(i, { interpretationId, agency, instrumentId, linkId, scale: scaleOf(body), taken, at: act.at }));
      return changed(result, view(result), path(interpretationId));
    });
  }

  @Allow('interpretation.revise') @Post(':id/versions') @Performs(InterpretationView)
  reviseInterpretation(@Param('id', ParseUUIDPipe) id: string, @Body() body: ReviseInterpretation, @By() actor: Actor) {
    return this.change(id, body, actor, (i, { at }) => revise(i, { scale: scaleOf(body), at }));
  }

  @Allow('interpretation.retire') @Post(':id/retire') @Performs(InterpretationView)
  retireInterpretation(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, retire);
  }

  /** No score is shown with it any more, whenever it was worked out. */
  @Allow('interpretation.enter-in-error') @Post(':id/enter-in-error') @Performs(InterpretationView)
  enterInterpretationInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.change(id, body, actor, (i, { at }) => enterInError(i, { reason: body.reason, at }));
  }

  private async mustBeScore(agency: string, instrumentId: string, linkId: string | null): Promise<void> {
    const instrument = await this.instruments.load(instrumentId);
    if (!instrument || !isVisible(instrument.state, agency) || !['draft', 'published'].includes(instrument.state.status)) {
      throw new DomainError('invalid', 'instrument-unknown', 'Name a published instrument, or a draft of your agency', [{ pointer: '/instrumentId', code: 'instrument-unknown', detail: 'is none' }]);
    }
    if (linkId !== null && !isScoreItem(await this.evaluator.excerpt(await this.instruments.document(instrumentId), [linkId], agency), linkId)) {
      throw new DomainError('invalid', 'no-score-item', 'Name a calculated item of this instrument that is a number', [{ pointer: '/linkId', code: 'no-score-item', detail: 'is none' }]);
    }
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (interpretation: Interpretation | undefined, act: Act) => InterpretationFact[]) {
    if ((await this.interpretations.load(id))?.state.agency !== actor.agency) throw absent('interpretation');
    const act = actOf(actor, this.clock, body);
    const result = await this.interpretations.change(id, act, (i) => decide(i, act));
    return changed(result, view(result), path(id));
  }
}

const view = ({ id, state: { agency, instrumentId, linkId, status, versions } }: Stored<Interpretation>): InterpretationView => {
  const all = versions.map((version, i) => ({ interpretationVersion: i + 1, ...version, ranges: [...version.ranges] }));
  return { id, agency, instrumentId, linkId, status, ...all.at(-1)!, versions: all };
};
