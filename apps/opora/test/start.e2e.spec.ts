import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { freePorts, spawnOpora, startOpora, tempFolder } from './opora-process.js';

const folder = tempFolder();
afterAll(() => folder.remove());

/** Processes that were started for this folder and are still there. */
const left = (): string[] => execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(folder.path));

const refusal = async (environment: Record<string, string>) => {
  const { output, exit } = spawnOpora({ OPORA_FOLDER: folder.path, OPORA_PORT: String(await freePorts()), OPORA_DEMO: 'never', ...environment });
  const code = await exit;
  return { code, lines: output().trim().split('\n') };
};

it('says in one line that a port is taken', async () => {
  const port = await freePorts();
  const server = createServer().listen(port + 2, '127.0.0.1');
  const { code, lines } = await refusal({ OPORA_PORT: String(port) });
  await new Promise((resolve) => server.close(resolve));
  expect(code).not.toBe(0);
  expect(lines).toEqual([expect.stringContaining(`Port ${port + 2} is taken`)]);
});

it.each(['/dev/null/opora', '/proc/opora'])('says in one line that the folder %s cannot be written', async (path) => {
  const { code, lines } = await refusal({ OPORA_FOLDER: path });
  expect(code).not.toBe(0);
  expect(lines).toEqual([expect.stringContaining('cannot be written')]);
});

it('says in one line that the database address is wrong, without the password in it', async () => {
  const { code, lines } = await refusal({ DATABASE_ADMIN_URL: 'postgres://postgres:hidden-word@127.0.0.1:1/postgres' });
  expect(code).not.toBe(0);
  expect(lines).toEqual([expect.stringContaining('DATABASE_ADMIN_URL')]);
  expect(lines.join()).not.toContain('hidden-word');
});

it('names all wrong settings at once', async () => {
  const { code, lines } = await refusal({ OPORA_PORT: 'eighty', OPORA_DEMO: 'maybe' });
  expect(code).not.toBe(0);
  expect(lines.join('\n')).toMatch(/OPORA_PORT[^]*OPORA_DEMO/);
});

it('does not start its development issuer in production', async () => {
  const { code, lines } = await refusal({ NODE_ENV: 'production' });
  expect(code).not.toBe(0);
  expect(lines).toEqual([expect.stringContaining('NODE_ENV=production')]);
}, 60_000);

it('stops everything on Ctrl-C, and leaves no process behind', async () => {
  const opora = await startOpora(folder.path, { OPORA_DEMO: 'never' });
  expect(left().length).toBeGreaterThan(0);
  expect(await opora.end('SIGINT')).toBe(0);
  for (let i = 0; i < 100 && left().length > 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(left()).toEqual([]);
}, 60_000);
