import { Inject, Injectable } from '@nestjs/common';
import { topics } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { Clock, Heads } from '@opora/messaging';
import { Lag, readConfiguration, SETTINGS, type ServiceSettings } from '@opora/service';
import { Variables } from './variables.js';

export interface Staleness {
  readonly isStale: (module: string) => boolean;
  /** Until when everything that the module said has been heard. */
  readonly heardUntil: (module: string) => Instant | undefined;
}

/** Whether we may have missed something: the module has been silent for too long, or we are behind with listening. */
@Injectable()
export class Freshness {
  private readonly afterMs: number;

  constructor(private readonly heads: Heads, private readonly lag: Lag, private readonly clock: Clock, @Inject(SETTINGS) { environment = {} }: ServiceSettings) {
    this.afterMs = readConfiguration(Variables, environment).GATEWAY_STALE_AFTER_MS;
  }

  async now(): Promise<Staleness> {
    return this.of(new Map((await this.heads.all(topics.watermarks.name)).map(({ module, at }) => [module, at])));
  }

  of(heard: ReadonlyMap<string, Instant>): Staleness {
    const behind = this.lag.behindMs() > this.afterMs;
    const oldest = Date.parse(this.clock.now()) - this.afterMs;
    return {
      isStale: (module) => behind || !(Date.parse(heard.get(module) ?? '') >= oldest),
      heardUntil: (module) => heard.get(module),
    };
  }
}
