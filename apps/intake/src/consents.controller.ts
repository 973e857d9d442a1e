import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, newId, type Changed, type Stored } from '@opora/messaging';
import { actOf, Answer, Answers, AnswersPage, By, changed, Creates, EnterInError, etagOf, PageQuery, pageOf, Performs, Recording } from '@opora/service';
import { Care } from './care.js';
import { ConsentView, RecordConsent } from './consents.dto.js';
import { Consents, recordOf } from './consents.store.js';
import { enterInError, evolve, give, refuse, request, statusAt, withdraw, type ConsentFact, type ConsentRecord } from './domain/consent.js';

type Decide = (record: ConsentRecord | undefined, act: Act, agency: string) => ConsentFact[];

/** The client's own word, or the agency's staff recording it. */
@ApiTags('consents')
@Controller('v1/intake/clients/:id/consents')
export class ConsentsController {
  constructor(private readonly consents: Consents, private readonly care: Care, private readonly clock: Clock) {}

  @Allow('consent.list') @Get() @AnswersPage(ConsentView)
  async listConsents(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery, @By() actor: Actor) {
    await this.care.onFile(id, actor);
    const stored = await this.consents.load(recordOf(id));
    return pageOf(newestFirst(stored?.state), { clientId: id }, query, (consent) => this.view(stored!, consent.id));
  }

  @Allow('consent.read') @Get(':consentId') @Answers(ConsentView)
  async getConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @By() actor: Actor) {
    await this.care.onFile(id, actor);
    const stored = await this.consents.load(recordOf(id));
    if (!stored) throw absent('consent');
    return new Answer(this.view(stored, consentId), { etag: etagOf(stored.version) });
  }

  @Allow('consent.record') @Post() @Creates(ConsentView)
  recordConsent(@Param('id', ParseUUIDPipe) id: string, @Body() body: RecordConsent, @By() actor: Actor) {
    const { occurredAt, onBehalfOf, status = 'given', ...terms } = body;
    if (isClient(actor) && terms.legalBasis !== 'consent') throw new DomainError('forbidden', 'not-yours-to-say', 'A client speaks for the own consent; other legal grounds are recorded by staff');
    const consentId = newId();
    return this.change(id, consentId, { occurredAt, onBehalfOf }, actor, (record, { at }, agency) => {
      const one = { consentId, at };
      const asked = request(record, { ...one, ...terms, clientId: id, agency });
      const after = asked.reduce<ConsentRecord | undefined>(evolve, record);
      return [...asked, ...(status === 'given' ? give(after, one) : status === 'refused' ? refuse(after, one) : [])];
    });
  }

  @Allow('consent.give') @Post(':consentId/give') @Performs(ConsentView)
  giveConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => give(record, { consentId, at }));
  }

  @Allow('consent.refuse') @Post(':consentId/refuse') @Performs(ConsentView)
  refuseConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => refuse(record, { consentId, at }));
  }

  @Allow('consent.withdraw') @Post(':consentId/withdraw') @Performs(ConsentView)
  withdrawConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => withdraw(record, { consentId, at, byClient: isClient(actor) }));
  }

  @Allow('consent.enter-in-error') @Post(':consentId/enter-in-error') @Performs(ConsentView)
  enterConsentInError(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => enterInError(record, { consentId, at, reason: body.reason }));
  }

  private async change(id: string, consentId: string, body: Recording, actor: Actor, decide: Decide) {
    const { state: { agency } } = await this.care.own(id, actor);
    const act: Act = { ...(isClient(actor) ? {} : { onBehalfOf: id }), ...actOf(actor, this.clock, body) };
    const result: Changed<ConsentRecord> = await this.consents.change(recordOf(id), act, (record) => decide(record, act, agency));
    return changed(result, this.view(result, consentId), `/v1/intake/clients/${id}/consents/${consentId}`);
  }

  private view({ state: { clientId, consents } }: Stored<ConsentRecord>, consentId: string): ConsentView {
    const terms = consents.find((consent) => consent.consentId === consentId);
    if (!terms) throw absent('consent');
    return { ...terms, clientId, status: statusAt(terms, this.clock.now()) };
  }
}

/** They all stand in one record. */
const newestFirst = (record: ConsentRecord | undefined) => {
  const ids = (record?.consents ?? []).map(({ consentId: id }) => ({ id })).reverse();
  return {
    page: (_: unknown, { after, limit }: { after?: string | undefined; limit: number }) =>
      Promise.resolve(ids.slice(after === undefined ? 0 : ids.findIndex(({ id }) => id === after) + 1).slice(0, limit)),
  };
};
