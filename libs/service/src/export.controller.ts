import { Controller, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, recordsOf, type Actor } from '@opora/access';
import type { Exported } from '@opora/contracts';
import type { FastifyReply } from 'fastify';
import { Answers } from './documented.js';
import { Flag, Json } from './fields.js';
import { PersonalRecords } from './personal-records.js';
import { Reading } from './reading.js';
import { By } from './request.js';

class ExportedView {
  @Json({ list: true, maxItems: 100_000, description: 'Records as they stand: kind, id, version, state' }) records!: Exported['records'];
  @Json({ list: true, maxItems: 100_000, description: 'What happened to them, in order' }) facts!: Exported['facts'];
  @Json({ list: true, maxItems: 100_000, description: 'Every version of what stood in the plan' }) entries!: Exported['entries'];
  @Json({ list: true, maxItems: 100_000, description: 'Who looked, newest first' }) accesses!: Exported['accesses'];
  @Json({ list: true, maxItems: 1_000, description: 'What is not here, and why' }) leftOut!: Exported['leftOut'];
  @Flag({ description: 'False when there is more than fits' }) complete!: boolean;
}

/** Made per service, so that its route lies under the service's own path. */
export const exportController = (name: string) => {
  @ApiTags('export')
  @Controller(`v1/${name}/export`)
  class ExportController {
    constructor(private readonly records: PersonalRecords, private readonly reading: Reading) {}

    /** Everything that this module keeps about you, without what is about others. */
    @Allow('person.export') @Post() @Answers(ExportedView)
    async exportPerson(@By() actor: Actor, @Res({ passthrough: true }) reply: FastifyReply): Promise<Exported> {
      await this.reading.requireOwn(actor);
      reply.header('cache-control', 'no-store');
      return this.records.all(recordsOf(actor));
    }
  }
  return ExportController;
};
