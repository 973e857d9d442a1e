import { probeLives } from './probe-life.js';
import { freePorts, startOpora, tempFolder, type OporaProcess } from './opora-process.js';

const folder = tempFolder();
let opora: OporaProcess;

beforeAll(async () => { opora = await startOpora(folder.path, { OPORA_DEMO: 'never' }); }, 60_000);

afterAll(async () => {
  await opora?.end('SIGINT');
  folder.remove();
}, 30_000);

it('lets a module join over the door, work, die, and leave; nobody else restarts and its history stays', async () => {
  const before = opora.pid;
  const token = await opora.mint({ sub: 'probe', agency: 'probe-agency', roles: ['module'] });
  await probeLives({ place: opora, port: await freePorts(), environment: { PROBE_GATEWAY: opora.gateway, PROBE_TOKEN: token } });
  expect(opora.pid).toBe(before);
  expect(() => process.kill(before, 0)).not.toThrow();
}, 90_000);
