import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent, mustKnowZone } from '@opora/domain';
import { Answers, By, Language } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Asking } from '../asking.js';
import { Assembly } from '../assembly.js';
import { plainly, type PlainPlan } from '../domain/plain-plan.js';
import { ModuleRegistry } from '../module-registry.js';
import { OnBehalf } from '../on-behalf.js';
import { MyPlanQuery, MyPlanView } from './plan.dto.js';

@ApiTags('me')
@Controller('v1/me/plan')
export class MyPlanController {
  constructor(private readonly assembly: Assembly, private readonly modules: ModuleRegistry, private readonly asking: Asking) {}

  /** The caller's own plan in plain words: what each part means, what comes next, and who sees to it. */
  @Allow('plan.read-own') @Get() @Answers(MyPlanView)
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru' })
  async getMyPlan(
    @Query() { include, zone }: MyPlanQuery, @By() actor: Actor, @Language() language: 'en' | 'ru',
    @OnBehalf() onBehalf: OnBehalf, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlainPlan> {
    mustKnowZone(zone);
    const plan = await this.assembly.of(actor.clientId!, actor, language);
    if (!plan) throw absent('plan');
    const entries = [...plan.needs, ...plan.goals, ...plan.sections.flatMap((section) => section.entries)];
    const texts = include === 'text' ? await this.asking.texts(entries, onBehalf) : undefined;
    const titles = await this.modules.agencies();
    reply.headers({ 'cache-control': 'private, no-cache', 'content-language': language, vary: 'Accept-Language, Authorization' });
    return plainly(plan, { language, zone, texts, titleOf: (agency) => titles.get(agency)?.[language] ?? agency });
  }
}
