import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiNotFoundResponse, ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { check, topics } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { Clock, newId, PostgresLog, toRecord, traceHeaders } from '@opora/messaging';
import { Answers, By } from '@opora/service';
import { AppendedView, AppendRecords, CommitCursor, ReadRecords, RecordsView } from './door.dto.js';
import { maySay, mustBeOwn } from './may-say.js';

/** Names of the services that run here. */
export const TAKEN = 'opora:taken-names';

const readable = new Set<string>(Object.values(topics).map(({ name }) => name));

const mustBeReadable = (topic: string): string => {
  if (readable.has(topic)) return topic;
  throw new DomainError('absent', 'topic-unknown', 'There is no such contract topic; the topics are listed under docs/events');
};

/** The log over HTTP, for a module that is not written with our libs. A module's token: role `module`, `sub` its name. */
@ApiTags('event door')
@Controller('v1/broker')
export class DoorController {
  constructor(private readonly log: PostgresLog, private readonly clock: Clock, @Inject(TAKEN) private readonly taken: ReadonlySet<string>) {}

  /** All of them or none, in this order. */
  @Allow('record.append') @Post('records') @Answers(AppendedView)
  async appendRecords(@Body() { records }: AppendRecords, @By() { sub: module, agency }: Actor) {
    await this.log.publish(records.map(({ id = newId(), subject, sequence = 0, time = this.clock.now(), ...said }, at) => {
      const speaker = { module, agency, taken: this.taken };
      const contract = maySay(speaker, said, at);
      if (said.data !== null) {
        check(contract, said.data);
        mustBeOwn(speaker, contract, said.data, this.clock.now(), at);
      }
      return toRecord({ id, source: module, type: said.type, topic: contract.topic.name, key: said.key, subject: subject ?? said.key, sequence, time, agency, ...traceHeaders(), data: said.data }, contract);
    }));
    return { appended: records.length };
  }

  /** What the module has not yet committed, oldest first. Waits up to `waitMs` when there is nothing. */
  @Allow('record.read') @Get('records') @ApiNotFoundResponse({ description: 'One of the topics is no contract topic' }) @Answers(RecordsView)
  async readRecords(@Query() { topics: wanted, limit = 100, waitMs = 0 }: ReadRecords, @By() { sub: module }: Actor): Promise<RecordsView> {
    const deliveries = await this.log.read({ group: `door:${module}`, topics: wanted.split(',').map(mustBeReadable), limit, waitMs });
    return {
      items: deliveries.map(({ topic, key, position, headers, value }) =>
        ({ topic, key, position, headers, data: value === null ? null : JSON.parse(value.toString()) as Record<string, unknown> })),
    };
  }

  @Allow('cursor.commit') @HttpCode(204) @Post('cursors')
  @ApiNoContentResponse({ description: 'What follows is read next' }) @ApiNotFoundResponse({ description: 'It is no contract topic' })
  async commitCursor(@Body() { topic, position }: CommitCursor, @By() { sub: module }: Actor): Promise<void> {
    await this.log.commit({ group: `door:${module}`, topic: mustBeReadable(topic), position });
  }
}
