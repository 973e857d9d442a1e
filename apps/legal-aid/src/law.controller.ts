import { Body, Controller, Get, Param, ParseIntPipe, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { absent } from '@opora/domain';
import { Clock } from '@opora/messaging';
import { actOf, Answer, Answers, By, Creates } from '@opora/service';
import { Temporal } from 'temporal-polyfill';
import { calendarIn, packsOn } from './domain/law-book.js';
import { CalendarQuery, CalendarYearView, LawsView, LawView, RulesQuery, RulesView, TakeInLaw, type LawListed, type SpecialDay } from './law.dto.js';
import { Law, type KeptLaw } from './law.store.js';

@ApiTags('law')
@Controller('v1/legal-aid')
export class LawController {
  constructor(private readonly law: Law, private readonly clock: Clock) {}

  @Allow('rule.list') @Get('rules') @Answers(RulesView)
  async listRules(@Query() { day = this.clock.now().slice(0, 10) }: RulesQuery): Promise<RulesView> {
    return {
      items: packsOn(await this.law.book(), day).flatMap(({ name, version, calendar, rules }) => rules
        .filter(({ from = day, until = day }) => day >= from && day <= until)
        .map(({ rule, article, title, event, term, extendable, restorable }) => ({
          rule: `${name}/${rule}`, packVersion: version, article, title, event, ...(term !== 'set-by-court' && { term }), calendar,
          ...(extendable && { extendable }), ...(restorable && { restorable }),
        }))),
    };
  }

  @Allow('calendar.read') @Get('calendars/:name/:year') @Answers(CalendarYearView)
  async getCalendarYear(@Param('name') name: string, @Param('year', ParseIntPipe) year: number, @Query() { region }: CalendarQuery): Promise<CalendarYearView> {
    if (year < 1900 || year > 2199) throw absent('year');
    const calendar = calendarIn(await this.law.book(), name, region);
    const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
    const days = Array.from({ length: first.daysInYear }, (_, i) => first.add({ days: i })).flatMap((day): SpecialDay[] => {
      const { working, because } = calendar.on(day);
      return because && because.why !== 'weekend' ? [{ day: day.toString(), working, ...because }] : [];
    });
    const { documents, doubts } = calendar.behind(year);
    return { calendar: name, year, ...(region && { region }), provisional: doubts.length > 0, documents, days };
  }

  @Allow('law.list') @Get('law-documents') @Answers(LawsView)
  async listLaw(): Promise<LawsView> {
    return { items: (await this.law.list()).map(listed) };
  }

  @Allow('law.read') @Get('law-documents/:id') @Answers(LawView)
  async getLaw(@Param('id', ParseUUIDPipe) id: string): Promise<LawView> {
    return viewOf(await this.law.get(id));
  }

  /** From now on it counts, also for stored deadlines: a new year of a calendar computes the open ones anew. */
  @Allow('law.take-in') @Post('law-documents') @Creates(LawView)
  async takeInLaw(@Body() { document, sha256, signature, ...body }: TakeInLaw, @By() actor: Actor) {
    const kept = await this.law.takeIn(document, { ...(sha256 && { sha256 }), ...(signature && { signature }) }, actOf(actor, this.clock, body));
    return new Answer(viewOf(kept), { location: `/v1/legal-aid/law-documents/${kept.id}` });
  }
}

const listed = ({ id, kind, name, year, version, sha256, vouched, taken_in_at, taken_in_by }: KeptLaw): LawListed =>
  ({ id, kind, name, ...(year !== null && { year }), version, sha256, vouched, takenInAt: taken_in_at.toISOString(), takenInBy: taken_in_by });

const viewOf = (kept: KeptLaw): LawView => ({ ...listed(kept), document: kept.document });
