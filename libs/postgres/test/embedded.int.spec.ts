import { connect, connectAdmin, loadSecrets, provision, startEmbeddedPostgres, type EmbeddedPostgres } from '@opora/postgres';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

let folder: string;
let started: EmbeddedPostgres[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opora-embedded-'));
  chmodSync(folder, 0o755);
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((postgres) => postgres.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: { folder?: string; port?: number; log?: (line: string) => void } = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ folder, ...options });
  started.push(postgres);
  return postgres;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = await connect(url, 'the test');
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Another process that starts the server in `folder` and lives until it is killed. */
async function startOwner(): Promise<{ owner: ChildProcess; adminUrl: string }> {
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'owner.mjs'), folder], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '--no-warnings' } });
  const [adminUrl] = await once(createInterface(owner.stdout!), 'line');
  return { owner, adminUrl };
}

async function killHard(owner: ChildProcess): Promise<void> {
  owner.kill('SIGKILL');
  await once(owner, 'exit');
}

const postmaster = () => Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !(existsSync(`/proc/${pid}/stat`) && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data over a restart, listens on this machine only and guards its password', async () => {
    const first = await start();
    await ask(first.adminUrl, 'create table kept as select 1 as n');
    expect(await ask(first.adminUrl, `select current_setting('listen_addresses'), current_setting('unix_socket_directories'), current_setting('fsync')`))
      .toEqual(['127.0.0.1', '', 'on']);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'postgres.log')).mode & 0o777).toBe(0o600);
    await first.stop();
    await first.stop();

    const second = await start();
    expect(await ask(second.adminUrl, 'select n from kept')).toEqual([1]);
    await expect(connectAdmin(second.adminUrl.replace(/:[^:@]+@/, ':wrong@'))).rejects.toThrow('refuses the password');
  });

  it('is started again at the same address when it is killed, and has lost nothing', async () => {
    const { adminUrl, stop } = await start();
    await ask(adminUrl, 'create table kept as select 1 as n');
    const pid = postmaster();
    process.kill(pid, 'SIGKILL');
    await eventually(() => !alive(pid));
    const answers = () => ask(adminUrl, 'select 1').then(() => true, () => false);
    for (let tries = 0; tries < 200 && !(await answers()); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await ask(adminUrl, 'select n from kept')).toEqual([1]);
    const revived = postmaster();
    await stop();
    expect(alive(revived)).toBe(false);
  });

  it('ends soon after its owner was killed', async () => {
    const { owner } = await startOwner();
    const pid = postmaster();
    await killHard(owner);
    await eventually(() => !alive(pid) && !existsSync(join(folder, 'data', 'postmaster.pid')));
  });

  (process.platform === 'linux' ? it : it.skip)('is taken over when its owner and the watchdog were killed', async () => {
    const { owner, adminUrl } = await startOwner();
    await ask(adminUrl, 'create table kept as select 1 as n');
    const left = postmaster();
    const watchdog = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`kill -INT ${left}`));
    process.kill(Number(watchdog), 'SIGKILL');
    await killHard(owner);
    expect(alive(left)).toBe(true);

    const lines: string[] = [];
    const again = await start({ log: (line) => lines.push(line) });
    expect(lines).toEqual(['Stopping the PostgreSQL that a killed process left behind']);
    expect(alive(left)).toBe(false);
    expect(await ask(again.adminUrl, 'select n from kept')).toEqual([1]);
  });

  it('is left alone while its owner lives', async () => {
    const { owner, adminUrl } = await startOwner();
    try {
      await expect(start()).rejects.toThrow(`Another process already runs on the data in ${folder}; stop that first`);
      expect(await ask(adminUrl, 'select 1')).toEqual([1]);
    } finally {
      const pid = postmaster();
      await killHard(owner);
      await eventually(() => !alive(pid));
    }
  });

  it('begins again when a first start was killed halfway', async () => {
    mkdirSync(join(folder, 'data.new.1'));
    writeFileSync(join(folder, 'data.new.1', 'PG_VERSION'), '18\n');
    expect(await ask((await start()).adminUrl, 'select 1')).toEqual([1]);
    expect(readdirSync(folder).sort()).toEqual(['data', 'postgres.log', 'secrets.json']);
  });

  it('starts although the number of a former process now belongs to another', async () => {
    await (await start()).stop();
    writeFileSync(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n1\n5432\n\n127.0.0.1\n1 1\nready\n`);
    expect(await ask((await start()).adminUrl, 'select 1')).toEqual([1]);
  });

  it('keeps what people said out of its log', async () => {
    const { adminUrl } = await start();
    await ask(adminUrl, 'create table person (name text primary key)');
    await ask(adminUrl, `insert into person values ('Canary')`);
    await expect(ask(adminUrl, `insert into person values ('Canary')`)).rejects.toMatchObject({ code: '23505' });
    await expect(ask(adminUrl, `select 'Canary'::int`)).rejects.toMatchObject({ code: '22P02' });
    const log = readFileSync(join(folder, 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('Canary');
  });

  (process.getuid?.() === 0 ? it : it.skip)('started by root in a closed folder keeps its data where its account can reach them', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const inside = join(closed, 'postgres');
    const lines: string[] = [];
    const first = await start({ folder: inside, log: (line) => lines.push(line) });
    const data = realpathSync(join(inside, 'data'));
    try {
      await ask(first.adminUrl, 'create table kept as select 1 as n');
      await first.stop();
      expect(lines.join()).toContain(`the data are kept in ${dirname(data)}`);
      expect(lstatSync(join(inside, 'data')).isSymbolicLink()).toBe(true);
      const again = await start({ folder: inside });
      expect(await ask(again.adminUrl, 'select n from kept')).toEqual([1]);
      await again.stop();
    } finally {
      rmSync(dirname(data), { recursive: true });
    }
    await expect(start({ folder: inside })).rejects.toThrow('points to a folder that is gone');
  });
});

describe('one line says why it does not start', () => {
  const oneLine = async (start: Promise<unknown>): Promise<string> => {
    const error = await start.then(() => undefined, (reason: Error) => reason);
    expect(error).toMatchObject({ name: 'EmbeddedPostgresError' });
    expect(error?.message).not.toContain('\n');
    return error?.message ?? '';
  };

  it('busy port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await oneLine(start({ port }))).toBe(`Port ${port} on 127.0.0.1 is taken; PostgreSQL needs it`);
    server.close();
  });

  it('unwritable folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await oneLine(start({ folder: join(folder, 'file', 'postgres') }))).toMatch(/^Cannot write to .*file\/postgres \(ENOTDIR\)$/);
  });

  it('a cluster that cannot be created', async () => {
    mkdirSync(join(folder, 'initdb.password', 'in-the-way'), { recursive: true });
    expect(await oneLine(start())).toMatch(/could not be created: EISDIR/);
  });

  it('lost password', async () => {
    await (await start()).stop();
    rmSync(join(folder, 'secrets.json'));
    expect(await oneLine(start())).toContain('secrets.json does not fit the data');
    expect(existsSync(join(folder, 'data', 'postmaster.pid'))).toBe(false);
  });
});

describe('secrets', () => {
  it('stay the same, and new names are added', () => {
    const first = loadSecrets(folder, ['intake']);
    const second = loadSecrets(folder, ['intake', 'gateway']);
    expect(second.intake).toBe(first.intake);
    expect(second.gateway).toHaveLength(32);
    expect(loadSecrets(folder, ['gateway'])).toEqual({ gateway: second.gateway });
  });
});

describe('the database of all services', () => {
  it('is created when missing, by all services at the same time', async () => {
    const { adminUrl } = await start();
    const services = ['intake', 'counselling', 'legal-aid', 'gateway', 'event-log'];
    const all = await Promise.all(services.map((service) =>
      provision(adminUrl, { service, database: 'opora', ownerPassword: 'owner', runtimePassword: 'runtime' })));
    for (const { runtimeUrl, schema } of all) expect(await ask(runtimeUrl, 'select current_database(), current_schema()')).toEqual(['opora', schema]);
  });
});

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};
