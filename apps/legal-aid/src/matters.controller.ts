import { Body, Controller, Get, Headers, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { DomainError, type Act } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, EnterInError, found, IfMatch, NeedsIfMatch, Performs, Reading, Recording } from '@opora/service';
import {
  activate, awaitThirdParty, checkConflict, close, decideEligibility, enterInError, nextDeadline, recordMatch, resolve, resume, setDeadline, writeSummary, type Matter, type MatterFact, type Next,
} from './domain/matter.js';
import { takeBack } from './domain/referral.js';
import { ConflictAsking } from './conflict-asking.js';
import { AskConflict, CheckConflict, DecideEligibility, MatterQuery, MatterView, NextDeadline, ResolveMatter, WriteSummary } from './matters.dto.js';
import { Matters } from './matters.store.js';
import { mustKnowZone } from './deadlines.controller.js';
import { Referrals } from './referrals.store.js';

/** The file itself is privileged; only its plan entry is not. */
const label = ({ state }: Stored<Matter>) => ({ clientId: state.clientId, agency: state.agency, dataClass: 'D3' as const });

const nextOf = ({ nextDeadline, noDeadlineReason, responsible, zone }: NextDeadline, actor: Actor): Next => {
  if (zone !== undefined) mustKnowZone(zone);
  if (nextDeadline !== undefined && noDeadlineReason === undefined) return { day: nextDeadline, ...(zone && { zone }), responsible: responsible ?? actor.sub };
  if (noDeadlineReason !== undefined && nextDeadline === undefined) return { none: noDeadlineReason };
  throw new DomainError('invalid', 'deadline-or-reason', 'Give the next deadline, or the reason why there is none', [{ pointer: '/nextDeadline', code: 'deadline-or-reason', detail: 'one of the two is needed' }]);
};

@ApiTags('matters')
@Controller('v1/legal-aid/matters')
export class MattersController {
  constructor(
    private readonly matters: Matters, private readonly referrals: Referrals, private readonly database: Database,
    private readonly reading: Reading, private readonly clock: Clock, private readonly asking: ConflictAsking,
  ) {}

  @Allow('matter.list') @Get() @AnswersPage(MatterView)
  async listMatters(@Query() query: MatterQuery, @By() actor: Actor) {
    const { status, clientId } = query;
    return this.reading.page(this.matters, actor, 'D3', { status, client_id: clientId && await this.reading.records(clientId) }, query, view);
  }

  @Allow('matter.read') @Get(':id') @Answers(MatterView)
  async getMatter(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return found(stored, view(stored));
  }

  /** Whether any of the other parties may be a client: `none` or `possible`, good for a short time. What follows from it you decide with conflict-check. */
  @Allow('matter.match-conflict') @Post(':id/conflict-match') @Performs(MatterView)
  async matchConflict(@Param('id', ParseUUIDPipe) id: string, @Body() body: AskConflict, @Headers('authorization') authorization: string, @By() actor: Actor) {
    const { state: { clientId } } = await this.mine(id, actor);
    const match = await this.asking.ask(body.adverseParties, clientId, authorization);
    return this.change(id, body, actor, (m) => recordMatch(m, match));
  }

  @Allow('matter.check-conflict') @Post(':id/conflict-check') @Performs(MatterView)
  checkConflict(@Param('id', ParseUUIDPipe) id: string, @Body() body: CheckConflict, @By() actor: Actor) {
    return this.change(id, body, actor, (m, { at, recordedAt }) => checkConflict(m, { ...body, at, recordedAt }));
  }

  @Allow('matter.decide-eligibility') @Post(':id/eligibility') @Performs(MatterView)
  decideEligibility(@Param('id', ParseUUIDPipe) id: string, @Body() body: DecideEligibility, @By() actor: Actor) {
    return this.change(id, body, actor, (m, { at }) => decideEligibility(m, { ...body, at }));
  }

  @Allow('matter.activate') @NeedsIfMatch() @Post(':id/activate') @Performs(MatterView)
  activateMatter(@Param('id', ParseUUIDPipe) id: string, @Body() body: NextDeadline, @IfMatch() expectedVersion: number, @By() actor: Actor) {
    const next = nextOf(body, actor);
    const deadlineId = newId();
    return this.change(id, body, actor, (m, { at }) => activate(m, { next, deadlineId, at }), expectedVersion);
  }

  @Allow('matter.set-deadline') @Post(':id/deadline') @Performs(MatterView)
  setDeadline(@Param('id', ParseUUIDPipe) id: string, @Body() body: NextDeadline, @By() actor: Actor) {
    const next = nextOf(body, actor);
    const deadlineId = newId();
    return this.change(id, body, actor, (m, { at }) => setDeadline(m, { next, deadlineId, at }));
  }

  @Allow('matter.await') @Post(':id/await-third-party') @Performs(MatterView)
  awaitThirdParty(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, awaitThirdParty);
  }

  @Allow('matter.resume') @Post(':id/resume') @Performs(MatterView)
  resumeMatter(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, resume);
  }

  @Allow('matter.write-summary') @Post(':id/summary') @Performs(MatterView)
  writeSummary(@Param('id', ParseUUIDPipe) id: string, @Body() body: WriteSummary, @By() actor: Actor) {
    return this.change(id, body, actor, (m, { at, recordedAt }) => writeSummary(m, { text: body.text, at, recordedAt }));
  }

  @Allow('matter.resolve') @Post(':id/resolve') @Performs(MatterView)
  resolveMatter(@Param('id', ParseUUIDPipe) id: string, @Body() body: ResolveMatter, @By() actor: Actor) {
    return this.change(id, body, actor, (m, { at }) => resolve(m, { ...body, at }));
  }

  @Allow('matter.close') @Post(':id/close') @Performs(MatterView)
  closeMatter(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, body, actor, close);
  }

  /** Takes the referral's answer back with it. */
  @Allow('matter.enter-in-error') @Post(':id/enter-in-error') @Performs(MatterView)
  enterMatterInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.database.transaction(async () => {
      const { state: { referralId } } = await this.mine(id, actor);
      await this.referrals.change(referralId, actOf(actor, this.clock, body), takeBack);
      return this.change(id, body, actor, (m, { at }) => enterInError(m, { reason: body.reason, at }));
    });
  }

  private async mine(id: string, actor: Actor): Promise<Stored<Matter>> {
    return this.reading.require('matter', await this.matters.load(id), actor, label);
  }

  private async change(id: string, body: Recording, actor: Actor, decide: (matter: Matter | undefined, act: Act) => MatterFact[], expectedVersion?: number) {
    await this.mine(id, actor);
    const act = actOf(actor, this.clock, body);
    const result = await this.matters.change(id, act, (m) => decide(m, act), { expectedVersion });
    return changed(result, view(result), `/v1/legal-aid/matters/${id}`);
  }
}

const view = ({ id, state }: Stored<Matter>): MatterView => {
  const { clientId, referralId, offer, status, adverseParties, summaries, match, recheck } = state;
  const next = nextDeadline(state);
  const reasonForNone = 'next' in state && 'none' in state.next ? state.next.none : undefined;
  const summary = summaries.at(-1)?.text;
  const working = status === 'active' || status === 'awaiting-third-party';
  return {
    id, clientId, referralId, offer, status, ...(next ? { nextDeadline: next.day } : reasonForNone && { noDeadlineReason: reasonForNone }),
    ...(working && !next && !reasonForNone && { needsDeadline: true }),
    ...('outcome' in state && { outcome: state.outcome }), ...('reason' in state && { reason: state.reason }),
    adverseParties: [...adverseParties], ...(match && { conflictMatch: { result: match.result, at: match.at, until: match.until } }), ...(recheck && { conflictRecheck: recheck }),
    ...(summary && { summary }),
  };
};
