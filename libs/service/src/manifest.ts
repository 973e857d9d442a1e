import { check, erasureCompleted, moduleAnnounced, planEntryRecorded, type Contract, type Manifest } from '@opora/contracts';
import type { Clock, Database, Snapshots } from '@opora/messaging';
import type { ServiceDefinition, ServiceSettings } from './definition.js';

/** The manifest belongs to no aggregate but to the service itself. */
const ITSELF = '00000000-0000-0000-0000-000000000000';

/** What a service says of its own; the platform adds its manifest and its watermark. Nobody may be silent about an erasure. */
export const contractsSaid = (service: ServiceDefinition): Contract[] => [...(service.says ?? []), ...(service.stores?.length ? [planEntryRecorded] : []), erasureCompleted];

export const typesSaid = (service: ServiceDefinition): string[] => contractsSaid(service).map(({ type }) => type).sort();

/** Throws when it does not fit its contract. */
export const manifestOf = (service: ServiceDefinition, settings: ServiceSettings, baseUrl: string, hears: Iterable<string>): Omit<Manifest, 'revision'> => {
  const manifest = {
    module: service.name,
    version: service.version,
    titles: service.titles,
    baseUrl,
    lifecycle: 'active' as const,
    offers: [...(service.offers?.(settings) ?? [])],
    says: typesSaid(service),
    hears: [...hears].sort(),
    serves: service.serves ?? ['openapi'],
    accessLog: true,
    ...(service.me && { me: [...service.me] }),
    ...(settings.agencyTitles && { agencies: [{ agency: settings.agency, titles: settings.agencyTitles }] }),
  };
  check(moduleAnnounced, { ...manifest, revision: 1 });
  return manifest;
};

/**
 * Through the outbox, and only when it differs from what was said last: its revision is this schema's own count. It is for the
 * relay's leader to say: of two versions side by side one speaks, and the last one that is left in the end.
 */
export const announce = (manifest: Omit<Manifest, 'revision'>, agency: string, database: Database, snapshots: Snapshots, clock: Clock): Promise<unknown> =>
  database.transaction(async () => {
    await database.query(`select pg_advisory_xact_lock(hashtextextended('manifest ' || current_schema(), 0))`);
    return snapshots.publish(ITSELF, 1, [{
      contract: moduleAnnounced, key: manifest.module, agency, body: manifest, stamp: ({ version }) => ({ revision: version }),
    }], clock.now());
  });
