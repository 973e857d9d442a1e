import { Injectable } from '@nestjs/common';
import type { Manifest } from '@opora/contracts';
import { absent } from '@opora/domain';
import { AccessGuard, Reading, Witness, type AuditRow } from '@opora/service';
import type { FastifyRequest } from 'fastify';
import { labelOf } from './assembly.js';
import { DescribedPaths } from './described-paths.js';
import { documentedPath } from './domain/documented-path.js';
import { Projection } from './projection.js';

/** A UUID in any spelling that a database takes for one. */
const ID = /(?<![0-9a-f])(?=([0-9a-f]{4}(?:-?[0-9a-f]{4}){7}))/gi;
const spelled = (digits: string): string => digits.replaceAll('-', '').toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const idsIn = ({ pathname, searchParams }: URL): string[] =>
  [...new Set([...`${decodeURIComponent(pathname)} ${[...searchParams].flat().join(' ')}`.matchAll(ID)].map(([, digits]) => spelled(digits!)))];

const looks = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Decides about requests to modules that keep no access log of their own, and has them on record: what every service does for itself. */
@Injectable()
export class ForeignAccess {
  constructor(
    private readonly guard: AccessGuard, private readonly reading: Reading, private readonly witness: Witness,
    private readonly projection: Projection, private readonly paths: DescribedPaths,
  ) {}

  /**
   * Refuses what our policies forbid, whatever the module would say. What may change something is on record before it is handed on; what
   * looks, once `answered` resolves: by then it is known whether the module showed anything.
   */
  async admit(request: FastifyRequest, manifest: Manifest, target: string): Promise<{ answered: (status: number) => Promise<void> }> {
    const { method } = request;
    const address = new URL(request.raw.url!, target);
    const route = `${method}:${documentedPath(await this.paths.of(manifest), manifest.module, address.pathname)}`;
    const actor = await this.guard.admit(request, looks.has(method) ? 'module.read' : 'module.write', request.headers['opora-on-behalf-of'], route);
    const { asking } = actor;
    const things = await this.named(manifest.module, idsIn(address), actor.agency);
    // All of them, so that all are on record.
    const allowed = things.map(({ consents, label }) => this.reading.mayAsOf(consents, actor, label)).every((may) => may);
    if (!allowed || !looks.has(method)) await this.witness.tell(actor);
    if (!allowed) throw absent('record');
    return {
      answered: (status) => {
        if (status >= 400) asking.overrule();
        return this.witness.tell(actor);
      },
    };
  }

  /** Whom the request names: by plan entries of the module, or by the people's own ids. Of the latter the module knows whose record it is. */
  private async named(module: string, ids: readonly string[], agency: string) {
    if (ids.length === 0) return [];
    const entries = await this.projection.entriesOf(module, ids);
    const labels = [
      ...entries.map((entry) => labelOf(entry)),
      ...(await this.projection.peopleAmong(ids)).map((clientId) => ({ clientId, agency, module, dataClass: 'D1' as const })),
    ];
    return Promise.all(labels.map(async (label) => {
      const { clientId, consents } = await this.projection.person(label.clientId);
      return { consents, label: { ...label, clientId } };
    }));
  }
}

/** The module whose record it was, of a request that was handed on. */
export const handedOnTo = ({ content: { action, resources } }: AuditRow): string | undefined =>
  action.startsWith('module.') ? /^[A-Z]+:\/v1\/([a-z0-9-]+)\//.exec(resources[0] ?? '')?.[1] : undefined;
