import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { serverSettings, type KafkaServer, type Security } from './kafka-server.js';

const pom = fileURLToPath(new URL('../kafka/pom.xml', import.meta.url));
const jars = fileURLToPath(new URL('../../../node_modules/.cache/kafka/4.1.1', import.meta.url));

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

export const javaRuns = (): boolean => runs('java', '-version') && (existsSync(jars) || runs('mvn', '-v'));

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

/** A process of its own, from Maven's jars. */
export const kafkaOnJava = async (security?: Security): Promise<KafkaServer> => {
  await fetchJars();
  const folder = await mkdtemp(join(tmpdir(), 'opora-kafka-'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${port}`;
  const file = join(folder, 'server.properties');
  const settings = serverSettings({ listen: address, advertise: address, controllerPort }, join(folder, 'data'), security);
  await writeFile(file, Object.entries(settings).map(([name, value]) => `${name}=${value}`).join('\n'), { mode: 0o600 });
  const java = (output: 'ignore' | 'pipe', ...args: string[]): ChildProcess =>
    spawn('java', ['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(jars, '*'), ...args], { stdio: ['ignore', output, output], cwd: folder });

  // Sixteen bytes. One that is drawn may begin with a hyphen, and then is no argument.
  const clusterId = Buffer.from('opora-test-kafka').toString('base64url');
  const format = java('pipe', 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file);
  const said: unknown[] = [];
  for (const stream of [format.stdout!, format.stderr!]) stream.on('data', (chunk) => said.push(chunk));
  const [code, signal] = await once(format, 'close') as [number | null, string | null];
  if (code !== 0) throw new Error(`Kafka’s storage could not be formatted (${code ?? signal}): ${said.join('').slice(-2_000)}`);

  let server: ChildProcess | undefined;
  const killNow = () => server?.kill('SIGKILL');
  process.once('exit', killNow);
  const kill = async (): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return {
    address, kill,
    start: async () => { server = java('ignore', 'kafka.Kafka', file); },
    stop: async () => {
      await kill();
      process.removeListener('exit', killNow);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
