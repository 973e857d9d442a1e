import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AllowAnyone } from '@opora/access';
import type { Consumer, Snapshots } from '@opora/messaging';
import type { FastifyReply } from 'fastify';
import type { Health, Readiness } from './health.js';
import type { Metrics } from './metrics.js';
import type { Retention } from './retention/retention.js';

/** What every service answers about itself. */
export interface ServiceState {
  readonly snapshots: Snapshots;
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'text'>;
  consumer: Consumer | undefined;
  retention: Retention | undefined;
  /** Made when it is first asked for. */
  openapi: () => unknown;
}

export const STATE = 'opora:state';

@ApiExcludeController()
@Controller()
export class ServiceController {
  constructor(@Inject(STATE) private readonly state: ServiceState) {}

  /** The process works, whatever it depends on: starting it again would mend nothing else. */
  @AllowAnyone('health.read') @Get('health/live') @Header('cache-control', 'no-store')
  live() {
    return { status: 'up' };
  }

  @AllowAnyone('health.read') @Get('health/ready') @Header('cache-control', 'no-store')
  async readiness(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.state.health.readiness();
    if (readiness.status !== 'ready') reply.status(503);
    return readiness;
  }

  @AllowAnyone('metrics.read') @Get('metrics') @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics() {
    return this.state.metrics.text();
  }

  @AllowAnyone('openapi.read') @Get('openapi.json')
  openapi() {
    return this.state.openapi();
  }
}
