import { Controller, Get, Injectable, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { Allow, policyText, type Actor } from '@opora/access';
import type { DataClass } from '@opora/contracts';
import type { Fact } from '@opora/domain';
import { Store, StoreTools } from '@opora/messaging';
import { Answers, AnswersPage, By, found, IdField, OneOf, PageQuery, Reading, type ServiceDefinition } from '../src/index.js';

interface Thing { clientId?: string; agency: string; dataClass: DataClass }

@Injectable()
class Things extends Store<Thing, Fact> {
  constructor(tools: StoreTools) {
    super({ name: 'thing', table: 'thing', evolve: (thing) => thing!, agency: ({ agency }) => agency, columns: () => ({}) }, tools);
  }
}

class ThingView {
  @IdField() id!: string;
}

class ThingQuery extends PageQuery {
  @OneOf(['D0', 'D1', 'D2', 'D3']) dataClass!: DataClass;
}

@Controller('v1/things/things')
class ThingsController {
  constructor(private readonly things: Things, private readonly reading: Reading) {}

  @Allow('thing.read') @Get() @AnswersPage(ThingView)
  listThings(@Query() query: ThingQuery, @By() actor: Actor) {
    return this.reading.page(this.things, actor, query.dataClass, { data_class: query.dataClass }, query, ({ id }): ThingView => ({ id }));
  }

  @Allow('thing.read') @Get(':id') @Answers(ThingView)
  async getThing(@Param('id', ParseUUIDPipe) id: string, @By() actor: Actor) {
    const stored = await this.reading.require('thing', await this.things.load(id), actor, ({ id, state }) => ({ id, ...state }));
    return found(stored, { id });
  }
}

const { schema, policies } = policyText('things');

/** Records of every data class, which the service itself would show to everybody: what is left out, is left out everywhere. */
export const ThingsService: ServiceDefinition = {
  name: 'things', version: '0.1.0', titles: { en: 'Things', ru: 'Вещи' }, controllers: [ThingsController], stores: [Things],
  policies: {
    schema: `${schema} namespace Things { action "thing.read" in [Opora::Action::"look"] appliesTo { principal: [Opora::Staff, Opora::Person], resource: [Opora::Record], context: Opora::Circumstances }; }`,
    policies: `${policies} @id("everybody") permit (principal, action == Things::Action::"thing.read", resource);`,
  },
  migrations: [class Things1700000400001 {
    async up(runner: { query(sql: string): Promise<unknown> }) {
      await runner.query('create table thing (id uuid primary key, version integer not null, state jsonb not null, client_id uuid, agency text not null, data_class text not null)');
    }

    async down() {
      throw new Error('Migrations only go forward');
    }
  }],
};
