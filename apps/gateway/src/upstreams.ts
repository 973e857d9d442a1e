import { Inject, Injectable } from '@nestjs/common';
import type { Manifest } from '@opora/contracts';
import { Log, problem, readConfiguration, SETTINGS, type Problem, type ServiceSettings } from '@opora/service';
import { upstreamCheck } from './domain/upstreams.js';
import { ModuleRegistry } from './module-registry.js';
import { Variables } from './variables.js';

/** Where modules answer, and whether callers' tokens may go there. */
@Injectable()
export class Upstreams {
  /** How long a module may take to begin its answer, and to go on with it. */
  readonly timeoutMs: number;
  private readonly allowed: (baseUrl: string) => boolean;

  constructor(private readonly modules: ModuleRegistry, private readonly log: Log, @Inject(SETTINGS) { environment = {} }: ServiceSettings) {
    const { GATEWAY_UPSTREAMS, GATEWAY_UPSTREAM_TIMEOUT_MS } = readConfiguration(Variables, environment);
    this.allowed = upstreamCheck(GATEWAY_UPSTREAMS);
    this.timeoutMs = GATEWAY_UPSTREAM_TIMEOUT_MS;
  }

  mayReach({ module, baseUrl }: Manifest): boolean {
    if (this.allowed(baseUrl)) return true;
    this.log.say('warn', 'upstream refused', { code: 'upstream-not-allowed', module });
    return false;
  }

  /** The module's manifest, or what to tell the caller instead. */
  async of(name: string): Promise<{ manifest: Manifest } | { refusal: Problem }> {
    const found = await this.modules.find(name);
    if (found === 'gone') return { refusal: problem(410, 'Gone', 'module-gone', 'This module left; what it contributed to plans stays there') };
    if (found === undefined) return { refusal: problem(404, 'Not found', 'module-unknown', 'There is no such module; GET /v1/modules lists them') };
    if (!this.mayReach(found)) return { refusal: problem(503, 'Not available at the moment', 'upstream-not-allowed', 'The module’s address is not among those that operations allowed') };
    return { manifest: found };
  }
}
