import { Body, Controller, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { Allow } from '@opora/access';
import { MyObjectionsAnswer, type MyObjection } from '@opora/contracts';
import { mustKnowZone } from '@opora/domain';
import { Answers, AtField, CodeField, DayField, Flag, IdField, Json, Language, OneOf, Part, problem, Text } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Asking } from '../asking.js';
import { objectionWords } from '../domain/objection-words.js';
import { OnBehalf } from '../on-behalf.js';
import { Upstreams } from '../upstreams.js';
import { MyQuery } from './plan.dto.js';

class MyAnswerDto {
  @OneOf(['upheld', 'partly-upheld', 'declined']) outcome!: string;
  @Text(4000) text!: string;
  @AtField() at!: string;
}

class MyObjectionDto {
  @CodeField({ description: 'The module that it is about' }) module!: string;
  @IdField() id!: string;
  @IdField({ description: 'The plan entry or record' }) about!: string;
  @OneOf(['recorded', 'answered', 'withdrawn']) status!: string;
  @Text(4000, { description: 'What you said' }) text!: string;
  @AtField() recordedAt!: string;
  @DayField({ description: 'The last day to answer' }) dueOn!: string;
  @Flag() overdue!: boolean;
  @Part(() => MyAnswerDto, { optional: true }) answer?: MyAnswerDto;
  @Text(1000, { list: true, description: 'Plain sentences in the language of the answer' }) words!: string[];
}

class MyObjectionsView {
  @Part(() => MyObjectionDto, { list: true, maxItems: 10_000, description: 'The newest first' }) items!: MyObjectionDto[];
  @CodeField({ list: true, description: 'Modules that did not answer; ask again later' }) missing!: string[];
}

class RecordMyObjection {
  @CodeField({ description: 'The module that the plan entry or record belongs to', example: 'job-club' }) module!: string;
  @IdField({ description: 'The plan entry, or a record of that module' }) about!: string;
  @Text(4000, { description: 'In your own words; they go to that module and nowhere else', example: 'This is not what I said' }) text!: string;
}

class RecordedView {
  @Json({ description: 'The objection, as the module tells it' }) objection!: object;
}

@ApiTags('me')
@Controller('v1/me/objections')
export class MyObjectionsController {
  constructor(private readonly asking: Asking, private readonly upstreams: Upstreams) {}

  /** What the caller did not agree with, in every module, and what was answered. */
  @Allow('objection.list-own') @Get() @Answers(MyObjectionsView)
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru' })
  async listMyObjections(
    @Query() { zone }: MyQuery, @Language() language: 'en' | 'ru', @OnBehalf() onBehalf: OnBehalf, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MyObjectionsView> {
    mustKnowZone(zone);
    const { told, missing } = await this.asking.everyModule('objections?limit=200', MyObjectionsAnswer, undefined, onBehalf);
    const tell = (module: string, { clientId: _, ...one }: MyObjection): MyObjectionDto => ({ module, ...one, words: objectionWords(one, language) }) as MyObjectionDto;
    reply.headers({ 'cache-control': 'private, no-store', 'content-language': language, vary: 'Accept-Language, Authorization' });
    const items = told.flatMap(({ module, answer }) => answer.items.map((one) => tell(module, one)));
    return { items: items.sort((a, b) => (a.recordedAt < b.recordedAt ? 1 : -1)), missing };
  }

  /** Hands the objection to the module that it is about. A person there answers by the day that it names. */
  @Allow('objection.record-own') @Post() @HttpCode(201) @ApiCreatedResponse({ type: RecordedView })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Send the same key again to repeat a request safely; the module keeps it for 24 hours' })
  async recordMyObjection(
    @Body() { module, about, text }: RecordMyObjection, @OnBehalf() onBehalf: OnBehalf, @Headers('idempotency-key') key: string | undefined, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const found = await this.upstreams.of(module);
    const refused = (status: number, body: object) => {
      void reply.status(status).header('content-type', 'application/problem+json; charset=utf-8');
      return body;
    };
    if ('refusal' in found) return refused(found.refusal.status, found.refusal);
    const handed = await this.asking.hand(found.manifest, 'objections', { about, text }, { ...onBehalf, ...(key !== undefined && { 'idempotency-key': key }) });
    if (!handed) return refused(503, problem(503, 'Not available at the moment', 'module-unavailable', 'The module does not answer; the plan does, and so do the other modules'));
    if (handed.status !== 201) return refused(handed.status, handed.body);
    if (handed.location) void reply.header('location', handed.location);
    return { objection: handed.body };
  }
}
