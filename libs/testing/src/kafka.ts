import { createClient } from '@opora/messaging/kafka';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A real Apache Kafka. */
export interface TestKafka {
  /** `host:port,…` */
  readonly brokers: string;
  /** Whether it is ours to kill. */
  readonly ours: boolean;
  /** With -9. */
  kill(): Promise<void>;
  /** On the same data and port; resolves when it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const pom = fileURLToPath(new URL('../kafka/pom.xml', import.meta.url));
const jars = fileURLToPath(new URL('../../../node_modules/.cache/kafka/4.1.1', import.meta.url));

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Why there can be no Kafka here; undefined when there can. With CI set to true that is an error, not a reason to skip. */
export const whyNoKafka = (): string | undefined => {
  const why = process.env.KAFKA_BROKERS || (runs('java', '-version') && (existsSync(jars) || runs('mvn', '-v'))) ? undefined
    : 'No Apache Kafka: set KAFKA_BROKERS, or install Java 17 and Maven';
  if (why && process.env.CI === 'true') throw new Error(why);
  return why;
};

/** The server's jars, fetched once per working copy. */
const fetchJars = async (): Promise<void> => {
  if (existsSync(jars)) return;
  const folder = `${jars}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  const maven = spawn('mvn', ['-q', '-B', '-f', pom, 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies', `-DoutputDirectory=${folder}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(maven, 'exit') as [number];
  if (code !== 0) throw new Error('Maven could not fetch Kafka');
  // Somebody else may have been faster.
  await rename(folder, jars).catch(() => rm(folder, { recursive: true, force: true }));
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const answers = async (brokers: string): Promise<void> => {
  for (const until = performance.now() + 40_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const admin = createClient({ brokers: brokers.split(','), clientId: 'test', report: () => undefined }).admin();
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

const properties = (folder: string, port: number, controllerPort: number): string => Object.entries({
  'process.roles': 'broker,controller', 'node.id': 1, 'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`, 'controller.listener.names': 'CONTROLLER',
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`, 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'log.dirs': join(folder, 'data').replaceAll('\\', '/'), 'auto.create.topics.enable': false,
  'offsets.topic.replication.factor': 1, 'offsets.topic.num.partitions': 4, 'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0, 'log.cleaner.backoff.ms': 200,
  // Killed, it is taken back only when its old session is over.
  'broker.session.timeout.ms': 1_500, 'broker.heartbeat.interval.ms': 300,
}).map(([name, value]) => `${name}=${value}`).join('\n');

/** KAFKA_BROKERS when given, else a server of its own from Maven's jars. */
export const startKafka = async (): Promise<TestKafka> => {
  const given = process.env.KAFKA_BROKERS;
  if (given) return { brokers: given, ours: false, kill: async () => undefined, start: () => answers(given), stop: async () => undefined };

  await fetchJars();
  const folder = await mkdtemp(join(tmpdir(), 'opora-kafka-'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const brokers = `127.0.0.1:${port}`;
  const file = join(folder, 'server.properties');
  await writeFile(file, properties(folder, port, controllerPort));
  const java = (...args: string[]): ChildProcess =>
    spawn('java', ['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(jars, '*'), ...args], { stdio: 'ignore', cwd: folder });

  const [code] = await once(java('kafka.tools.StorageTool', 'format', '-t', randomBytes(16).toString('base64url'), '-c', file), 'exit') as [number];
  if (code !== 0) throw new Error('Kafka’s storage could not be formatted');

  let server: ChildProcess | undefined;
  const killNow = () => server?.kill('SIGKILL');
  process.once('exit', killNow);
  const kill = async (): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  const start = async (): Promise<void> => {
    server = java('kafka.Kafka', file);
    await answers(brokers);
  };
  const stop = async (): Promise<void> => {
    await kill();
    process.removeListener('exit', killNow);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { brokers, ours: true, kill, start, stop };
};
