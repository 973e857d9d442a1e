import { Body, Controller, Get, Headers, Inject, Param, ParseUUIDPipe, Post, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { canonical, type DataClass } from '@opora/contracts';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, Database, newId, type Changed, type Stored } from '@opora/messaging';
import { actOf, Answer, AnswersPage, By, changed, Creates, EnterInError, etagOf, PageQuery, pageOf, Performs, readConfiguration, Recording, SETTINGS, type ServiceSettings } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Care } from './care.js';
import { ConsentView, DecideSharing, GiveConsent, RecordConsent } from './consents.dto.js';
import { Consents, recordOf } from './consents.store.js';
import { consentState, end, enterInError, evolve, give, objectTo, overrule, refuse, request, statusAt, withdraw, type ConsentFact, type ConsentRecord } from './domain/consent.js';
import { fhirConsent } from './domain/fhir-consent.js';
import { narrowed } from './domain/one-person.js';
import { Variables } from './variables.js';

type Decide = (record: ConsentRecord | undefined, act: Act, agency: string) => ConsentFact[];

/** The client's own word, or the agency's staff recording it. */
@ApiTags('consents')
@Controller('v1/intake/clients/:id/consents')
export class ConsentsController {
  private readonly inWriting: readonly DataClass[];

  constructor(
    private readonly consents: Consents, private readonly care: Care, private readonly database: Database, private readonly clock: Clock, @Inject(SETTINGS) { environment = {} }: ServiceSettings,
  ) {
    this.inWriting = (readConfiguration(Variables, environment).INTAKE_CONSENT_IN_WRITING?.split(',') ?? []) as DataClass[];
  }

  @Allow('consent.list') @Get() @AnswersPage(ConsentView)
  async listConsents(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery, @By() actor: Actor) {
    await this.care.onFile(id, actor);
    return pageOf(newestFirst(await this.consents.ofPerson(id)), { clientId: id }, query, ({ id: consentId, record }) => this.view(record, consentId));
  }

  /** With `Accept: application/fhir+json` as a FHIR R4 Consent. */
  @Allow('consent.read') @Get(':consentId') @ApiExtraModels(ConsentView)
  @ApiOkResponse({ content: { 'application/json': { schema: { $ref: getSchemaPath(ConsentView) } }, 'application/fhir+json': { schema: { type: 'object', additionalProperties: true, required: ['resourceType'] } } } })
  async getConsent(
    @Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @By() actor: Actor,
    @Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.care.onFile(id, actor);
    const stored = await this.consents.holding(id, consentId);
    if (!stored) throw absent('consent');
    reply.header('vary', 'Accept');
    if (!accept?.includes('application/fhir+json')) return new Answer(this.view(stored, consentId), { etag: etagOf(stored.version) });
    reply.type('application/fhir+json; charset=utf-8');
    return new Answer(fhirConsent(this.consents.one(stored, consentId), stored.state, this.clock.now()), { etag: etagOf(stored.version) });
  }

  @Allow('consent.record') @Post() @Creates(ConsentView)
  recordConsent(@Param('id', ParseUUIDPipe) id: string, @Body() body: RecordConsent, @By() actor: Actor) {
    const { occurredAt, onBehalfOf, status = 'given', document, representative, ...terms } = body;
    if (isClient(actor) && terms.legalBasis !== 'consent') throw new DomainError('forbidden', 'not-yours-to-say', 'A client speaks for the own consent; other legal grounds are recorded by staff');
    if (status !== 'given' && (document || representative)) throw new DomainError('invalid', 'not-given-yet', 'What shows that the person agreed comes with the agreement', [{ pointer: '/status', code: 'not-given-yet', detail: 'must be given when a document or representative is sent' }]);
    const consentId = newId();
    return this.change(id, consentId, { occurredAt, onBehalfOf }, actor, (record, { at }, agency) => {
      const one = { consentId, at };
      const asked = request(record, { ...one, ...terms, clientId: id, agency });
      const after = asked.reduce<ConsentRecord | undefined>(evolve, record);
      return [...asked, ...(status === 'given' ? give(after, { ...one, ...this.giving({ document, representative }, actor) }) : status === 'refused' ? refuse(after, one) : [])];
    });
  }

  @Allow('consent.give') @Post(':consentId/give') @Performs(ConsentView)
  giveConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: GiveConsent, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => give(record, { consentId, at, ...this.giving(body, actor) }));
  }

  @Allow('consent.refuse') @Post(':consentId/refuse') @Performs(ConsentView)
  refuseConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => refuse(record, { consentId, at }));
  }

  @Allow('consent.withdraw') @Post(':consentId/withdraw') @Performs(ConsentView)
  withdrawConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => withdraw(record, { consentId, at }));
  }

  /** The agency stops sharing; so an objection is upheld. */
  @Allow('consent.end') @Post(':consentId/end') @Performs(ConsentView)
  endConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: DecideSharing, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => end(record, { consentId, at, reason: body.reason }));
  }

  /** Where sharing rests on a public task. It stops at once, until a supervisor has decided. */
  @Allow('consent.object') @Post(':consentId/object') @Performs(ConsentView)
  objectToConsent(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: Recording, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => objectTo(record, { consentId, at }));
  }

  /** Only with compelling grounds, which the agency has to be able to show. */
  @Allow('consent.overrule-objection') @Post(':consentId/overrule') @Performs(ConsentView)
  overruleObjection(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: DecideSharing, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => overrule(record, { consentId, at, reason: body.reason }));
  }

  @Allow('consent.enter-in-error') @Post(':consentId/enter-in-error') @Performs(ConsentView)
  enterConsentInError(@Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Body() body: EnterInError, @By() actor: Actor) {
    return this.change(id, consentId, body, actor, (record, { at }) => enterInError(record, { consentId, at, reason: body.reason }));
  }

  private giving({ document, representative }: GiveConsent, actor: Actor) {
    return { document, representative, takenBy: actor.sub, byClient: isClient(actor), inWriting: this.inWriting };
  }

  private async change(id: string, consentId: string, body: Recording, actor: Actor, decide: Decide) {
    const { state: { agency } } = await this.care.own(id, actor);
    const act: Act = { ...(isClient(actor) ? {} : { onBehalfOf: id }), ...actOf(actor, this.clock, body) };
    return this.database.transaction(async () => {
      const holder = (await this.consents.holding(id, consentId))?.state.clientId ?? id;
      const result: Changed<ConsentRecord> = await this.consents.change(recordOf(holder), act, (record) => decide(record, act, agency));
      await this.mustHold(result, consentId);
      return changed(result, this.view(result, consentId), `/v1/intake/clients/${id}/consents/${consentId}`);
    });
  }

  /** Of two records of a person the narrower holds: a consent that another record's no makes void would only seem to be one. */
  private async mustHold({ id, state }: Stored<ConsentRecord>, consentId: string): Promise<void> {
    const terms = consentState(state).consents.find((consent) => consent.consentId === consentId);
    if (terms?.status !== 'given') return;
    const others = (await this.consents.ofPerson(state.clientId)).filter((other) => other.id !== id).map((other) => consentState(other.state));
    const refusing = others.filter((other) => canonical(narrowed(terms, [other])) !== canonical([terms]));
    if (refusing.length === 0) return;
    throw new DomainError('conflict', 'refused-elsewhere', 'Another record of this person says no to this; record the consent with that record',
      refusing.map((other) => ({ pointer: '/recipients', code: 'refused-elsewhere', detail: other.clientId })));
  }

  private view(stored: Stored<ConsentRecord>, consentId: string): ConsentView {
    const consent = this.consents.one(stored, consentId);
    return { ...consent, clientId: stored.state.clientId, status: statusAt(consent, this.clock.now()) } as ConsentView;
  }
}

/** They stand in few records. */
const newestFirst = (records: readonly Stored<ConsentRecord>[]) => {
  const ids = records.flatMap((record) => record.state.consents.map(({ consentId: id }) => ({ id, record }))).sort((a, b) => (a.id < b.id ? 1 : -1));
  return {
    page: (_: unknown, { after, limit }: { after?: string | undefined; limit: number }) =>
      Promise.resolve(ids.slice(after === undefined ? 0 : ids.findIndex(({ id }) => id === after) + 1).slice(0, limit)),
  };
};
