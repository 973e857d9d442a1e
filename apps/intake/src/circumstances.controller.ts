import { Body, Controller, Get, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { DomainError } from '@opora/domain';
import { Clock, newId } from '@opora/messaging';
import { actOf, Answer, Answers, By, changed, etagOf, Performs, type Recording } from '@opora/service';
import { Care } from './care.js';
import { BarRelation, ChangeCareTeam, CircumstancesView, HideRecord, LiftBar, UnhideRecord } from './circumstances.dto.js';
import { Clients } from './clients.store.js';
import { Consents, recordOf } from './consents.store.js';
import { join, leave, type About, type By as Said } from './domain/care-team.js';
import { membersOf, nothingSaid, type CircumstanceFact, type Circumstances } from './domain/circumstances.js';
import { bar, hide, lift, unhide } from './domain/protection.js';
import { oversees } from './sight.js';

type Decide = (known: Circumstances | undefined, about: About & { by: Said }) => CircumstanceFact[];

/** Who cares for a person, and from whom the person is protected. For staff of the agency that keeps the record; not on the person's own screen, which others may see. */
@ApiTags('circumstances')
@Controller('v1/intake/clients/:id')
export class CircumstancesController {
  constructor(private readonly consents: Consents, private readonly clients: Clients, private readonly care: Care, private readonly clock: Clock) {}

  /** Of a person with merged records: of all of them. Each is changed under the id of the record on which it stands. */
  @Allow('circumstances.read') @Get('circumstances') @Answers(CircumstancesView)
  async getCircumstances(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    await this.care.onFile(id, actor);
    const stored = await this.consents.load(recordOf(id));
    const said = (await this.consents.ofPerson(id)).flatMap(({ state }) => state.circumstances ?? []);
    const hidden = said.find((one) => one.hidden !== undefined)?.hidden;
    const all = { ...nothingSaid, team: said.flatMap(({ team }) => team), bars: said.flatMap(({ bars }) => bars), ...(hidden !== undefined && { hidden }) };
    return new Answer(view(id, all), stored ? { etag: etagOf(stored.version) } : {});
  }

  /** Where nobody was assigned yet, anybody of the agency may begin; then the team and supervisors say who else. */
  @Allow('care-team.join') @Post('join-care-team') @Performs(CircumstancesView)
  joinCareTeam(@Param('id', ParseUUIDPipe) id: string, @Body() body: ChangeCareTeam, @By() actor: Actor) {
    return this.change(id, body, actor, (known, about) => join(known, { ...about, member: body.member ?? actor.sub }));
  }

  /** Whom an open plan entry names as responsible stays until it does so no longer. */
  @Allow('care-team.leave') @Post('leave-care-team') @Performs(CircumstancesView)
  leaveCareTeam(@Param('id', ParseUUIDPipe) id: string, @Body() body: ChangeCareTeam, @By() actor: Actor) {
    return this.change(id, body, actor, (known, about) => leave(known, { ...about, member: body.member ?? actor.sub }));
  }

  /** From now on only the care team and supervisors find the person, in whatever list or search. */
  @Allow('record.hide') @Post('hide') @Performs(CircumstancesView)
  hideRecord(@Param('id', ParseUUIDPipe) id: string, @Body() body: HideRecord, @By() actor: Actor) {
    return this.change(id, body, actor, (known, about) => hide(known, { ...about, reason: body.reason }));
  }

  @Allow('record.unhide') @Post('unhide') @Performs(CircumstancesView)
  unhideRecord(@Param('id', ParseUUIDPipe) id: string, @Body() body: UnhideRecord, @By() actor: Actor) {
    return this.change(id, body, actor, (known, about) => unhide(known, { ...about, reason: body.reason }));
  }

  /** For whoever is barred there is no such person from now on, in whatever role. Nothing tells them so. */
  @Allow('relation.bar') @Post('bar') @Performs(CircumstancesView)
  async barRelation(@Param('id', ParseUUIDPipe) id: string, @Body() body: BarRelation, @By() actor: Actor) {
    const { subject, client, relation } = body;
    await this.care.own(id, actor);
    // A mistyped id would protect from nobody.
    if (client !== undefined && !await this.clients.load(client)) {
      throw new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: '/client', code: 'client-unknown', detail: 'is no client' }]);
    }
    const barred = { ...(subject !== undefined && { subject }), ...(client !== undefined && { client }), relation };
    return this.change(id, body, actor, (known, about) => bar(known, { ...about, barId: newId(), barred }));
  }

  @Allow('relation.lift-bar') @Post('bars/:barId/lift') @Performs(CircumstancesView)
  liftBar(@Param('id', ParseUUIDPipe) id: string, @Param('barId', ParseUUIDPipe) barId: string, @Body() body: LiftBar, @By() actor: Actor) {
    return this.change(id, body, actor, (known, about) => lift(known, { ...about, barId, reason: body.reason }));
  }

  private async change(id: string, body: Recording, actor: Actor, decide: Decide) {
    const { state } = await this.care.own(id, actor);
    const { agency } = state;
    const { occurredAt, onBehalfOf } = body;
    const act = actOf(actor, this.clock, { occurredAt, onBehalfOf });
    const by = { sub: actor.sub, oversees: oversees(actor, state) };
    const result = await this.consents.change(recordOf(id), act, (record) => decide(record?.circumstances, { clientId: id, agency, at: act.at, by }));
    return changed(result, view(id, result.state.circumstances), `/v1/intake/clients/${id}/circumstances`);
  }
}

const view = (clientId: string, known: Circumstances = nothingSaid): CircumstancesView => {
  const { team, hidden, bars } = known;
  return {
    clientId, hidden: hidden !== undefined, ...(hidden !== undefined && { hiddenBecause: hidden }), bars: [...bars],
    careTeam: membersOf(known).map((member) => ({ member, because: team.filter((one) => one.member === member).map(({ because }) => because) })),
  };
};
