import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { journeyHolds } from './journey-checks.js';
import { startOpora, tempFolder, type OporaProcess } from './opora-process.js';

const folder = tempFolder();
let opora: OporaProcess;
let clientId: string;

const stop = async () => { await opora.end('SIGINT'); };
const start = async (environment?: Record<string, string>) => { opora = await startOpora(folder.path, environment); };

beforeAll(async () => {
  await start();
  clientId = (JSON.parse(readFileSync(join(folder.path, 'demo.json'), 'utf8')) as { clientId: string }).clientId;
}, 90_000);

afterAll(async () => {
  await stop();
  folder.remove();
}, 30_000);

it('prints addresses, a token for each role, and the demo person’s plan as text', () => {
  const output = opora.output();
  expect(output).toContain(opora.gateway);
  expect(output).toContain('/reference');
  for (const role of ['intake-worker', 'counsellor', 'practitioner', 'supervisor', 'auditor', 'admin', 'client']) expect(output).toMatch(new RegExp(`${role}[^]*?ey[A-Za-z0-9_-]+\\.`));
  expect(output).toMatch(/SUPPORT PLAN[^]*Needs[^]*Goals[^]*Legal aid: active[^]*What comes next/);
});

journeyHolds(() => ({
  ...opora, clientId,
  crash: async () => {
    await opora.end('SIGKILL');
    await start();
    expect(opora.output()).not.toContain('Playing the demo');
  },
  without: async (module, work) => {
    await stop();
    await start({ OPORA_SERVICES: ['intake', 'counselling', 'legal-aid'].filter((name) => name !== module).join() });
    await work();
    await stop();
    await start();
  },
}));
