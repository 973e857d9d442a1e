import { PostgresLog } from '@opora/messaging';
import type { ServiceDefinition } from '@opora/service';
import { DoorController, TAKEN } from './door.controller.js';

/** A module like the others, so that the gateway routes and documents it without knowing it. */
export const door = (log: PostgresLog, taken: readonly string[] = []): ServiceDefinition => ({
  name: 'broker',
  version: '0.1.0',
  titles: { en: 'Event door', ru: 'Шлюз событий' },
  controllers: [DoorController],
  providers: [{ provide: PostgresLog, useValue: log }, { provide: TAKEN, useValue: new Set([...taken, 'broker']) }],
  migrations: [],
});
