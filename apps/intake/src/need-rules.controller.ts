import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, DomainError, type Act, type Trouble } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, pageOf, Performs, Recording } from '@opora/service';
import { isVisible } from './domain/instrument.js';
import { enterInError, retire, revise, write, type NeedRule, type NeedRuleFact, type RuleText } from './domain/need-rule.js';
import { TakesTurn } from './evaluation.turns.js';
import { Evaluator } from './evaluator.js';
import { Instruments } from './instruments.store.js';
import { NeedRuleQuery, NeedRuleView, ReviseNeedRule, WriteNeedRule } from './need-rules.dto.js';
import { NeedRules } from './need-rules.store.js';
import { Identification } from './needs.identification.js';

const path = (id: string) => `/v1/intake/need-rules/${id}`;
const textOf = ({ condition, needCode: need, severity, explanation: { en, ru } }: ReviseNeedRule): RuleText => ({ condition, need, severity, explanation: { en, ru } });

@ApiTags('need rules')
@Controller('v1/intake/need-rules')
export class NeedRulesController {
  constructor(
    private readonly rules: NeedRules, private readonly instruments: Instruments, private readonly identification: Identification, private readonly evaluator: Evaluator,
    private readonly database: Database, private readonly clock: Clock,
  ) {}

  /** Of the instruments that the caller may see. */
  @Allow('need-rule.list') @Get() @AnswersPage(NeedRuleView)
  listNeedRules(@Query() query: NeedRuleQuery, @By() { agency }: Actor) {
    return pageOf(this.rules, { visibleTo: agency, instrument_id: query.instrumentId, status: query.status }, query, view);
  }

  @Allow('need-rule.read') @Get(':id') @Answers(NeedRuleView)
  async getNeedRule(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.rules.load(id);
    const instrument = stored && await this.instruments.load(stored.state.instrumentId);
    if (!instrument || !isVisible(instrument.state, actor.agency)) throw absent('need rule');
    return found(stored, view(stored));
  }

  /** For an instrument of the own agency: the rule speaks in every screening with it. */
  @Allow('need-rule.write') @TakesTurn() @Post() @Creates(NeedRuleView)
  async writeNeedRule(@Body() body: WriteNeedRule, @By() actor: Actor) {
    const { instrumentId } = body;
    const instrument = await this.instruments.load(instrumentId);
    if (instrument?.state.agency !== actor.agency || !['draft', 'published'].includes(instrument.state.status)) {
      throw new DomainError('invalid', 'instrument-unknown', 'Name a draft or published instrument of your agency', [{ pointer: '/instrumentId', code: 'instrument-unknown', detail: 'is none' }]);
    }
    const troubles = await this.troubles(body, instrumentId, actor);
    const ruleId = newId();
    const act = actOf(actor, this.clock, body);
    const result = await this.rules.change(ruleId, act, (r) => write(r, { ruleId, instrumentId, agency: actor.agency, troubles, text: textOf(body), at: act.at }));
    return changed(result, view(result), path(ruleId));
  }

  @Allow('need-rule.revise') @TakesTurn() @Post(':id/versions') @Performs(NeedRuleView)
  async reviseNeedRule(@Param('id', ParseUUIDPipe) id: string, @Body() body: ReviseNeedRule, @By() actor: Actor) {
    const { state: { instrumentId } } = await this.mine(id, actor);
    const troubles = await this.troubles(body, instrumentId, actor);
    return this.change(id, body, actor, (r, { at }) => revise(r, { troubles, text: textOf(body), at }));
  }

  @Allow('need-rule.retire') @Post(':id/retire') @Performs(NeedRuleView)
  retireNeedRule(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, retire);
  }

  /** Needs that only this rule had found go; those confirmed with the client are flagged. */
  @Allow('need-rule.enter-in-error') @Post(':id/enter-in-error') @Performs(NeedRuleView)
  enterNeedRuleInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.database.transaction(async () => {
      const answer = await this.change(id, body, actor, (r, { at }) => enterInError(r, { reason: body.reason, at }));
      await this.identification.withoutRule(id, actOf(actor, this.clock, body));
      return answer;
    });
  }

  private async troubles({ condition }: ReviseNeedRule, instrumentId: string, { agency }: Actor): Promise<Trouble[]> {
    return this.evaluator.compile(condition, await this.instruments.document(instrumentId), agency);
  }

  private async mine(id: string, actor: Actor): Promise<Stored<NeedRule>> {
    const stored = await this.rules.load(id);
    if (stored?.state.agency !== actor.agency) throw absent('need rule');
    return stored;
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (rule: NeedRule | undefined, act: Act) => NeedRuleFact[]) {
    await this.mine(id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.rules.change(id, act, (r) => decide(r, act));
    return changed(result, view(result), path(id));
  }
}

const view = ({ id, state: { instrumentId, agency, status, versions } }: Stored<NeedRule>): NeedRuleView => {
  const all = versions.map(({ need: needCode, ...text }, i) => ({ ruleVersion: i + 1, needCode, ...text }));
  return { id, instrumentId, agency, status, ...all.at(-1)!, versions: all };
};
