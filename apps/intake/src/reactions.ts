import { Injectable } from '@nestjs/common';
import { DomainError } from '@opora/domain';
import { Every, forEachAlone } from '@opora/service';
import { Consents } from './consents.store.js';
import { noticeOverdue } from './domain/help-request.js';
import { HelpRequests } from './help-requests.store.js';

const byAnotherInstance = (error: unknown): void => {
  if (!(error instanceof DomainError && error.code === 'changed-at-once')) throw error;
};

@Injectable()
export class Reactions {
  constructor(private readonly helpRequests: HelpRequests, private readonly consents: Consents) {}

  @Every(300_000)
  async makeMissingKeys(): Promise<void> {
    for (let missing = await this.consents.keyless(); missing.length > 0; missing = await this.consents.keyless()) {
      await forEachAlone(missing, ({ id, agency }) => this.consents.makeKey(id, agency, this.consents.act('intake')).catch(byAnotherInstance));
    }
  }

  @Every(1000)
  async noticeOverdue(): Promise<void> {
    await forEachAlone(await this.helpRequests.lapsed(), async (id) => {
      const act = this.helpRequests.act('intake');
      await this.helpRequests.change(id, act, (r) => noticeOverdue(r, act));
    });
  }
}
