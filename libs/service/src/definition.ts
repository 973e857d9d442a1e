import type { Provider, Type } from '@nestjs/common';
import type { Contract, Manifest, Offer, Titles } from '@opora/contracts';
import type { PolicyText, TokenRules } from '@opora/access';
import type { Broker, Clock, HeadTopic, Store } from '@opora/messaging';
import type { Act, Fact } from '@opora/domain';
import type { FastifyInstance } from 'fastify';
import type { TObject } from 'typebox';
import type { MigrationInterface } from 'typeorm';
import type { Log } from './log.js';
import type { TableGauge } from './metrics.js';
import type { WaitingRoom } from './waiting-room.js';

/** A service's table of contents: everything that makes it different from the others. */
export interface ServiceDefinition {
  /** The module's name: first part of its paths, its schema, its source in events. */
  readonly name: string;
  readonly version: string;
  readonly titles: Titles;
  readonly controllers: readonly Type[];
  readonly stores?: readonly Type<Pick<Store<object, Fact>, 'refresh'>>[];
  /** Classes with `@On` and `@Every` methods: what the service does when others speak or time passes. */
  readonly reactions?: readonly Type[];
  readonly providers?: readonly Provider[];
  readonly says?: readonly Contract[];
  /** Compacted topics of which the service keeps the newest values. Consents are always among them. */
  readonly follows?: readonly HeadTopic[];
  readonly offers?: (settings: ServiceSettings) => readonly Offer[];
  readonly serves?: Manifest['serves'];
  /** Who may do what; the service's own files among the policies unless said. */
  readonly policies?: PolicyText;
  /** What the service tells people of themselves: `consents` → `GET /v1/<name>/me/consents`. */
  readonly me?: readonly string[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** What of its tables those who run it have to see (docs/metrics.md). */
  readonly gauges?: readonly TableGauge[];
  /** File of the rules how long records stay (docs/forgetting.md). */
  readonly retention?: string;
  /** Who can take a person out of all modules: only the service that knows people. */
  readonly erasesPersons?: Type<PersonEraser>;
  /** Variables of the environment that this service alone reads, each with its description. */
  readonly variables?: TObject;
  /** Routes that are no controller's: the gateway's forwarding. */
  readonly routes?: (fastify: FastifyInstance, get: <T>(type: Type<T>) => T) => Promise<void>;
  /** Suffix of the consumer group, for a reader that must be able to start over. */
  readonly epoch?: (query: (sql: string) => Promise<unknown[]>) => Promise<string>;
}

export interface PersonEraser {
  /** One person decided it, on the proposal of a rule. */
  erasePerson(clientId: string, act: Act): Promise<void>;
}

/** What differs from place to place. */
export interface ServiceSettings {
  readonly host: string;
  readonly port: number;
  /** Runtime login: the service's tables only. */
  readonly databaseUrl: string;
  /** Owner login: migrations. */
  readonly ownerDatabaseUrl: string;
  readonly poolSize?: number;
  readonly tokens: TokenRules;
  /** Ed25519 private key (PEM) that signs the checkpoints of the audit trail. */
  readonly auditKey: string;
  /** The agency whose offers the service carries. */
  readonly agency: string;
  /** What people call it; its short name unless said. */
  readonly agencyTitles?: Titles;
  /** What callers may ask of us. Rates are requests a minute; none, or 0: no limit. */
  readonly limits?: {
    readonly perAddress?: number;
    readonly perSubject?: number;
    /** Whose `x-forwarded-for` is believed; `none`: nobody's. */
    readonly trustedProxies?: string;
    readonly headersMs?: number;
    readonly requestMs?: number;
    readonly connections?: number;
  };
  readonly watermarkEveryMs?: number;
  /** How long a stopping service goes on answering, so that balancers see that it is not ready any more; milliseconds. */
  readonly drainMs?: number;
  /** Where the gateway reaches the service; its own host and port unless said. */
  readonly baseUrl?: string;
  /** Where the service's own `variables` are read from. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface Platform {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  /** Open on the service's port until the service takes it. */
  readonly room?: WaitingRoom;
}

export interface RunningService {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

export const SETTINGS = 'opora:settings';

/** How long ago the service last had nothing left to hear. */
export class Lag {
  behindMs: () => number = () => Infinity;
}
