import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowAnyone } from '@opora/access';
import { Answers } from '@opora/service';
import { Freshness } from './freshness.js';
import { ModuleRegistry } from './module-registry.js';
import { ModulesView } from './modules.dto.js';

@ApiTags('modules')
@Controller('v1/modules')
export class ModulesController {
  constructor(private readonly modules: ModuleRegistry, private readonly freshness: Freshness) {}

  /** Who is here, what they offer, and whether they were heard of late. Their addresses stay inside. */
  @AllowAnyone('module.list') @Get() @Answers(ModulesView)
  async listModules(): Promise<ModulesView> {
    const [manifests, { isStale, heardUntil }] = await Promise.all([this.modules.present(), this.freshness.now()]);
    return {
      items: manifests.map(({ module, titles, lifecycle, version, offers, serves }) => {
        const stale = isStale(module);
        const staleSince = stale ? heardUntil(module) : undefined;
        return { module, titles, lifecycle, version, offers, serves, ...(serves.includes('openapi') && { openapi: `/openapi/${module}.json` }), stale, ...(staleSince && { staleSince }) };
      }),
    };
  }
}
