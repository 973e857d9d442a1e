import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, AllowAnyone, AuditTrail, purposesOfUse, recordsOf, type Actor } from '@opora/access';
import type { Access } from '@opora/contracts';
import { absent } from '@opora/domain';
import { AuditRows, type AuditRow } from './audit-rows.js';
import { Answers } from './documented.js';
import { AtField, CodeField, Flag, IdField, Json, OneOf, Part, StaffField, Text } from './fields.js';
import { pageOf, PageQuery, type Page } from './page.js';
import { Reading } from './reading.js';
import { By } from './request.js';

const decisions = ['permit', 'deny'];
const NUMBER = /^\d{1,18}$/;

class SearchAudit extends PageQuery {
  @IdField({ optional: true, description: 'Whom it was about' }) clientId?: string;
  @StaffField({ optional: true, description: 'Who did it, as the token says' }) subject?: string;
  @CodeField({ optional: true, example: 'matter.read' }) action?: string;
  @OneOf(purposesOfUse, { optional: true }) purpose?: string;
  @OneOf(decisions, { optional: true }) decision?: string;
  @Text(120, { optional: true, description: 'Of one request, as the log names it' }) requestId?: string;
  @AtField({ optional: true, description: 'From then on' }) from?: string;
  @AtField({ optional: true, description: 'Before then' }) until?: string;
}

class AuditRowView {
  @Text(20, { description: 'Its number in the trail', example: '7' }) id!: string;
  @AtField() at!: string;
  @Text(200, { example: '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b' }) requestId!: string;
  @Text(200, { example: 'worker-1' }) subject!: string;
  @Text(200, { example: 'centre' }) agency!: string;
  @Text(200, { list: true, example: ['counsellor'] }) roles!: string[];
  @Text(200, { optional: true, example: 'worker-2' }) onBehalfOf?: string;
  @OneOf(purposesOfUse) purpose!: string;
  @Text(200, { example: 'matter.read' }) action!: string;
  @Text(200, { list: true, description: 'Whom it was about', example: ['0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'] }) clientIds!: string[];
  @Text(200, { list: true, description: 'The things, by id' }) resources!: string[];
  @Text(200, { list: true, description: 'Groups of fields that were left out', example: ['address'] }) hidden!: string[];
  @OneOf(decisions) decision!: string;
  @Text(200, { list: true, description: 'Policies that decided' }) policies!: string[];
  @Text(200, { example: '1.0.0' }) policyVersion!: string;
}

class AuditRowsView {
  @Part(() => AuditRowView, { list: true, maxItems: 200, description: 'The newest first' }) items!: AuditRowView[];
  @Text(400, { optional: true, description: 'Send it as `cursor` for the next page; absent on the last' }) next?: string;
}

class AskAccessLog extends PageQuery {
  @IdField({ optional: true, description: 'Your own, or that of a record merged with yours; your own unless said' }) clientId?: string;
  @Text(18, { optional: true, pattern: NUMBER, description: 'Only what stands before this `id`', example: '7' }) before?: string;
  @Flag({ optional: true, description: 'Without what you did yourself' }) byOthers?: boolean;
}

class AccessorView {
  @Text(200, { example: 'worker-1' }) subject!: string;
  @Text(200, { example: 'centre' }) agency!: string;
  @Text(200, { list: true, example: ['counsellor'] }) roles!: string[];
}

class AccessView {
  @Text(20, { description: 'Its number in the trail', example: '7' }) id!: string;
  @AtField() at!: string;
  @Part(() => AccessorView) by!: AccessorView;
  @Text(200, { optional: true, example: 'worker-2' }) onBehalfOf?: string;
  @Text(200, { example: 'matter.read' }) action!: string;
  @OneOf(purposesOfUse) purpose!: string;
  @OneOf(decisions) decision!: string;
}

class AccessLogView {
  @Part(() => AccessView, { list: true, maxItems: 200, description: 'The newest first' }) items!: AccessView[];
  @Text(400, { optional: true, description: 'Send it as `cursor` for the next page; absent on the last' }) next?: string;
}

class AuditKeysView {
  @Json({ list: true, description: 'JSON Web Keys (RFC 7517), Ed25519: every key that ever signed a checkpoint here', example: [{ kty: 'OKP', crv: 'Ed25519', kid: 'thumbprint', x: 'base64url' }] }) keys!: object[];
}

const isNumber = (last: unknown): boolean => typeof last === 'string' && NUMBER.test(last);

export const accessOf = ({ id, content: { at, subject, agency, roles, onBehalfOf, action, purpose, decision } }: AuditRow): Access & { id: string } =>
  ({ id, at, by: { subject, agency, roles: [...roles] }, ...(onBehalfOf !== undefined && { onBehalfOf }), action, purpose, decision });

/** Made per service, so that its routes lie under the service's own path. */
export const auditController = (name: string) => {
  @ApiTags('audit')
  @Controller(`v1/${name}`)
  class AuditController {
    constructor(private readonly trail: AuditTrail, private readonly rows: AuditRows, private readonly reading: Reading) {}

    /** Who did what here, newest first. The search itself is seen: about whom was asked, and by whom. */
    @Allow('audit.search') @Post('audit::search') @Answers(AuditRowsView)
    async searchAudit(@Body() { cursor, limit, ...filter }: SearchAudit, @By() { sub, asking }: Actor): Promise<Page<AuditRowView>> {
      const { action, permittedBy: policies } = asking!;
      for (const [field, value] of Object.entries(filter).filter(([, value]) => value !== undefined)) {
        asking!.note({ action, decision: 'permit', policies, ...(field === 'clientId' ? { clientId: String(value) } : { resource: `${field}=${String(value)}` }) });
      }
      const found = { page: (_: object, page: { after?: string | undefined; limit: number }) => this.rows.search(sub, filter, page) };
      return pageOf<AuditRow, AuditRowView>(found, filter, { cursor, limit } as PageQuery, ({ id, content }) => ({ id, ...content } as AuditRowView), isNumber);
    }

    /** Who looked at your own record in this module, when and what for, newest first. */
    @Allow('access-log.read') @Post('access-log') @Answers(AccessLogView)
    async readAccessLog(@Body() { clientId, before, byOthers, ...query }: AskAccessLog, @By() actor: Actor): Promise<Page<Access & { id: string }>> {
      const ids = recordsOf(actor);
      if (clientId !== undefined && !ids.includes(clientId)) throw absent('record');
      await this.reading.requireOwn(actor);
      const found = { page: (_: object, page: { after?: string | undefined; limit: number }) => this.rows.about(ids, { ...page, after: page.after ?? before }, byOthers ? undefined : actor.sub) };
      return pageOf<AuditRow, Access & { id: string }>(found, { own: actor.clientId, ...(byOthers && { byOthers }) }, query, accessOf, isNumber);
    }

    /** With which the checkpoints of this module's audit trail are checked. */
    @AllowAnyone('audit-key.read') @Get('audit/keys') @Answers(AuditKeysView)
    async listAuditKeys(): Promise<AuditKeysView> {
      return { keys: await this.trail.keys() };
    }
  }
  return AuditController;
};
