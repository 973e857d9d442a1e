import { Controller, Get, Headers, Param, ParseUUIDPipe, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Allow, isClient, type Actor } from '@opora/access';
import { entryKey } from '@opora/contracts';
import { absent, DomainError } from '@opora/domain';
import { Clock, type Person } from '@opora/messaging';
import { Answers, By, Language } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { Asking } from './asking.js';
import { Assembly, isOwn } from './assembly.js';
import type { EntryView, PlanDocument } from './domain/plan-document.js';
import { parsePlanToken, waitOf } from './domain/plan-token.js';
import { OnBehalf } from './on-behalf.js';
import { PlanQuery, PlanView } from './plans.dto.js';
import { Projection } from './projection.js';

@ApiTags('plans')
@Controller('v1/clients')
export class PlansController {
  constructor(
    private readonly projection: Projection, private readonly assembly: Assembly, private readonly asking: Asking, private readonly clock: Clock,
  ) {}

  @Allow('plan.read') @Get(':id/plan') @Answers(PlanView, 'ETag', 'Opora-Plan-Behind', 'Preference-Applied')
  @ApiHeader({ name: 'Prefer', required: false, description: 'With `after`: `wait=2` waits so many seconds for it, 5 at most' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag that you have; 304 when the plan is still the same' })
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru' })
  @ApiResponse({ status: 304, description: 'Still the same' })
  async getPlan(
    @Param('id', ParseUUIDPipe) id: string, @Query() query: PlanQuery, @By() actor: Actor, @Language() language: 'en' | 'ru',
    @Headers() headers: Record<string, string | undefined>, @OnBehalf() onBehalf: OnBehalf, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const asOf = this.past(query.asOf);
    const after = query.after === undefined ? undefined : parsePlanToken(query.after);
    const clientId = id.toLowerCase();
    let told: Record<string, string | undefined> = {};
    if (after) {
      const person = await this.projection.person(clientId);
      if (isClient(actor) && !isOwn(actor, person)) throw absent('plan');
      const wait = waitOf(headers['prefer']);
      told = !await this.arrived(person, after, wait ?? 0) ? { 'opora-plan-behind': query.after } : wait === undefined ? {} : { 'preference-applied': 'wait' };
    }

    // Read after the wait: meanwhile consent may have been withdrawn.
    const plan = await this.assembly.of(clientId, actor, language, asOf);
    if (!plan) throw absent('plan');

    const body = JSON.stringify(await this.complete(plan, query, onBehalf));
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    reply.headers({ ...told, etag, 'cache-control': 'private, no-cache', 'content-language': language, vary: 'Accept-Language, Authorization' });
    if (matches(headers['if-none-match'], etag)) {
      reply.status(304);
      return undefined;
    }
    reply.type('application/json; charset=utf-8');
    return body;
  }

  private past(asOf: string | undefined): string | undefined {
    const moment = asOf === undefined ? undefined : new Date(asOf).toISOString();
    if (moment === undefined || moment <= this.clock.now()) return moment;
    throw new DomainError('invalid', 'in-the-future', 'Nobody knows the plan of a moment to come', [{ pointer: '/asOf', code: 'in-the-future', detail: 'must not be later than now' }]);
  }

  /** Looks when this process has heard of the entry, and every 25 ms: another instance may be the one that hears it. */
  private async arrived({ ids }: Person, token: ReturnType<typeof parsePlanToken>, seconds: number): Promise<boolean> {
    for (const until = performance.now() + seconds * 1000; ;) {
      const recorded = this.projection.recorded(token.key, 25);
      if (await this.projection.includes(ids, token)) return true;
      if (performance.now() >= until) return false;
      await recorded;
    }
  }

  private async complete(plan: PlanDocument, { include, expand }: PlanQuery, onBehalf: OnBehalf): Promise<object> {
    const entries = [...plan.needs, ...plan.goals, ...plan.sections.flatMap((section) => section.entries)];
    const [texts, person] = await Promise.all([
      include === 'text' ? this.asking.texts(entries, onBehalf) : undefined,
      expand === 'person' ? this.asking.person(plan.clientId, onBehalf) : undefined,
    ]);
    const told = (entry: EntryView): EntryView => {
      const text = texts?.get(entryKey(entry.module, entry.entryId));
      return text === undefined ? entry : { ...entry, text };
    };
    return {
      ...plan, ...(person !== undefined && { person }), needs: plan.needs.map(told), goals: plan.goals.map(told),
      sections: plan.sections.map((section) => ({ ...section, entries: section.entries.map(told) })),
    };
  }
}

/** RFC 9110 §13.1.2: compared weakly, as every If-None-Match is. */
const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined && header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
