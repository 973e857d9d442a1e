import { Controller, Get, Header, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import { Allow, AllowAnyone } from '@opora/access';
import { contractOf } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { DeadLetters, Snapshots, type Database } from '@opora/messaging';
import { Registry } from 'prom-client';

/** What every service answers about itself. */
export interface ServiceState {
  readonly database: Database;
  readonly snapshots: Snapshots;
  readonly metrics: Registry;
  openapi: unknown;
  ready: boolean;
}

export const STATE = 'opora:state';

/** Made per service, so that its administrative routes lie under the service's own path. */
export const serviceController = (name: string) => {
  @ApiTags('service')
  @Controller()
  class ServiceController {
    constructor(@Inject(STATE) private readonly state: ServiceState) {}

    @AllowAnyone('health.read') @ApiExcludeEndpoint() @Get('health/live')
    live() {
      return { status: 'up' };
    }

    @AllowAnyone('health.read') @ApiExcludeEndpoint() @Get('health/ready')
    async readiness() {
      await this.state.database.query('select 1');
      if (!this.state.ready) throw new DomainError('conflict', 'not-ready', 'The service is starting or stopping');
      return { status: 'ready' };
    }

    @AllowAnyone('metrics.read') @ApiExcludeEndpoint() @Get('metrics') @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    metrics() {
      return this.state.metrics.metrics();
    }

    @AllowAnyone('openapi.read') @ApiExcludeEndpoint() @Get('openapi.json')
    openapi() {
      return this.state.openapi;
    }

    @Allow('dead-letter.list', 'admin') @Get(`v1/${name}/admin/dead-letters`)
    async listDeadLetters() {
      return { items: await new DeadLetters(this.state.database).open(200) };
    }

    /** Says again everything that this service ever said on compacted topics. */
    @Allow('snapshot.republish', 'admin') @HttpCode(200) @Post(`v1/${name}/admin/republish`)
    async republish() {
      return { republished: await this.state.snapshots.republish((topic) => contractOfTopic(topic)) };
    }
  }
  return ServiceController;
};

const compactedTypes = ['opora.module.announced', 'opora.consents.changed', 'opora.plan-entry.recorded'];

const contractOfTopic = (topic: string) => compactedTypes.map((type) => contractOf(type)!).find((contract) => contract.topic.name === topic)!;
