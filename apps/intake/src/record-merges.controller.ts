import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, newId, type Changed, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, Performs, Reading, Recording } from '@opora/service';
import { Care } from './care.js';
import { decline, declineUndo, enterInError, proposeUndo, type RecordMerge } from './domain/record-merge.js';
import { Merging } from './merging.js';
import { ProposeMerge, ReasonForMerge, RecordMergeQuery, RecordMergeView } from './record-merges.dto.js';
import { RecordMerges } from './record-merges.store.js';

/** Two records of one person, read as one: proposed by one worker, decided on by another, and undone in the same way. */
@ApiTags('record-merges')
@Controller('v1/intake/record-merges')
export class RecordMergesController {
  constructor(private readonly merges: RecordMerges, private readonly merging: Merging, private readonly care: Care, private readonly reading: Reading, private readonly clock: Clock) {}

  @Allow('merge.list') @Get() @AnswersPage(RecordMergeView)
  async listMerges(@Query() query: RecordMergeQuery, @By() actor: Actor) {
    const { status, survivingId, mergedId } = query;
    const page = await this.reading.page(this.merges, actor, 'D1', { status, client_id: survivingId, merged_id: mergedId }, query, (stored) => stored);
    // The page is of those whose surviving record the reader may see; the other may be hidden from the reader.
    const seen = await Promise.all(page.items.map(({ state }) => this.care.onFile(state.mergedId, actor).then(() => true, isAbsent)));
    return { ...page, items: page.items.filter((_, at) => seen[at]).map(view) };
  }

  @Allow('merge.read') @Get(':id') @Answers(RecordMergeView)
  async getMerge(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.own(id, actor);
    return found(stored, view(stored));
  }

  @Allow('merge.propose') @Post() @Creates(RecordMergeView)
  async proposeMerge(@Body() body: ProposeMerge, @By() actor: Actor) {
    const { id: mergeId = newId(), survivingId, mergedId, reason } = body;
    return answer(await this.merging.propose({ mergeId, clientId: survivingId, mergedId, reason }, actOf(actor, this.clock, body), actor));
  }

  /** From now on each of the two ids means both records. */
  @Allow('merge.confirm') @Post(':id/confirm') @Performs(RecordMergeView)
  confirmMerge(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.decided(id, body, actor, (merge, act) => this.merging.confirm(merge, act, actor));
  }

  @Allow('merge.decline') @Post(':id/decline') @Performs(RecordMergeView)
  declineMerge(@Param('id', ParseUUIDPipe) id: string, @Body() body: ReasonForMerge, @By() actor: Actor) {
    return this.decided(id, body, actor, (_, act) => this.merges.change(id, act, (m) => decline(m, { ...act, reason: body.reason })));
  }

  @Allow('merge.propose-undo') @Post(':id/propose-undo') @Performs(RecordMergeView)
  proposeUnmerge(@Param('id', ParseUUIDPipe) id: string, @Body() body: ReasonForMerge, @By() actor: Actor) {
    return this.decided(id, body, actor, (_, act) => this.merges.change(id, act, (m) => proposeUndo(m, { ...act, reason: body.reason })));
  }

  /** Both records are as they were; what was recorded meanwhile stays with the id under which it was recorded. */
  @Allow('merge.confirm-undo') @Post(':id/confirm-undo') @Performs(RecordMergeView)
  confirmUnmerge(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @By() actor: Actor) {
    return this.decided(id, body, actor, (merge, act) => this.merging.confirmUndo(merge, act));
  }

  @Allow('merge.decline-undo') @Post(':id/decline-undo') @Performs(RecordMergeView)
  declineUnmerge(@Param('id', ParseUUIDPipe) id: string, @Body() body: ReasonForMerge, @By() actor: Actor) {
    return this.decided(id, body, actor, (_, act) => this.merges.change(id, act, (m) => declineUndo(m, { ...act, reason: body.reason })));
  }

  @Allow('merge.enter-in-error') @Post(':id/enter-in-error') @Performs(RecordMergeView)
  enterMergeInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.decided(id, body, actor, (_, act) => this.merges.change(id, act, (m) => enterInError(m, { reason: body.reason, at: act.at })));
  }

  private async decided(id: string, body: Recording, actor: Actor, decide: (merge: Stored<RecordMerge>, act: Act) => Promise<Changed<RecordMerge>>) {
    return answer(await decide(await this.own(id, actor), actOf(actor, this.clock, body)));
  }

  /** Nobody decides on records that they may not read. */
  private async own(id: string, actor: Actor): Promise<Stored<RecordMerge>> {
    const stored = await this.merges.load(id);
    if (!stored) throw absent('merge');
    for (const clientId of [stored.state.clientId, stored.state.mergedId]) await this.care.onFile(clientId, actor);
    return stored;
  }
}

const isAbsent = (error: unknown): false => {
  if (error instanceof DomainError && error.kind === 'absent') return false;
  throw error;
};

const answer = (result: Changed<RecordMerge>) => changed(result, view(result), `/v1/intake/record-merges/${result.id}`);

const view = ({ id, state: { status, clientId, mergedId, reason, proposedBy } }: Stored<RecordMerge>): RecordMergeView => ({ id, status, survivingId: clientId, mergedId, reason, proposedBy });
