import { createClient, type KafkaOptions } from '@opora/messaging/kafka';
import { randomBytes } from 'node:crypto';
import { dockerRuns, kafkaOnDocker } from './kafka-docker.js';
import { javaRuns, kafkaOnJava } from './kafka-java.js';
import { certify, type KafkaServer, type Security } from './kafka-server.js';

export type KafkaAccess = Pick<KafkaOptions, 'brokers' | 'ssl' | 'sasl'>;

/** A real Apache Kafka. */
export interface TestKafka {
  /** `host:port,…` */
  readonly brokers: string;
  /** Whether it is ours to kill. */
  readonly ours: boolean;
  /** How that user reaches it. */
  as(user: string): KafkaAccess;
  /** With -9. */
  kill(): Promise<void>;
  /** On the same data and port; resolves when it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartKafkaOptions {
  /** Then it wants TLS and passwords; beside `admin` these may do what they are granted. Always a server of our own. */
  readonly users?: readonly string[];
}

interface Way {
  readonly told: string;
  readonly possible: () => boolean;
  readonly launch: (security?: Security) => Promise<KafkaServer>;
}

const ways: Readonly<Record<string, Way>> = {
  docker: { told: 'a container of apache/kafka:4.1.1', possible: dockerRuns, launch: kafkaOnDocker },
  java: { told: 'Java and Maven’s jars', possible: javaRuns, launch: kafkaOnJava },
};

let chosen: Way | undefined;

/** Docker before Java; OPORA_TEST_KAFKA (`docker` or `java`) asks for that one alone. */
const ownWay = (): Way | undefined => {
  const asked = process.env.OPORA_TEST_KAFKA;
  if (asked && !ways[asked]) throw new Error(`OPORA_TEST_KAFKA is none of ${Object.keys(ways).join(', ')}`);
  return chosen ??= (asked ? [ways[asked]!] : Object.values(ways)).find(({ possible }) => possible());
};

/** Why there can be no Kafka here, or none with users; undefined when there can. With CI set to true none at all is an error. */
export const whyNoKafka = ({ users }: StartKafkaOptions = {}): string | undefined => {
  const given = process.env.KAFKA_BROKERS;
  if ((given && !users) || ownWay()) return undefined;
  if (given) return 'No Apache Kafka with users: have Docker, or Java 17 and Maven';
  const why = 'No Apache Kafka: set KAFKA_BROKERS, or have Docker with apache/kafka:4.1.1 at hand, or Java 17 and Maven';
  if (process.env.CI === 'true') throw new Error(why);
  return why;
};

const said = new Set<string>();
const say = (way: string): void => {
  if (!said.has(way)) process.stderr.write(`Kafka: ${way}\n`);
  said.add(way);
};

const answers = async (access: KafkaAccess): Promise<void> => {
  for (const until = performance.now() + 120_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const admin = createClient({ ...access, clientId: 'test', report: () => undefined }).admin();
    try {
      await admin.connect();
      await admin.listTopics();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    } finally {
      await admin.disconnect();
    }
  }
};

const secure = async (users: readonly string[]): Promise<Security> => ({
  ...await certify(), passwords: Object.fromEntries(['admin', ...users].map((name) => [name, randomBytes(12).toString('hex')])),
});

/** KAFKA_BROKERS when given, else a server of its own: by Docker, else by Java. */
export const startKafka = async ({ users }: StartKafkaOptions = {}): Promise<TestKafka> => {
  const given = process.env.KAFKA_BROKERS;
  if (given && !users) {
    say('KAFKA_BROKERS');
    const access: KafkaAccess = { brokers: given.split(',') };
    return { brokers: given, ours: false, as: () => access, kill: async () => undefined, start: () => answers(access), stop: async () => undefined };
  }
  const way = ownWay();
  if (!way) throw new Error(whyNoKafka(users && { users }));
  say(way.told);
  const security = users && await secure(users);
  const server = await way.launch(security);
  const as = (username: string): KafkaAccess => ({
    brokers: [server.address],
    ...(security && { ssl: { ca: [security.certificate] }, sasl: { mechanism: 'plain', username, password: security.passwords[username]! } }),
  });
  const start = async (): Promise<void> => {
    await server.start();
    await answers(as('admin'));
  };
  try {
    await start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { brokers: server.address, ours: true, as, kill: () => server.kill(), start, stop: () => server.stop() };
};
