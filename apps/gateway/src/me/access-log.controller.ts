import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Allow, recordsOf, type Actor } from '@opora/access';
import { AccessLogAnswer } from '@opora/contracts';
import { DomainError, mustKnowZone } from '@opora/domain';
import { accessOf, Answers, AtField, AuditRows, By, CodeField, Language, OneOf, Part, Reading, Text, Whole } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Asking } from '../asking.js';
import { merged } from '../domain/access-pages.js';
import { accessWords } from '../domain/access-words.js';
import { plainAccess, type PlainAccess } from '../domain/plain-access.js';
import { handedOnTo } from '../foreign-access.js';
import { ModuleRegistry } from '../module-registry.js';
import { OnBehalf } from '../on-behalf.js';
import { cursorOf, positionOf } from './access-cursor.js';
import { MyQuery } from './plan.dto.js';

const SELF = 'gateway';

class MyAccessLogQuery extends MyQuery {
  @Text(4000, { optional: true, description: 'The `next` of the page before' }) cursor?: string;
  @Whole(1, 200, { optional: true, description: 'How many at most; 50 unless said' }) limit?: number;
  @OneOf(['true'], { optional: true, description: 'Also what you looked at yourself' }) own?: 'true';
}

class PlainAccessDto implements PlainAccess {
  @CodeField({ description: 'The module whose record it was' }) module!: string;
  @AtField() at!: string;
  @Text(200, { description: 'What people call the agency' }) agency!: string;
  @OneOf(['permit', 'deny']) decision!: 'permit' | 'deny';
  @Text(1000, { list: true, description: 'Plain sentences in the language of the answer' }) words!: string[];
}

class MyAccessLogView {
  @Part(() => PlainAccessDto, { list: true, maxItems: 200, description: 'The newest first' }) items!: PlainAccess[];
  @CodeField({ list: true, description: 'Modules that did not answer; ask again later' }) missing!: string[];
  @Text(1000, { list: true, description: 'What is to be said of the list as a whole' }) words!: string[];
  @Text(4000, { optional: true, description: 'Send it as `cursor` for the next page; absent on the last' }) next?: string;
}

@ApiTags('me')
@Controller('v1/me/access-log')
export class MyAccessLogController {
  constructor(private readonly asking: Asking, private readonly modules: ModuleRegistry, private readonly rows: AuditRows, private readonly reading: Reading) {}

  /** Who looked at the caller's record in any module, when and what for, and who was not let in; in plain words, newest first. */
  @Allow('access-log.read') @Get() @Answers(MyAccessLogView)
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru' })
  async getMyAccessLog(
    @Query() { zone, cursor, limit = 50, own }: MyAccessLogQuery, @By() actor: Actor, @Language() language: 'en' | 'ru',
    @OnBehalf() onBehalf: OnBehalf, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MyAccessLogView> {
    mustKnowZone(zone);
    await this.reading.requireOwn(actor);
    const before = cursor === undefined ? undefined : positionOf(cursor);
    if (cursor !== undefined && !before) {
      throw new DomainError('invalid', 'cursor-invalid', 'This cursor belongs to another list or filter; start without it', [{ pointer: '/cursor', code: 'cursor-invalid', detail: 'is not of this list' }]);
    }
    const bodyOf = (module: string) => {
      const from = before ? before[module] : '';
      return from === undefined ? undefined : { limit, ...(from !== '' && { before: from }), ...(own === undefined && { byOthers: true }) };
    };
    const [{ told, missing }, mine, titles, known] = await Promise.all([
      this.asking.everyModule('access-log', AccessLogAnswer, bodyOf, onBehalf),
      this.here(actor, bodyOf(SELF)), this.modules.agencies(), this.modules.known(),
    ]);
    const { items, next } = merged([...told.map(({ module, answer }) => ({ module, items: answer.items, more: answer.next !== undefined })), ...mine], limit, before, missing);
    const say = accessWords[language];
    reply.headers({ 'cache-control': 'private, no-store', 'content-language': language, vary: 'Accept-Language, Authorization' });
    return {
      items: items.map(({ module, access }) => plainAccess(access.of ?? module, access, { language, zone, titleOf: (agency) => titles.get(agency)?.[language] ?? agency })), missing,
      words: [...(items.length === 0 ? [say.none] : []), ...(missing.length === 0 ? [] : [say.missing(missing.map((module) => known.get(module)?.titles[language] ?? module).join(', '))])],
      ...(next && { next: cursorOf(next) }),
    };
  }

  /** Of the gateway's own trail: who read the plan, or anything in a module that keeps no log. */
  private async here(actor: Actor, asked: { limit: number; before?: string; byOthers?: boolean } | undefined) {
    if (!asked) return [];
    const { limit, before: after, byOthers } = asked;
    const rows = await this.rows.about(recordsOf(actor), { after, limit: limit + 1 }, byOthers ? undefined : actor.sub);
    return [{ module: SELF, items: rows.slice(0, limit).map((row) => ({ ...accessOf(row), of: handedOnTo(row) })), more: rows.length > limit }];
  }
}
