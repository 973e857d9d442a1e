import { topics } from '@opora/contracts';
import type { ServiceDefinition } from './definition.js';
import { contractsSaid } from './manifest.js';
import { topicsHeard, typesHeard } from './reactions.js';

/** Names of the topics that a service reads and writes, from its table of contents alone: what its login is to be granted. */
export const topicsOf = (service: ServiceDefinition): { reads: string[]; writes: string[] } => ({
  reads: topicsHeard(typesHeard(service)),
  // Every service says its manifest and its watermark.
  writes: [...new Set([...contractsSaid(service).map(({ topic }) => topic.name), topics.modules.name, topics.watermarks.name])].sort(),
});
