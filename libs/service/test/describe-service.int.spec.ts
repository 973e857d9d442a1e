import { Body, Controller, Get, Inject, Injectable, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { Allow } from '@opora/access';
import { consentsChanged, referralRequested, topics } from '@opora/contracts';
import { Clock } from '@opora/messaging';
import { Answers, CodeField, Creates, describeService, IdField, On, SETTINGS, typesHeard, typesSaid, type ServiceDefinition } from '@opora/service';
import { caller, startHarness } from '@opora/testing';
import { permitting } from './visits.js';

class Kettle {
  @IdField() id!: string;
  @CodeField({ optional: true, nullable: true }) colour?: string | null;
}

@Injectable()
class Shelf {}

@Controller('v1/kitchen/kettles')
class KettlesController {
  constructor(private readonly shelf: Shelf, private readonly clock: Clock, @Inject(SETTINGS) private readonly settings: object) {}

  @Allow('kettle.read') @Get(':id') @Answers(Kettle)
  readKettle(@Param('id', ParseUUIDPipe) id: string) {
    return { id, parts: [this.shelf, this.clock, this.settings].length };
  }

  @Allow('kettle.find') @Post('/::search') @Creates(Kettle)
  findKettle(@Body() body: Kettle) {
    return body;
  }
}

class Reactions {
  @On(referralRequested)
  async asked() { /* heard is enough */ }
}

const kitchen: ServiceDefinition = {
  name: 'kitchen', version: '1.2.3', titles: { en: 'Kitchen', ru: 'Кухня' }, controllers: [KettlesController], providers: [Shelf], reactions: [Reactions],
  policies: permitting('Kitchen', { 'kettle.read': 'admin', 'kettle.find': 'admin' }, 'Desk'),
  follows: [topics.modules.name], says: [consentsChanged], migrations: [],
};

it('describes a service without booting it as the running service describes itself', async () => {
  const harness = await startHarness([kitchen]);
  try {
    const { body } = await caller(harness.url('kitchen')).get('/openapi.json');
    const described = JSON.parse(JSON.stringify(await describeService(kitchen))) as typeof body;
    expect(described).toEqual(body);
    expect(Object.keys(described.paths)).toEqual(expect.arrayContaining(['/v1/kitchen/kettles/{id}', '/v1/kitchen/admin/dead-letters']));
  } finally {
    await harness.close();
  }
});

it('knows from the table of contents what is said and heard', () => {
  expect(typesSaid(kitchen)).toEqual(['opora.consents.changed', 'opora.erasure.completed']);
  expect(typesHeard(kitchen)).toEqual(['opora.consents.changed', 'opora.erasure.requested', 'opora.module.announced', 'opora.referral.requested']);
});
