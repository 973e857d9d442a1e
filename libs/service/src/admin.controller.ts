import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import { contractOfCompacted } from '@opora/contracts';
import { absent } from '@opora/domain';
import type { DeadLetter, DeadLetters, LetterFilter } from '@opora/messaging';
import { Answers } from './documented.js';
import { AtField, CodeField, IdField, OneOf, Part, Text, Whole } from './fields.js';
import { pageOf, PageQuery, type Page } from './page.js';
import { By } from './request.js';
import { STATE, type ServiceState } from './service.controller.js';

class Pointed {
  @Text(500, { description: 'JSON Pointer into the event’s data', example: '/urgency' }) pointer!: string;
  @CodeField({ example: 'enum' }) code!: string;
}

class DeadLetterView {
  @Text(20, { example: '7' }) id!: string;
  @OneOf(['dead', 'parked'], { description: 'dead: it failed; parked: it waits behind one that did' }) status!: string;
  @CodeField({ description: 'Why', example: 'contract-violated' }) code!: string;
  @Part(() => Pointed, { list: true }) errors!: object[];
  @Text(200, { example: 'opora.referrals.v1' }) topic!: string;
  @Text(200, { description: 'What keeps the order: mostly a clientId', example: '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b' }) key!: string;
  @CodeField({ nullable: true, example: 'opora.referral.requested' }) type!: string | null;
  @CodeField({ nullable: true, description: 'The module that said it', example: 'counselling' }) source!: string | null;
  @IdField({ nullable: true }) eventId!: string | null;
  @AtField({ description: 'When it was put away' }) at!: string;
}

class DeadLetterQuery extends PageQuery {
  @Text(200, { optional: true, example: 'opora.referrals.v1' }) topic?: string;
  @Text(200, { optional: true, description: 'An id; with it, what waits for one person' }) key?: string;
  @Text(200, { optional: true, example: 'opora.referral.requested' }) type?: string;
  @Text(200, { optional: true, description: 'Why it was put away', example: 'contract-violated' }) code?: string;
}

class DeadLettersView {
  @Part(() => DeadLetterView, { list: true, maxItems: 200, description: 'The oldest first' }) items!: DeadLetterView[];
  @Text(400, { optional: true, description: 'Send it as `cursor` for the next page; absent on the last' }) next?: string;
  @Whole(0, 1_000_000_000, { description: 'How many there are on all pages' }) total!: number;
}

class RedriveDeadLetters {
  @Text(200, { optional: true, example: 'opora.referrals.v1' }) topic?: string;
  @Text(200, { optional: true, example: 'opora.referral.requested' }) type?: string;
  @Text(200, { optional: true, description: 'Why they were put away', example: 'error:TypeError' }) code?: string;
}

class RedrivenAllView {
  @Whole(0, 1_000_000, { description: 'How many facts took effect now' }) redriven!: number;
  @Whole(0, 1_000_000_000, { description: 'How many such letters are open still' }) total!: number;
}

class RedrivenView {
  @Whole(0, 1_000_000, { description: 'How many facts of this key took effect now' }) redriven!: number;
  @Part(() => DeadLetterView, { list: true, description: 'What still waits under this key, the oldest first' }) waiting!: object[];
}

class DiscardFact {
  @CodeField({ description: 'A code; kept with who discarded it', example: 'sent-by-mistake' }) reason!: string;
}

class RepublishedView {
  @Whole(0, 1_000_000_000, { description: 'How many values' }) republished!: number;
}

/** One request must end while whoever asked still listens. */
const REDRIVE_MS = 5000;
const KEYS_AT_ONCE = 500;

/** Made per service, so that its administrative routes lie under the service's own path. */
export const adminController = (name: string) => {
  @ApiTags('administration')
  @Controller(`v1/${name}/admin`)
  class AdminController {
    constructor(@Inject(STATE) private readonly state: ServiceState) {}

    /** Facts that could not be handled, and those of the same key that wait behind them. */
    @Allow('dead-letter.list') @Get('dead-letters') @Answers(DeadLettersView)
    async listDeadLetters(@Query() { topic, key, type, code, ...query }: DeadLetterQuery): Promise<Page<DeadLetter> & { total: number }> {
      const filter: LetterFilter = { topic, key, type, code };
      const total = await this.letters.count(filter);
      return { ...await pageOf(this.letters, filter, query, (letter) => letter, (id) => typeof id === 'string' && /^\d{1,18}$/.test(id)), total };
    }

    /**
     * After a cause is mended: tries again the facts of every key that has such a letter, each key in its order until one fails; some seconds
     * long. Repeat it while `total` falls.
     */
    @Allow('dead-letter.redrive') @Post('dead-letters::redrive') @Answers(RedrivenAllView)
    async redriveAllDeadLetters(@Body() filter: RedriveDeadLetters): Promise<RedrivenAllView> {
      const until = performance.now() + REDRIVE_MS;
      let redriven = 0;
      for (const { topic, key } of await this.letters.places(filter, KEYS_AT_ONCE)) {
        if (performance.now() > until) break;
        redriven += await this.state.consumer!.redrive(topic, key);
      }
      return { redriven, total: await this.letters.count(filter) };
    }

    /** Tries the facts that wait under this letter's key again, in their order, until one fails. */
    @Allow('dead-letter.redrive') @Post('dead-letters/:id/redrive') @Answers(RedrivenView)
    async redriveDeadLetters(@Param('id') id: string): Promise<{ redriven: number; waiting: DeadLetter[] }> {
      const { topic, key } = await this.letter(id);
      const redriven = await this.state.consumer!.redrive(topic, key);
      return { redriven, waiting: await this.letters.page({ topic, key }, { limit: 100 }) };
    }

    /** Gives this fact up. Those behind it go on waiting until they are redriven. */
    @Allow('dead-letter.discard') @HttpCode(204) @Post('dead-letters/:id/discard') @ApiNoContentResponse({ description: 'It will never take effect' })
    async discardDeadLetter(@Param('id') id: string, @Body() { reason }: DiscardFact, @By() { sub }: Actor): Promise<void> {
      await this.letters.discard(await this.letter(id), reason, sub);
    }

    /** Says again everything that this service ever said on compacted topics. */
    @Allow('snapshot.republish') @Post('republish') @Answers(RepublishedView)
    async republish(): Promise<RepublishedView> {
      return { republished: await this.state.snapshots.republish((topic) => contractOfCompacted(topic)!) };
    }

    private get letters(): DeadLetters {
      return this.state.consumer!.deadLetters;
    }

    private async letter(id: string): Promise<DeadLetter> {
      const letter = await this.letters.get(id);
      if (!letter) throw absent('open dead letter');
      return letter;
    }
  }
  return AdminController;
};
