import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answer, Answers, AnswersPage, By, changed, Creates, etagOf, Performs, Reading } from '@opora/service';
import { Care } from './care.js';
import { Consents, recordOf } from './consents.store.js';
import type { About } from './domain/care-team.js';
import type { CircumstanceFact, Circumstances, RecordOpening } from './domain/circumstances.js';
import type { ConsentRecord } from './domain/consent.js';
import { close, open, review } from './domain/opening.js';
import { Looks } from './looks.store.js';
import { OpeningQuery, OpeningView, OpenRecord, ReviewOpening } from './openings.dto.js';
import { Openings } from './openings.store.js';
import { asSaid, oversees } from './sight.js';

const path = (id: string) => `/v1/intake/openings/${id}`;

/** Break-glass: a record is opened to one worker, with a reason, for an hour at most, and a supervisor reviews it. */
@ApiTags('openings')
@Controller('v1/intake')
export class OpeningsController {
  constructor(
    private readonly consents: Consents, private readonly openings: Openings, private readonly care: Care, private readonly reading: Reading,
    private readonly looks: Looks, private readonly database: Database, private readonly clock: Clock,
  ) {}

  /** To you alone, and at once. Supervisors of the agency that keeps the record are told, and so is the person who looks at who looked. */
  @Allow('record.open') @Post('clients/:id/openings') @Creates(OpeningView)
  async openRecord(@Param('id', ParseUUIDPipe) id: string, @Body() body: OpenRecord, @By() actor: Actor) {
    const { state: client } = await this.care.own(id, actor);
    const { reason, text, minutes } = body;
    const openingId = newId();
    const act = actOf(actor, this.clock);
    return this.database.transaction(async () => {
      await this.looks.record(actor, { action: 'open', purpose: reason }, [id]);
      const result = await this.consents.change(recordOf(id), act, (record) =>
        open(record?.circumstances, { clientId: id, agency: client.agency, at: act.at, openingId, subject: actor.sub, subjectAgency: actor.agency, reason, text, minutes }));
      return changed(result, this.view(result.state, openingId, actor), path(openingId));
    });
  }

  /** Oldest first. */
  @Allow('opening.list') @Get('openings') @AnswersPage(OpeningView)
  listOpenings(@Query() query: OpeningQuery, @By() actor: Actor) {
    return this.reading.page(asSaid(this.openings), actor, 'D1', { agency: actor.agency, review: query.review }, query, ({ state: { opening, ...kept } }) => this.shown(opening, kept, actor));
  }

  @Allow('opening.read') @Get('openings/:id') @Answers(OpeningView)
  async getOpening(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const { state, version } = await this.mine(id, actor);
    return new Answer(this.view(state, id, actor), { etag: etagOf(version) });
  }

  /** Before its time. By whoever had it opened, or by a supervisor. */
  @Allow('opening.end') @Post('openings/:id/end') @Performs(OpeningView)
  async endOpening(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    return this.change(id, await this.mine(id, actor), actor, (known, about) => close(known, { ...about, openingId: id }));
  }

  /** By a supervisor of the keeping agency, who is not the one to whom it was opened. What was not justified and still runs ends with it. */
  @Allow('opening.review') @Post('openings/:id/review') @Performs(OpeningView)
  async reviewOpening(@Param('id', ParseUUIDPipe) id: string, @Body() { finding, text }: ReviewOpening, @By() actor: Actor) {
    const stored = await this.mine(id, actor);
    return this.change(id, stored, actor, (known, about) => review(known, { ...about, openingId: id, by: actor.sub, finding, text }));
  }

  /** Whose it is and who oversees, no policy knows; from whom the person is protected, they do. */
  private async mine(id: string, actor: Actor): Promise<Stored<ConsentRecord>> {
    const stored = await this.care.require('opening', await this.openings.recordOf(id), actor);
    const subject = stored.state.circumstances!.openings.find(({ openingId }) => openingId === id)!.subject;
    if (subject !== actor.sub && !oversees(actor, stored.state)) throw absent('opening');
    return stored;
  }

  private async change(id: string, { id: recordId, state: { clientId, agency } }: Stored<ConsentRecord>, actor: Actor, decide: (known: Circumstances | undefined, about: About) => CircumstanceFact[]) {
    const act = actOf(actor, this.clock);
    const result = await this.consents.change(recordId, act, (record) => decide(record?.circumstances, { clientId, agency, at: act.at }));
    return changed(result, this.view(result.state, id, actor), path(id));
  }

  private view({ clientId, agency, circumstances }: ConsentRecord, id: string, actor: Actor): OpeningView {
    return this.shown(circumstances!.openings.find(({ openingId }) => openingId === id)!, { clientId, agency }, actor);
  }

  private shown({ openingId, review: found, ...opening }: RecordOpening, { clientId, agency }: { clientId: string; agency: string }, actor: Actor): OpeningView {
    const { text, ...finding } = found ?? { text: undefined };
    return {
      id: openingId, clientId, ...opening, overdue: !found && opening.reviewDue < this.clock.now(),
      ...('by' in finding && { review: { ...finding, ...(oversees(actor, { agency }) && text !== undefined && { text }) } }),
    };
  }
}
