import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AllowAnyone } from '@opora/access';
import { DomainError } from '@opora/domain';
import type { Consumer, Database, Snapshots } from '@opora/messaging';
import type { Registry } from 'prom-client';

/** What every service answers about itself. */
export interface ServiceState {
  readonly database: Database;
  readonly snapshots: Snapshots;
  readonly metrics: Registry;
  consumer: Consumer | undefined;
  openapi: unknown;
  ready: boolean;
}

export const STATE = 'opora:state';

@ApiExcludeController()
@Controller()
export class ServiceController {
  constructor(@Inject(STATE) private readonly state: ServiceState) {}

  @AllowAnyone('health.read') @Get('health/live')
  live() {
    return { status: 'up' };
  }

  @AllowAnyone('health.read') @Get('health/ready')
  async readiness() {
    await this.state.database.query('select 1');
    if (!this.state.ready) throw new DomainError('conflict', 'not-ready', 'The service is starting or stopping');
    return { status: 'ready' };
  }

  @AllowAnyone('metrics.read') @Get('metrics') @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics() {
    return this.state.metrics.metrics();
  }

  @AllowAnyone('openapi.read') @Get('openapi.json')
  openapi() {
    return this.state.openapi;
  }
}
