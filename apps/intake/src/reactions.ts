import { Injectable } from '@nestjs/common';
import { Every, forEachAlone } from '@opora/service';
import { noticeOverdue } from './domain/help-request.js';
import { HelpRequests } from './help-requests.store.js';

@Injectable()
export class Reactions {
  constructor(private readonly helpRequests: HelpRequests) {}

  @Every(1000)
  async noticeOverdue(): Promise<void> {
    await forEachAlone(await this.helpRequests.lapsed(), async (id) => {
      const act = this.helpRequests.act('intake');
      await this.helpRequests.change(id, act, (r) => noticeOverdue(r, act));
    });
  }
}
