import { Injectable } from '@nestjs/common';
import { consentsChanged, entryKey, moduleAnnounced, planEntryRecorded } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import type { EventOf } from '@opora/messaging';
import { On, OnMany } from '@opora/service';
import { ModuleRegistry } from './module-registry.js';
import { Projection } from './projection.js';

/** Nobody speaks for another module. */
const mustBeOwn = (source: string, module: string, key: string, expectedKey: string): void => {
  if (source !== module || key !== expectedKey) throw new DomainError('invalid', 'foreign-key', 'The value is not of the module that says it, or lies under another key');
};

/** All of it may be heard again from the beginning: every handler goes by versions, and erasures last. */
@Injectable()
export class Reactions {
  constructor(private readonly projection: Projection, private readonly modules: ModuleRegistry) {}

  @On(planEntryRecorded)
  async planEntryRecorded({ key, source, data }: EventOf<typeof planEntryRecorded>): Promise<void> {
    if (data === null) return this.projection.eraseEntry(key);
    mustBeOwn(source, data.module, key, entryKey(data.module, data.entryId));
    await this.projection.record([data]);
  }

  @OnMany(planEntryRecorded)
  async planEntriesRecordedTogether(events: readonly EventOf<typeof planEntryRecorded>[]): Promise<void> {
    const entries = events.map(({ data }) => data!);
    events.forEach(({ key, source }, i) => mustBeOwn(source, entries[i]!.module, key, entryKey(entries[i]!.module, entries[i]!.entryId)));
    await this.projection.record(entries);
  }

  @On(consentsChanged)
  async consentsChanged({ key, data }: EventOf<typeof consentsChanged>): Promise<void> {
    await (data === null ? this.projection.eraseClient(key) : this.projection.keepAliases([key]));
  }

  @OnMany(consentsChanged)
  async consentsChangedTogether(events: readonly EventOf<typeof consentsChanged>[]): Promise<void> {
    await this.projection.keepAliases(events.map(({ key }) => key));
  }

  @On(moduleAnnounced)
  async moduleAnnounced({ key, source, time, data }: EventOf<typeof moduleAnnounced>): Promise<void> {
    if (data === null) return this.modules.leave(key, time);
    mustBeOwn(source, data.module, key, data.module);
    await this.modules.announce(data);
  }
}
