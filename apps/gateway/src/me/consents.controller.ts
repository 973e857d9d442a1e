import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Allow } from '@opora/access';
import { MyConsentsAnswer } from '@opora/contracts';
import { mustKnowZone } from '@opora/domain';
import { Answers, AtField, CodeField, Flag, IdField, Language, Part, Text } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Asking } from '../asking.js';
import { OnBehalf } from '../on-behalf.js';
import { MyQuery } from './plan.dto.js';

class MyConsentDto {
  @CodeField({ description: 'The module that keeps it' }) module!: string;
  @IdField() consentId!: string;
  @CodeField() status!: string;
  @Flag({ description: 'Whether anything is shared because of it now' }) holds!: boolean;
  @Text(200) title!: string;
  @Text(12_000, { list: true, description: 'Plain sentences in the language of the answer' }) words!: string[];
  @AtField() from!: string;
  @AtField({ optional: true }) until?: string;
  @Text(200, { description: 'Path of the receipt' }) receipt!: string;
}

class MyConsentsView {
  @Part(() => MyConsentDto, { list: true }) items!: MyConsentDto[];
  @Flag({ description: 'Whether everybody who keeps such things has answered; if not, ask again later' }) complete!: boolean;
}

@ApiTags('me')
@Controller('v1/me/consents')
export class MyConsentsController {
  constructor(private readonly asking: Asking) {}

  /** What the caller agreed to share, and what is shared on other grounds, as those who keep it tell it. */
  @Allow('consent.list-own') @Get() @Answers(MyConsentsView)
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru' })
  async listMyConsents(
    @Query() { zone }: MyQuery, @Language() language: 'en' | 'ru', @OnBehalf() onBehalf: OnBehalf, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MyConsentsView> {
    mustKnowZone(zone);
    const query = zone === undefined ? '' : `?zone=${encodeURIComponent(zone)}`;
    const { told, complete } = await this.asking.ofMe('consents', MyConsentsAnswer, query, onBehalf);
    reply.headers({ 'cache-control': 'private, no-cache', 'content-language': language, vary: 'Accept-Language, Authorization' });
    return { items: told.flatMap(({ module, answer }) => answer.items.map((item) => ({ module, ...item }))), complete };
  }
}
