import { freePort, whyNoKafka } from '@opora/testing';
import { playJourney } from '../src/demo/journey.js';
import { startRegion, type Region } from '../src/region/region.js';
import { services } from '../src/services.js';
import { journeyHolds } from './journey-checks.js';
import { poisonIsContained } from './poison-checks.js';
import { probeLives } from './probe-life.js';
import { restoreHolds } from './restore-checks.js';
import { withdrawalHolds } from './withdrawal-checks.js';

const why = whyNoKafka();
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else describe('A region: one process per service, Apache Kafka between them', region);

function region() {
  let region: Region;
  let clientId: string;

  const deployments = () => services.map(({ name }) => region.deployment(name));
  const pids = () => deployments().flatMap(({ instances }) => instances.map(({ pid }) => pid));

  beforeAll(async () => {
    region = await startRegion();
    clientId = await playJourney({ gateway: region.gateway, mint: region.mint, say: () => undefined });
  }, 240_000);

  afterAll(() => region?.close(), 30_000);

  journeyHolds(() => ({
    ...region, clientId,
    crash: async () => {
      const before = pids();
      await Promise.all(deployments().flatMap(({ instances }) => instances.map((instance) => instance.end('SIGKILL'))));
      await Promise.all(deployments().map((deployment) => deployment.ready()));
      expect(pids().filter((pid) => before.includes(pid))).toEqual([]);
    },
    without: async (module, work) => {
      await region.deployment(module).stop();
      await work();
      await region.deployment(module).add();
      await region.deployment(module).ready();
    },
  }));

  describe('Consent', () => withdrawalHolds(() => region));

  restoreHolds(() => region);

  describe('Poison', () => poisonIsContained(() => region));

  it('lets a module join over Kafka, work, die, and leave; nobody else restarts and its history stays', async () => {
    const before = pids();
    await probeLives({ place: region, port: await freePort(), environment: { PROBE_KAFKA: region.kafka.brokers } });
    expect(pids()).toEqual(before);
  }, 120_000);
}
