import { topics } from '@opora/contracts';
import type { ServiceDefinition } from '@opora/service';
import { join } from 'node:path';
import { Asking } from './asking.js';
import { Assembly } from './assembly.js';
import { DescribedPaths } from './described-paths.js';
import { ForeignAccess } from './foreign-access.js';
import { forward } from './forwarding.js';
import { Freshness } from './freshness.js';
import { MyAccessLogController } from './me/access-log.controller.js';
import { MyConsentsController } from './me/consents.controller.js';
import { MyExportController } from './me/export.controller.js';
import { MyObjectionsController } from './me/objections.controller.js';
import { MyPlanController } from './me/plan.controller.js';
import { Gateway1700000400001 } from './migrations/0001-gateway.js';
import { Aliases1700000400002 } from './migrations/0002-aliases.js';
import { ModuleRegistry } from './module-registry.js';
import { ModulesController } from './modules.controller.js';
import { PlansController } from './plans.controller.js';
import { Projection } from './projection.js';
import { Reactions } from './reactions.js';
import { describeModules } from './reference.js';
import { Upstreams } from './upstreams.js';
import { Variables } from './variables.js';

const self = 'gateway';

export const Gateway: ServiceDefinition = {
  name: self,
  version: '0.1.0',
  titles: { en: 'Gateway and support plans', ru: 'Единый вход и планы поддержки' },
  controllers: [
    PlansController, ModulesController,
    // The person’s own view
    MyPlanController, MyConsentsController, MyAccessLogController, MyObjectionsController, MyExportController,
  ],
  reactions: [Reactions],
  providers: [Projection, ModuleRegistry, Freshness, Upstreams, Asking, Assembly, DescribedPaths, ForeignAccess],
  follows: [topics.watermarks.name],
  migrations: [Gateway1700000400001, Aliases1700000400002],
  retention: join(import.meta.dirname, 'retention.json'),
  variables: Variables,
  routes: async (fastify, get) => {
    const upstreams = get(Upstreams);
    await forward(fastify, upstreams, get(ForeignAccess), self);
    await describeModules(fastify, get(ModuleRegistry), upstreams, self);
  },
  epoch: async (query) => {
    await query('insert into projection (epoch) values (gen_random_uuid()) on conflict do nothing');
    const [row] = await query('select epoch from projection') as { epoch: string }[];
    return row!.epoch;
  },
};
