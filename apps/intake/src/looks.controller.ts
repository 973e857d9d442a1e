import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { AnswersPage, AtField, By, CodeField, OneOf, PageQuery, pageOf, StaffField } from '@opora/service';
import { Care } from './care.js';
import { Looks } from './looks.store.js';
import { People } from './people.js';

const what = { display: 'displayed', search: 'searched', read: 'read', open: 'opened' } as const;

class LookView {
  @AtField() at!: string;
  @StaffField() by!: string;
  @OneOf(Object.values(what), { description: 'displayed: the short name; searched: found by what is known; read: the whole record; opened: by break-glass' }) what!: string;
  @CodeField({ optional: true, description: 'What for, if it was said' }) purpose?: string;
}

@ApiTags('clients')
@Controller('v1/intake/clients/:id/looks')
export class LooksController {
  constructor(private readonly looks: Looks, private readonly care: Care, private readonly people: People) {}

  /** Who looked, newest first. For the person, and for those who watch over the agency that keeps the record. */
  @Allow('client.list-looks') @Get() @AnswersPage(LookView)
  async listLooks(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery, @By() actor: Actor) {
    await this.care.onFile(id, actor);
    return pageOf(this.looks, { clientIds: await this.people.records(id) }, query, ({ at, by, action, purpose }): LookView => ({ at: at.toISOString(), by, what: what[action], ...(purpose && { purpose }) }));
  }
}
