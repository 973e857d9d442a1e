import { Body, Controller, Get, Injectable, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { Allow, AllowAnyone, policyText, type Actor, type PolicyText } from '@opora/access';
import { contract, serviceTopic, type PlanEntryBody } from '@opora/contracts';
import { DomainError, type Fact } from '@opora/domain';
import { Clock, newId, Store, StoreTools, type Stored } from '@opora/messaging';
import { Type } from 'typebox';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  actOf, Answers, AnswersPage, AtField, By, changed, CodeField, Creates, DayField, Flag, found, IdField, IfMatch, Json, NeedsIfMatch, OneOf, PageQuery, pageOf, Part, Performs,
  Reading, Recording, Text, Whole, type ServiceDefinition,
} from '../src/index.js';

/** A home visit: the smallest service that uses everything a service can use. */
interface Visit { readonly clientId: string; readonly agency: string; readonly status: 'planned' | 'held'; readonly note: string; readonly minutes: number }

type VisitFact =
  | Fact<'visits.visit-planned', { visitId: string; clientId: string }, Visit>
  | Fact<'visits.visit-held', { visitId: string }>;

export const visitPlanned = contract(serviceTopic('visits'), 'visits.visit-planned', '1.0.0', Type.Object({ visitId: Type.String(), clientId: Type.String() }, { additionalProperties: false }), 'For tests');
export const visitHeld = contract(serviceTopic('visits'), 'visits.visit-held', '1.0.0', Type.Object({ visitId: Type.String() }, { additionalProperties: false }), 'For tests');

const planEntries = ({ clientId, agency, status }: Visit, id: string): PlanEntryBody[] => [{
  entryId: id, clientId, agency, kind: 'service', phase: status === 'held' ? 'ended' : 'active', title: { system: 'urn:opora:offer:visits', code: 'visit', en: 'Visit', ru: 'Визит' },
  dataClass: 'D1', because: [], needs: [], actions: [],
}];

@Injectable()
export class Visits extends Store<Visit & { id: string }, VisitFact> {
  constructor(tools: StoreTools) {
    super({
      name: 'visit', table: 'visit',
      evolve: (visit, fact) => fact.type === 'visits.visit-planned' ? { ...fact.own!, id: fact.data.visitId } : { ...visit!, status: 'held' },
      agency: ({ agency }) => agency, client: ({ clientId }) => clientId,
      columns: ({ clientId, agency, status }) => ({ client_id: clientId, agency, status }),
      planEntries: (visit) => planEntries(visit, visit.id),
    }, tools);
  }
}

class Guest {
  @Text(20) name!: string;
  @Whole(0, 150, { optional: true }) age?: number;
}

class PlanVisit extends Recording {
  @IdField() clientId!: string;
  @Text(200) note!: string;
  @Whole(1, 600) minutes!: number;
  @DayField({ optional: true }) day?: string;
  @AtField({ optional: true }) startsAt?: string;
  @Flag({ optional: true }) urgent?: boolean;
  @Text(20, { list: true, optional: true, minItems: 1, maxItems: 3 }) languages?: string[];
  @Part(() => Guest, { optional: true }) guest?: Guest;
  @Part(() => Guest, { list: true, optional: true, maxItems: 2 }) guests?: Guest[];
  @CodeField({ optional: true, nullable: true }) place?: string | null;
  @CodeField({ optional: true, pattern: /^[A-Z]{2}-[A-Z]+$/, example: 'RU-MOW' }) area?: string;
  @Json({ optional: true }) form?: object;
}

class VisitQuery extends PageQuery {
  @OneOf(['planned', 'held'], { optional: true }) status?: string;
}

class VisitView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @OneOf(['planned', 'held']) status!: string;
  @Text(200) note!: string;
  @AtField({ optional: true }) startsAt?: string;
}

class VisitCount {
  @Whole(0, 1_000_000) count!: number;
}

class FindVisits {
  @Text(200) note!: string;
}

const view = ({ id, state }: Stored<Visit & { id: string }>): VisitView => ({ id, clientId: state.clientId, status: state.status, note: state.note });

@Controller('v1/visits/visits')
export class VisitsController {
  /** The last body that got through the checks. */
  static taken: PlanVisit | undefined;

  constructor(private readonly visits: Visits, private readonly reading: Reading, private readonly clock: Clock) {}

  @Allow('visit.plan') @Post() @Creates(VisitView)
  async planVisit(@Body() body: PlanVisit, @By() actor: Actor) {
    VisitsController.taken = body;
    const { clientId, note, minutes } = body;
    const id = newId();
    const result = await this.visits.change(id, actOf(actor, this.clock, body), () =>
      [{ type: 'visits.visit-planned', data: { visitId: id, clientId }, own: { clientId, agency: actor.agency, status: 'planned', note, minutes } }]);
    return changed(result, view(result), `/v1/visits/visits/${id}`);
  }

  @Allow('visit.list') @Get() @AnswersPage(VisitView)
  listVisits(@Query() query: VisitQuery, @By() { agency }: Actor) {
    return pageOf(this.visits, { agency, status: query.status }, query, view);
  }

  @Allow('visit.read') @Get(':id') @Answers(VisitView)
  async getVisit(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.reading.require('visit', await this.visits.load(id), actor, ({ state }) => ({ ...state, dataClass: 'D1' }));
    return found(stored, view(stored));
  }

  @Allow('visit.hold') @NeedsIfMatch() @Post(':id/hold') @Performs(VisitView)
  async holdVisit(@Param('id', ParseUUIDPipe) id: string, @Body() body: Recording, @IfMatch() expectedVersion: number, @By() actor: Actor) {
    const result = await this.visits.change(id, actOf(actor, this.clock, body), (visit) => {
      if (visit?.status !== 'planned') throw new DomainError('conflict', 'already-held', 'This visit was held');
      // What no contract allows, for a test of who is to blame.
      return [{ type: 'visits.visit-held', data: { visitId: body.onBehalfOf === 'misfit' ? 5 as unknown as string : id } }];
    }, { expectedVersion });
    return changed(result, view(result), `/v1/visits/visits/${id}`);
  }
}

@Controller('v1/visits')
export class SearchController {
  constructor(private readonly visits: Visits) {}

  /** How many there are is nobody's secret. */
  @AllowAnyone('visit.count') @Get('count') @Answers(VisitCount, 'Preference-Applied')
  async countVisits() {
    return { count: (await this.visits.page({}, { limit: 1000 })).length };
  }

  /** By what may not stand in a URL. */
  @Allow('visit.search') @Post('visits::search') @Answers(VisitView)
  async searchVisits(@Body() { note }: FindVisits, @By() { agency }: Actor) {
    return { items: (await this.visits.page({ agency, "state->>'note'": note }, { limit: 10 })).map(view) };
  }
}

/** Policies of a service that only tests know: who may do what to the own agency's records. */
export const permitting = (namespace: string, who: Readonly<Record<string, string>>, resource = 'Record'): PolicyText => {
  const { schema, policies } = policyText('none');
  const actions = Object.keys(who).map((action) => `action "${action}" in [Opora::Action::"look"] appliesTo { principal: [Opora::Staff, Opora::Person], resource: [Opora::${resource}], context: Opora::Circumstances };`);
  const permits = Object.entries(who).flatMap(([action, roles]) => roles.split(' ').map((role) =>
    `@id("${action} ${role}") permit (principal in Opora::Role::"${role}", action == ${namespace}::Action::"${action}", resource);`));
  return { schema: `${schema} namespace ${namespace} { ${actions.join('\n')} }`, policies: `${policies} ${permits.join('\n')}` };
};

export class Visits1700000200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table visit (id uuid primary key, version integer not null, state jsonb not null, client_id uuid not null, agency text not null, status text not null)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}

export const VisitsService: ServiceDefinition = {
  name: 'visits', version: '0.1.0', titles: { en: 'Visits', ru: 'Визиты' },
  policies: permitting('Visits', { 'visit.plan': 'visits:practitioner', 'visit.list': 'visits:practitioner supervisor', 'visit.read': 'visits:practitioner', 'visit.hold': 'visits:practitioner', 'visit.search': 'visits:practitioner' }),
  controllers: [VisitsController, SearchController], stores: [Visits], says: [visitPlanned, visitHeld], migrations: [Visits1700000200001],
};
