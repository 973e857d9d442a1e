import { spawnSync } from 'node:child_process';
import { freePort } from './free-port.js';
import { serverSettings, type KafkaServer, type Security } from './kafka-server.js';

const image = 'apache/kafka:4.1.1';

const docker = (timeout: number, ...args: string[]): boolean => spawnSync('docker', args, { stdio: 'ignore', timeout }).status === 0;

/** Whether an engine answers, and has the image or reaches a registry that has it; known within seconds where neither is so. */
export const dockerRuns = (): boolean =>
  docker(5_000, 'version') && (docker(5_000, 'image', 'inspect', image) || docker(8_000, 'manifest', 'inspect', image));

/** `sasl.enabled-x_y` → KAFKA_SASL_ENABLED___X__Y: how the image takes settings. */
const variable = (name: string): string => `KAFKA_${name.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_').toUpperCase()}`;

/** A container; its data stay in it when it is killed. */
export const kafkaOnDocker = async (security?: Security): Promise<KafkaServer> => {
  // Its image may not be at hand, and the container is removed below also when the process ends early.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  const { container: containers, info } = await getContainerRuntimeClient();
  const port = await freePort();
  const address = `${info.containerRuntime.host}:${port}`;
  const settings = serverSettings({ listen: '0.0.0.0:9092', advertise: address, controllerPort: 9093 }, '/tmp/kafka-data', security);
  const environment = Object.fromEntries(Object.entries(settings).map(([name, value]) => [variable(name), value]));
  const started = await new GenericContainer(image)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({ ...environment, KAFKA_HEAP_OPTS: '-Xms128m -Xmx256m -XX:+UseSerialGC' })
    .start();
  const container = containers.getById(started.getId());
  const removeNow = () => spawnSync('docker', ['rm', '-f', '-v', started.getId()], { stdio: 'ignore' });
  process.once('exit', removeNow);
  return {
    address,
    kill: async () => { if ((await container.inspect()).State.Running) await container.kill(); },
    start: async () => { if (!(await container.inspect()).State.Running) await container.start(); },
    stop: async () => {
      await container.remove({ force: true, v: true });
      process.removeListener('exit', removeNow);
    },
  };
};
