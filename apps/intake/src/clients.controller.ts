import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { DomainError } from '@opora/domain';
import { Clock, Database, newId, type Stored } from '@opora/messaging';
import { actOf, Answers, AnswersPage, By, changed, Creates, EnterInError, found, IfMatch, NeedsIfMatch, Performs, Reading } from '@opora/service';
import { Care } from './care.js';
import { ClientListed, ClientQuery, ClientView, CorrectClient, RegisterClient } from './clients.dto.js';
import { Clients } from './clients.store.js';
import { Consents, recordOf } from './consents.store.js';
import { correct, enterInError, register, type Client } from './domain/client.js';
import { enterAllInError } from './domain/consent.js';
import { describedPerson, type Person } from './domain/person.js';
import { keepingWithheld, shownTo, type Withheld } from './domain/withholding.js';
import { Looks } from './looks.store.js';
import { People } from './people.js';
import { asSaid } from './sight.js';

const path = (id: string) => `/v1/intake/clients/${id}`;

@ApiTags('clients')
@Controller('v1/intake/clients')
export class ClientsController {
  constructor(
    private readonly clients: Clients, private readonly consents: Consents, private readonly care: Care, private readonly reading: Reading, private readonly looks: Looks,
    private readonly people: People, private readonly database: Database, private readonly clock: Clock,
  ) {}

  /** For whom the caller cares, ids only: searching for people is `POST /v1/intake/clients:search`. */
  @Allow('client.list') @Get() @AnswersPage(ClientListed)
  listClients(@Query() query: ClientQuery, @By() actor: Actor) {
    return this.reading.page(asSaid(this.clients), actor, 'D1', { status: query.status }, query, ({ id, state }): ClientListed => ({ id, status: state.status }));
  }

  /** A merged record reads as it was, and says what it was merged into. Staff who look are recorded. */
  @Allow('client.read') @Get(':id') @Answers(ClientView)
  getClient(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    return this.database.transaction(async () => {
      const stored = await this.care.onFile(id, actor);
      if (!isClient(actor)) await this.looks.record(actor, { action: 'read' }, [id]);
      return found(stored, await this.view(stored, actor));
    });
  }

  /** Answers 409 `possible-duplicate` before anything is created; `notDuplicateOf` goes on. */
  @Allow('client.register') @Post() @Creates(ClientView)
  registerClient(@Body() { id: clientId = newId(), ...body }: RegisterClient, @By() actor: Actor) {
    const { act, person, distinctFrom } = this.described(body, actor, new Set());
    return this.database.transaction(async () => {
      await this.refuseDuplicate(person, distinctFrom, actor);
      const result = await this.clients.change(clientId, act, (c) => register(c, { clientId, agency: actor.agency, person, distinctFrom, at: act.at }));
      await this.consents.makeKey(clientId, actor.agency, act);
      return changed(result, await this.view(result, actor), path(clientId));
    });
  }

  @Allow('client.correct') @NeedsIfMatch() @Put(':id') @Performs(ClientView)
  correctClient(@Param('id', ParseUUIDPipe) id: string, @Body() body: CorrectClient, @IfMatch() expectedVersion: number, @By() actor: Actor) {
    return this.database.transaction(async () => {
      const { state } = await this.care.own(id, actor);
      await this.people.mustStandForItself(id);
      const { act, person, distinctFrom } = this.described(body, actor, await this.care.withheld(id, state.agency, actor), state.person);
      await this.refuseDuplicate(person, [id, ...state.distinctFrom, ...distinctFrom], actor);
      const result = await this.clients.change(id, act, (c) => correct(c, { person, distinctFrom, at: act.at }), { expectedVersion });
      return changed(result, await this.view(result, actor), path(id));
    });
  }

  /** Takes the consents with it. Everything else is entered in error one by one: somebody may still be waiting for help. */
  @Allow('client.enter-in-error') @Post(':id/enter-in-error') @Performs(ClientView)
  enterClientInError(@Param('id', ParseUUIDPipe) id: string, @Body() body: EnterInError, @By() actor: Actor) {
    const act = actOf(actor, this.clock, body);
    const wrong = { reason: body.reason, at: act.at };
    return this.database.transaction(async () => {
      await this.care.own(id, actor);
      await this.people.mustBeAlone(id);
      if (await this.clients.inUse(id)) throw new DomainError('conflict', 'client-in-use', 'Enter the help requests, screenings and needs of this client in error first');
      const result = await this.clients.change(id, act, (c) => enterInError(c, wrong));
      if (await this.consents.load(recordOf(id))) await this.consents.change(recordOf(id), act, (r) => enterAllInError(r, wrong));
      return changed(result, await this.view(result, actor), path(id));
    });
  }

  private described(body: CorrectClient, actor: Actor, withheld: ReadonlySet<Withheld>, known?: Person) {
    const { occurredAt, onBehalfOf, notDuplicateOf = [], ...described } = body;
    const act = actOf(actor, this.clock, { occurredAt, onBehalfOf });
    return { act, person: describedPerson(keepingWithheld(withheld, described, known), act.recordedAt.slice(0, 10)), distinctFrom: notDuplicateOf };
  }

  /** Names only the own agency's clients: whoever may see the short name of another one must not try out phone numbers on it. */
  private async refuseDuplicate(person: Person, distinctFrom: readonly string[], actor: Actor): Promise<void> {
    const alike = (await this.clients.lookalikes(person)).filter(({ id, survivor, state }) => state.agency === actor.agency && !distinctFrom.includes(id) && !distinctFrom.includes(survivor ?? id));
    const candidates = await this.care.readable(alike, actor);
    const errors = [...new Set(candidates.map(({ id, survivor }) => survivor ?? id))].slice(0, 50).map((id) => ({ pointer: '/notDuplicateOf', code: 'possible-duplicate', detail: id }));
    if (errors.length > 0) {
      throw new DomainError('conflict', 'possible-duplicate', 'This may be somebody who is already registered; look at them, and name those who are other people in notDuplicateOf', errors);
    }
  }

  private async view({ id, state }: Stored<Client>, actor: Actor): Promise<ClientView> {
    const { status, agency, person } = state;
    const { aliases, mergedInto } = await this.people.kin(id);
    return { id, status, agency, ...shownTo(await this.care.withheld(id, state.agency, actor), person), aliases, ...(mergedInto !== undefined && { mergedInto }) };
  }
}
