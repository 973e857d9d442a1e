import { Injectable } from '@nestjs/common';
import { makeSigningKey } from '@opora/access';
import { referralRequested } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { bootService, Log, On, WaitingRoom, type ServiceDefinition } from '../src/index.js';
import { VisitsService } from './visits.js';

@Injectable()
class Hearing {
  @On(referralRequested)
  async hear(): Promise<void> {
    throw new TypeError('Zyx9Canary');
  }
}

const deaf: ServiceDefinition = { name: 'deaf', version: '0.1.0', titles: { en: 'Deaf', ru: 'Глухой' }, controllers: [], reactions: [Hearing], migrations: [] };

let harness: Harness;
beforeAll(async () => { harness = await startHarness([VisitsService, deaf]); });
afterAll(() => harness?.close());

/** The way to the database, which can be cut, or fall silent with connections open. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private state: 'whole' | 'cut' | 'silent' = 'whole';
  private server!: Server;

  async lay(to: URL): Promise<number> {
    this.server = createServer((near) => {
      this.sockets.add(near.on('error', () => undefined));
      if (this.state === 'cut') near.destroy();
      if (this.state !== 'whole') return;
      const far = connect({ host: to.hostname, port: Number(to.port) }).on('error', () => near.destroy());
      this.sockets.add(far);
      near.on('data', (data) => { if (this.state === 'whole') far.write(data); }).on('close', () => far.destroy());
      far.on('data', (data) => { if (this.state === 'whole') near.write(data); }).on('close', () => near.destroy());
    });
    await new Promise<void>((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    return (this.server.address() as { port: number }).port;
  }

  become(state: typeof this.state): void {
    this.state = state;
    if (state !== 'silent') for (const socket of this.sockets) socket.destroy();
  }

  end(): void {
    this.become('cut');
    this.server.close();
  }
}

const metrics = async (service: string) => (await fetch(`${harness.url(service)}/metrics`)).text();
/** The value of the one sample that has these labels, whatever their order. */
const valueOf = (text: string, name: string, labels: Record<string, string> = {}): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)));
  return line === undefined ? undefined : Number(line.split(' ').at(-1)!.replace('+Inf', 'Infinity'));
};

describe('A service whose database is away', () => {
  const wire = new Wire();
  const ready = async () => {
    const startedAt = performance.now();
    const response = await fetch(`${harness.url('remote')}/health/ready`);
    return { status: response.status, body: await response.json() as { reasons: string[] }, ms: performance.now() - startedAt };
  };

  beforeAll(async () => {
    const { runtimeUrl } = await harness.database.provision('remote');
    const databaseUrl = new URL(runtimeUrl);
    databaseUrl.port = String(await wire.lay(new URL(runtimeUrl)));
    await harness.boot({ ...VisitsService, name: 'remote' }, { databaseUrl: databaseUrl.href });
  });
  afterAll(() => wire.end());

  it.each(['cut', 'silent'] as const)('says so by name, soon, and is ready again by itself: %s', async (state) => {
    await eventually(ready, ({ status }) => status === 200);
    wire.become(state);
    const down = await ready();
    expect(down).toMatchObject({ status: 503, body: { status: 'not-ready', reasons: ['database'] } });
    expect(down.body).toHaveProperty('checks', expect.arrayContaining([{ name: 'database', status: 'down' }]));
    expect(down.ms).toBeLessThan(2500);

    expect(await (await fetch(`${harness.url('remote')}/health/live`)).json()).toEqual({ status: 'up' });
    const text = await metrics('remote');
    expect(valueOf(text, 'opora_check_up', { check: 'database' })).toBe(0);
    expect(text).toContain('opora_database_pool_waiting{');
    expect(text).not.toMatch(/^(opora_outbox_|opora_parked_people|opora_dead_letters)/m);

    wire.become('whole');
    expect(await eventually(ready, ({ status }) => status === 200)).toMatchObject({ body: { status: 'ready', reasons: [] } });
    expect(valueOf(await metrics('remote'), 'opora_outbox_waiting')).toBeGreaterThanOrEqual(0);
  });
});

it('A service that is starting says on its port what it waits for', async () => {
  const { runtimeUrl, ownerUrl } = await harness.database.provision('slow');
  const holder = new pg.Client({ connectionString: ownerUrl });
  await holder.connect();
  await holder.query(`select pg_advisory_lock(hashtextextended('migrate ' || current_schema(), 0))`);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const room = new WaitingRoom('127.0.0.1', port);
  await expect(room.open()).rejects.toThrow('EADDRINUSE');
  taken.close();
  await once(taken, 'close');
  await room.open();
  await room.open();

  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect(await (await ask('/health/ready')).json()).toMatchObject({ status: 'not-ready', reasons: ['starting'] });
  const booting = bootService({ ...VisitsService, name: 'slow' }, {
    host: '127.0.0.1', port, databaseUrl: runtimeUrl, ownerDatabaseUrl: ownerUrl, agency: 'centre', tokens: { issuers: [], audience: 'opora' }, auditKey: makeSigningKey(),
  }, { broker: harness.broker, clock: harness.clock, log: new Log(() => undefined), room });
  try {
    const ready = await ask('/health/ready');
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'not-ready', reasons: ['starting', 'migrations'] }]);
    expect(await (await ask('/health/live')).json()).toEqual({ status: 'up' });
    const other = await ask('/v1/slow/visits');
    expect([other.status, other.headers.get('retry-after'), await other.json()]).toMatchObject([503, '2', { code: 'temporarily-unavailable' }]);
  } finally {
    await holder.end();
    const running = await booting;
    expect((await ask('/health/ready')).status).toBe(200);
    await running.close();
  }
});

describe('/metrics', () => {
  it('has what the docs list, and the docs list what it has', async () => {
    const listed = [...readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8').matchAll(/^\| `((?:http|opora)_\w+)`/gm)].map(([, name]) => name);
    const said = [...(await metrics('deaf')).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);
    expect(said.filter((name) => !/^(nodejs|process)_/.test(name)).sort()).toEqual(listed.sort());
    expect(said).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds']));
    expect(new Set(said).size).toBe(said.length);
  });

  it('counts people who wait, by what failed; no label holds what others chose', async () => {
    const [first, second] = [newId(), newId()];
    for (const clientId of [first, first, second]) {
      await harness.say(referralRequested, { referralId: newId(), clientId, module: 'deaf', offer: 'advice', agency: 'a', askedBy: 'b', planId: newId(), planVersion: 1, needs: [], urgency: 'routine', respondBy: '2026-03-09T09:00:00.000Z' }, { source: 'counselling', key: clientId });
    }
    await harness.broker.publish([{ topic: referralRequested.topic.name, key: 'Zyx9Canary', headers: { ce_id: 'Zyx9Canary' }, value: Buffer.from('Zyx9Canary') }]);
    await harness.broker.publish([{ topic: referralRequested.topic.name, key: newId(), headers: { ce_type: 'Zyx9Canary' }, value: Buffer.from('Zyx9Canary') }]);
    const text = await eventually(() => metrics('deaf'), (one) => valueOf(one, 'opora_dead_letters', { status: 'dead' }) === 4);
    // What nobody can name yet holds nobody up.
    expect(valueOf(text, 'opora_parked_people')).toBe(3);
    expect(valueOf(text, 'opora_dead_letters', { status: 'parked' })).toBe(1);
    const handled = (type: string, outcome: string) => valueOf(text, 'opora_handler_duration_seconds_count', { type, outcome });
    expect([handled(referralRequested.type, 'dead'), handled(referralRequested.type, 'parked'), handled('other', 'dead')]).toEqual([2, 1, 2]);
    expect(text).not.toMatch(/Zyx9Canary|[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(harness.log.filter((line) => line.includes('fact dead'))).toHaveLength(4);
    expect(harness.log.join('\n')).not.toContain('Zyx9Canary');
  });

  it('shows what waits while the broker is away, and commands still answer', async () => {
    await eventually(() => metrics('visits'), (text) => valueOf(text, 'opora_relay_leading') === 1 && valueOf(text, 'opora_outbox_waiting') === 0 && valueOf(text, 'opora_consumer_behind_seconds')! < 10);
    const published = valueOf(await metrics('visits'), 'opora_facts_published_total')!;
    expect(published).toBeGreaterThan(0);
    const login = `${harness.database.name}_event_log_runtime`;
    await harness.database.query(`alter role ${login} nologin`);
    await harness.database.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [login]);
    try {
      const worker = await harness.as('visits', { roles: ['visits:practitioner'] });
      expect(await worker.post('/v1/visits/visits', { clientId: newId(), note: 'at noon', minutes: 30 })).toMatchObject({ status: 201 });
      const text = await eventually(() => metrics('visits'), (one) => valueOf(one, 'opora_outbox_oldest_age_seconds')! > 1);
      expect(valueOf(text, 'opora_outbox_waiting')).toBe(2);
      expect(valueOf(text, 'opora_consumer_behind_seconds')).toBeGreaterThan(1);
      expect((await fetch(`${harness.url('visits')}/health/ready`)).status).toBe(200);
    } finally {
      await harness.database.query(`alter role ${login} login`);
    }
    await eventually(() => metrics('visits'), (text) => valueOf(text, 'opora_outbox_waiting') === 0 && valueOf(text, 'opora_facts_published_total')! >= published + 2);
  });
});
