import { contract, serviceTopic, type Contract, type PlanEntryBody } from '@opora/contracts';
import { DomainError, type Decide, type Fact } from '@opora/domain';
import { createTestDatabase, ManualClock, type TestDatabase } from '@opora/testing';
import { DataSource } from 'typeorm';
import { Type } from 'typebox';
import { Database, everyServicesMigrations, newId, Outbox, Snapshots, Store, StoreTools, type Aggregate } from '../src/index.js';

export interface Course {
  readonly clientId: string;
  readonly sessions: number;
  /** What the plan shows of it, by entry id. */
  readonly entries: Readonly<Record<string, string>>;
}

export type CourseFact =
  | Fact<'example.course-opened', { clientId: string }, { entries?: Readonly<Record<string, string>> }>
  | Fact<'example.session-held', { number: number }>
  | Fact<'example.entries-changed', object, { entries: Readonly<Record<string, string>> }>;

const says: readonly Contract[] = [
  contract(serviceTopic('example'), 'example.course-opened', '1.0.0', Type.Object({ clientId: Type.String({ format: 'uuid' }) }, { additionalProperties: false }), 'For tests'),
  contract(serviceTopic('example'), 'example.session-held', '1.0.0', Type.Object({ number: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }), 'For tests'),
  contract(serviceTopic('example'), 'example.entries-changed', '1.0.0', Type.Object({}, { additionalProperties: false }), 'For tests'),
];

const evolve = (course: Course | undefined, fact: CourseFact): Course => {
  switch (fact.type) {
    case 'example.course-opened': return { clientId: fact.data.clientId, sessions: 0, entries: fact.own?.entries ?? {} };
    case 'example.session-held': return { ...course!, sessions: fact.data.number };
    case 'example.entries-changed': return { ...course!, entries: fact.own!.entries };
    default: return fact satisfies never;
  }
};

const planEntry = ({ clientId }: Course, entryId: string, code: string): PlanEntryBody => ({
  entryId, clientId, agency: 'centre', kind: 'service', phase: 'active', title: { system: 'urn:opora:example', code, en: code, ru: code },
  dataClass: 'D1', because: [], needs: [], actions: [],
});

export const courses: Aggregate<Course, CourseFact> = {
  name: 'course',
  table: 'course',
  evolve,
  agency: () => 'centre',
  client: (course) => course.clientId,
  columns: (course) => ({ client_id: course.clientId }),
  planEntries: (course) => Object.entries(course.entries).map(([id, code]) => planEntry(course, id, code)),
};

export const openCourse = (clientId: string, entries?: Record<string, string>): Decide<Course, CourseFact> => (course) => {
  if (course) throw new DomainError('conflict', 'already-open', 'It is open');
  return [{ type: 'example.course-opened', data: { clientId }, ...(entries && { own: { entries } }) }];
};

export const holdSession: Decide<Course, CourseFact> = (course) => [{ type: 'example.session-held', data: { number: course!.sessions + 1 } }];

export const showEntries = (entries: Record<string, string>): Decide<Course, CourseFact> => () => [{ type: 'example.entries-changed', data: {}, own: { entries } }];

export interface ExampleService {
  readonly test: TestDatabase;
  readonly runtimeUrl: string;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly snapshots: Snapshots;
  readonly clock: ManualClock;
  readonly store: Store<Course, CourseFact>;
  /** The same table, by other code: as after a deployment. */
  storeWith(changes: Partial<Aggregate<Course, CourseFact>>): Store<Course, CourseFact>;
  opened(entries?: Record<string, string>): Promise<string>;
  /** How many rows each table of the service has. */
  counts(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** A service's schema with messaging's tables and one aggregate, without an application around it. */
export const startExampleService = async (): Promise<ExampleService> => {
  const test = await createTestDatabase();
  const { ownerUrl, runtimeUrl } = await test.provision('example');
  const owner = await new DataSource({ type: 'postgres', url: ownerUrl, installExtensions: false, migrations: [...everyServicesMigrations] }).initialize();
  await owner.runMigrations();
  await owner.query('create table course (id uuid primary key, version integer not null, state jsonb not null, client_id uuid not null)');
  await owner.query('create table effect (n bigint generated always as identity primary key, what text not null)');
  await owner.destroy();

  const dataSource = await new DataSource({ type: 'postgres', url: runtimeUrl, installExtensions: false, poolSize: 25 }).initialize();
  const database = new Database(dataSource);
  const outbox = new Outbox(database, 'example', () => undefined);
  const snapshots = new Snapshots(database, outbox);
  const clock = new ManualClock();
  const tools = new StoreTools('example', new Map(says.map((one) => [one.type, one])), database, outbox, snapshots, clock);
  const store = new Store(courses, tools);
  return {
    test, runtimeUrl, database, outbox, snapshots, clock, store,
    storeWith: (changes) => new Store({ ...courses, ...changes }, tools),
    opened: async (entries) => {
      const id = newId();
      await store.change(id, store.act('worker-1'), openCourse(newId(), entries));
      return id;
    },
    counts: async () => {
      const tables = ['course', 'fact', 'outbox', 'snapshot', 'inbox', 'effect', 'dead_letter'];
      const [row] = await database.query<Record<string, number>>(`select ${tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')}`);
      return row!;
    },
    close: async () => {
      await dataSource.destroy();
      await test.drop();
    },
  };
};
