import { Controller, Get, Headers, Param, ParseUUIDPipe, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiNotFoundResponse, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { hashOf, topics, type MyConsentsAnswer } from '@opora/contracts';
import { absent, mustKnowZone } from '@opora/domain';
import { Clock, Heads } from '@opora/messaging';
import { Answers, By, Language } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Care } from './care.js';
import { MyConsentsView, ReceiptQuery, ReceiptView } from './consent-receipts.dto.js';
import { printReceipt } from './consent-receipts.print.js';
import { Consents } from './consents.store.js';
import { statusAt } from './domain/consent.js';
import { receiptOf, termsOf, type Reader } from './domain/receipt.js';
import { printPolicy } from './printed-page.js';

/** As many as the contract has room for. */
const MOST = 1000;

const inLanguage = ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru' });

/** What the person is told of the own consents, in plain words. */
@ApiTags('consents')
@Controller('v1/intake')
export class ConsentReceiptsController {
  constructor(private readonly consents: Consents, private readonly care: Care, private readonly heads: Heads, private readonly clock: Clock) {}

  /** With `Accept: text/html` as a page to print. */
  @Allow('consent.read-receipt') @Get('clients/:id/consents/:consentId/receipt') @inLanguage @ApiExtraModels(ReceiptView)
  @ApiOkResponse({ content: { 'application/json': { schema: { $ref: getSchemaPath(ReceiptView) } }, 'text/html': { schema: { type: 'string' } } } })
  async getConsentReceipt(
    @Param('id', ParseUUIDPipe) id: string, @Param('consentId', ParseUUIDPipe) consentId: string, @Query() { zone }: ReceiptQuery, @Language() language: 'en' | 'ru',
    @Headers('accept') accept: string | undefined, @By() actor: Actor, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptView | string> {
    await this.care.onFile(id, actor);
    const stored = await this.consents.holding(id, consentId);
    if (!stored) throw absent('consent');
    const consent = this.consents.one(stored, consentId);
    const reader = await this.reader(language, zone);
    const terms = termsOf(consent, stored.state);
    const documentHash = consent.evidence?.document.sha256;
    const receipt: ReceiptView = {
      consentId, status: statusAt(consent, reader.at), language, ...receiptOf(consent, reader), terms, termsHash: hashOf(terms), ...(documentHash && { documentHash }), issuedAt: reader.at,
    };
    reply.headers({ vary: 'Accept, Accept-Language, Authorization', 'content-language': language, 'cache-control': 'private, no-cache' });
    if (!accept?.includes('text/html')) return receipt;
    reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': printPolicy, 'x-content-type-options': 'nosniff' });
    return printReceipt(receipt);
  }

  /** The caller's own, newest first, what was recorded by mistake left out. */
  @Allow('consent.list-own') @Get('me/consents') @inLanguage @Answers(MyConsentsView)
  @ApiNotFoundResponse({ description: 'Nobody is registered under the id of your token' })
  async listMyConsents(@Query() { zone }: ReceiptQuery, @Language() language: 'en' | 'ru', @By() actor: Actor): Promise<MyConsentsAnswer> {
    const id = actor.clientId!;
    await this.care.onFile(id, actor);
    const consents = (await this.consents.ofPerson(id)).flatMap(({ state }) => state.consents).sort((a, b) => (a.consentId < b.consentId ? 1 : -1));
    const reader = await this.reader(language, zone);
    return {
      items: consents.filter(({ status }) => status !== 'entered-in-error').map((consent) => {
        const { consentId, from, until } = consent;
        const status = statusAt(consent, reader.at);
        return {
          consentId, status, holds: status === 'given' && from <= reader.at, ...receiptOf(consent, reader), from, ...(until !== undefined && { until }),
          receipt: `/v1/intake/clients/${id}/consents/${consentId}/receipt`,
        };
      }).slice(0, MOST),
    };
  }

  private async reader(language: 'en' | 'ru', zone: string | undefined): Promise<Reader> {
    mustKnowZone(zone);
    const titles = new Map((await this.heads.all(topics.modules.name)).flatMap(({ agencies = [] }) => agencies).map(({ agency, titles }) => [agency, titles[language]]));
    return { language, zone, at: this.clock.now(), titleOf: (agency) => titles.get(agency) ?? agency };
  }
}
