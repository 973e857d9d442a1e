import { connectAdmin, DatabaseUnreachable, provision } from '@opora/postgres';
import { createTestDatabase, type TestDatabase } from '@opora/testing';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

let db: TestDatabase;
beforeAll(async () => { db = await createTestDatabase(); });
afterAll(() => db.drop());

const changed = (change: (url: URL) => void): string => {
  const url = new URL(db.adminUrl);
  change(url);
  return url.href;
};

async function lineOf(adminUrl: string): Promise<string> {
  const error = await connectAdmin(adminUrl).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(DatabaseUnreachable);
  return (error as Error).message;
}

describe('a wrong admin address is told in one line that names the variable', () => {
  it('closed port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    expect(await lineOf(changed((url) => { url.port = String(port); }))).toBe(`DATABASE_ADMIN_URL: nothing listens at 127.0.0.1:${port}`);
  });

  it('unknown host', async () => {
    expect(await lineOf(changed((url) => { url.hostname = 'nowhere.invalid'; }))).toMatch(/^DATABASE_ADMIN_URL: the host nowhere\.invalid (is unknown|cannot be looked up)$/);
  });

  it('wrong password, which the line does not repeat', async () => {
    const line = await lineOf(changed((url) => { url.password = 'canary-password'; }));
    expect(line).toMatch(/^DATABASE_ADMIN_URL: 127\.0\.0\.1:\d+ refuses the password of "postgres"$/);
  });

  it('missing database', async () => {
    expect(await lineOf(changed((url) => { url.pathname = '/absent'; }))).toMatch(/^DATABASE_ADMIN_URL: 127\.0\.0\.1:\d+ has no database "absent"$/);
  });

  it.each(['', 'localhost:5432', 'http://localhost/opora', 'postgres://'])('no address of a database: %j', async (url) => {
    expect(await lineOf(url)).toBe('DATABASE_ADMIN_URL: must look like postgres://user:password@host:5432/database');
  });

  it('something that is not PostgreSQL', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await lineOf(changed((url) => { url.port = String(port); }))).toMatch(new RegExp(`^DATABASE_ADMIN_URL: 127\\.0\\.0\\.1:${port} `));
    server.close();
  });

  it('an admin who may not create roles', async () => {
    const plain = await db.provision('intake');
    await expect(provision(plain.ownerUrl, { service: 'gateway', ownerPassword: 'o', runtimePassword: 'r' })).rejects.toThrow(/^DATABASE_ADMIN_URL: "t_\w+" may not set up gateway: permission denied to create role$/);
  });
});
