import { Injectable } from '@nestjs/common';
import { Every } from '@opora/service';
import { noticeOverdue } from './domain/help-request.js';
import { HelpRequests } from './help-requests.store.js';

@Injectable()
export class Reactions {
  constructor(private readonly helpRequests: HelpRequests) {}

  @Every(1000)
  async noticeOverdue(): Promise<void> {
    for (const id of await this.helpRequests.lapsed()) {
      const act = this.helpRequests.act('intake');
      await this.helpRequests.change(id, act, (r) => noticeOverdue(r, act));
    }
  }
}
