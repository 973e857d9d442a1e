import { caller, eventually, whyNoKafka, type Caller, type Reply } from '@opora/testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { playJourney, playToReferral } from '../src/demo/journey.js';
import { startRegion, type Region } from '../src/region/region.js';
import { services } from '../src/services.js';
import { inspect } from './observing.js';
import { staff } from './staff.js';

const STALE_MS = 3_000;
/** Long enough for members that were killed to be given up by their group, and for a server to come back. */
const PATIENCE_MS = 45_000;
/** What a caller waits for an answer at most while something is down. */
const FEW_SECONDS_MS = 5_000;

const why = whyNoKafka({ users: [] });
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else describe('Outages of a region', outages);

function outages() {
  let region: Region;
  let database: pg.Pool;
  let clientId: string;
  let plan: string;
  let callers: { worker: Caller; counsellor: Caller; lawyer: Caller; admin: Caller };
  let paths: { draft: string; matter: string };

  const names = services.map(({ name }) => name);
  const instances = () => names.flatMap((name) => region.deployment(name).instances);
  const pids = () => instances().map(({ pid }) => pid);
  const place = () => ({ gateway: region.gateway, mint: region.mint, say: () => undefined });
  const ready = () => Promise.all(names.map((name) => region.deployment(name).ready()));
  const log = (name: string) => region.deployment(name).instances.flatMap(({ lines }) => lines);

  let day = 0;
  /** One command to every service that takes any, on paths under the given address. */
  const commands = ({ worker, counsellor, lawyer }: Pick<typeof callers, 'worker' | 'counsellor' | 'lawyer'> = callers): Record<string, () => Promise<Reply>> => {
    day = (day + 1) % 28;
    const date = `2031-01-${String(day + 1).padStart(2, '0')}`;
    return {
      intake: () => worker.post('/v1/intake/help-requests', { source: 'self', clientId, needCodes: ['legal'] }),
      counselling: () => counsellor.post(`${paths.draft}/review-date`, { reviewOn: date }),
      'legal-aid': () => lawyer.post(`${paths.matter}/deadline`, { nextDeadline: date }),
    };
  };
  const reads = ({ worker, counsellor, lawyer }: Pick<typeof callers, 'worker' | 'counsellor' | 'lawyer'> = callers): Record<string, () => Promise<Reply>> => ({
    intake: () => worker.get(`/v1/intake/clients/${clientId}`), counselling: () => counsellor.get(paths.draft), 'legal-aid': () => lawyer.get(paths.matter), gateway: () => counsellor.get(plan),
  });
  const timed = async (ask: () => Promise<Reply>): Promise<Reply & { ms: number }> => {
    const began = performance.now();
    return { ...await ask(), ms: performance.now() - began };
  };
  const fresh = () => eventually(() => callers.counsellor.get(plan), ({ status, body }) => status === 200 && body.stale === false, PATIENCE_MS);
  const drained = () => eventually(async () => Promise.all(names.map(async (name) => Number((await database.query(`select count(*) from ${name.replaceAll('-', '_')}.outbox where published_at is null`)).rows[0].count))),
    (waiting) => waiting.every((count) => count === 0), PATIENCE_MS);
  const shown = (tokens: readonly string[]) => Promise.all(tokens.map((token) => eventually(() => callers.counsellor.get(`${plan}?after=${encodeURIComponent(token)}`, { prefer: 'wait=2' }),
    ({ headers }) => headers.get('preference-applied') === 'wait', PATIENCE_MS)));
  /** Everything works: commands everywhere, and what they say arrives. */
  const works = async (): Promise<void> => {
    await ready();
    const tokens: string[] = [];
    for (const command of Object.values(commands())) {
      const { headers } = await eventually(command, ({ status }) => status === 200 || status === 201, PATIENCE_MS);
      const token = headers.get('opora-plan-entry');
      if (token) tokens.push(token);
    }
    expect(tokens).toHaveLength(2);
    await shown(tokens);
    await drained();
    await fresh();
  };

  beforeAll(async () => {
    region = await startRegion({ secured: true, environment: { GATEWAY_STALE_AFTER_MS: String(STALE_MS) } });
    database = await inspect(region);
    clientId = await playJourney(place());
    plan = `/v1/clients/${clientId}/plan`;
    callers = { worker: await region.as(staff.intake), counsellor: await region.as(staff.counsellor), lawyer: await region.as(staff.lawyer), admin: await region.as(staff.admin) };
    const { body: { items: [{ id: planId }] } } = await callers.counsellor.get(`/v1/counselling/plans?clientId=${clientId}`);
    const { body: { items: [{ id: matterId }] } } = await callers.lawyer.get(`/v1/legal-aid/matters?clientId=${clientId}`);
    paths = { draft: `/v1/counselling/plans/${planId}`, matter: `/v1/legal-aid/matters/${matterId}` };
    expect((await callers.counsellor.post(`${paths.draft}/versions`, {})).status).toBe(200);
  }, 180_000);

  afterAll(async () => {
    await database?.end();
    await region?.close();
  }, 60_000);

  it('one service is down: the others answer and go on working for it, the plan says so, and it catches up alone', async () => {
    await works();
    await region.deployment('legal-aid').stop();
    const referred = await playToReferral(place());
    expect((await callers.lawyer.get(paths.matter)).status).toBe(503);
    const { body } = await eventually(() => callers.counsellor.get(plan), ({ body: { sections } }) => sections?.[0]?.stale === true, PATIENCE_MS);
    expect(body).toMatchObject({ stale: true, sections: [{ module: 'legal-aid', state: 'active' }] });
    expect((await callers.counsellor.get(`/v1/clients/${referred}/plan`)).body.sections).toMatchObject([{ module: 'legal-aid', state: 'requested', stale: true }]);
    const { intake, counselling } = commands();
    expect((await intake!()).status).toBe(201);
    expect((await counselling!()).status).toBe(200);

    await region.deployment('legal-aid').add();
    const { body: { items: [referral] } } = await eventually(() => callers.lawyer.get(`/v1/legal-aid/referrals?clientId=${referred}`), ({ status, body: { items } }) => status === 200 && items.length === 1, PATIENCE_MS);
    expect(referral).toMatchObject({ status: 'requested', clientId: referred });
    await fresh();
    await works();
  }, 180_000);

  it('Kafka is down: commands and reads answer as fast as ever, the plan says that it may be old, and everything comes later', async () => {
    const before = pids();
    await region.kafka.kill();
    const tokens: string[] = [];
    const slowest: Record<string, number> = {};
    const stale = eventually(() => callers.counsellor.get(plan), ({ body }) => body.stale === true, PATIENCE_MS);
    for (let round = 0; round < 5; round += 1) {
      for (const [name, ask] of [...Object.entries(commands()), ...Object.entries(reads())]) {
        const { status, ms, headers } = await timed(ask);
        expect(status).toBeLessThan(300);
        expect(ms).toBeLessThan(FEW_SECONDS_MS);
        slowest[name] = Math.max(slowest[name] ?? 0, Math.round(ms));
        const token = headers.get('opora-plan-entry');
        if (token) tokens.push(token);
      }
    }
    await stale;
    console.log('Slowest answers without Kafka, ms', slowest);
    // Who starts now comes up all the same, and takes commands.
    await region.deployment('intake').instances[0]!.end('SIGKILL');
    await region.deployment('intake').ready();
    expect((await commands()['intake']!()).status).toBe(201);

    const others = (all: readonly number[]) => all.slice(1);
    expect(others(pids())).toEqual(others(before));
    // Who is asked to stop does so in time, and leaves nothing undone.
    const stopping = performance.now();
    expect(await region.deployment('intake').remove(region.deployment('intake').instances[0]!)).toBe(0);
    expect(performance.now() - stopping).toBeLessThan(10_000);
    await region.deployment('intake').add();
    await region.deployment('intake').ready();

    await region.kafka.start();
    await drained();
    await shown(tokens);
    await fresh();
    expect(others(pids())).toEqual(others(before));
    await works();
  }, 180_000);

  const unavailable = (told: Reply & { ms: number }): void => {
    expect(told).toMatchObject({ status: 503, body: { status: 503, code: 'temporarily-unavailable' } });
    expect(told.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(told.ms).toBeLessThan(FEW_SECONDS_MS);
  };
  /** Every service asked at its own address, and the gateway for all. */
  const refused = async (): Promise<void> => {
    for (const ask of [...Object.values(commands()), ...Object.values(reads())]) unavailable(await timed(ask));
    for (const name of names.filter((one) => one !== 'gateway')) {
      const own = async (who: keyof typeof staff) => caller(region.deployment(name).url, await region.mint(staff[who]));
      const there = { worker: await own('intake'), counsellor: await own('counsellor'), lawyer: await own('lawyer') };
      unavailable(await timed(commands(there)[name]!));
      unavailable(await timed(reads(there)[name]!));
    }
    for (const { port } of instances()) expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).not.toBe(200);
  };

  it('PostgreSQL is stopped: 503 with Retry-After from everybody, nobody ends, and all goes on when it is back', async () => {
    const before = pids();
    const complaints = () => names.map((name) => log(name).filter((line) => line.includes('"relay-failed"')).length);
    const complained = complaints();
    await region.stopPostgres();
    await refused();
    // Long enough that relays tried again in vain.
    await eventually(async () => complaints(), (counts) => counts.every((count, i) => count > complained[i]! + 1), PATIENCE_MS);
    await refused();
    await region.startPostgres();
    await works();
    expect(pids()).toEqual(before);
  }, 120_000);

  /** The server's process; undefined while there is none. */
  const postmaster = (): number | undefined => {
    const file = join(region.folder, 'postgres', 'data', 'postmaster.pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) || undefined : undefined;
  };

  it('PostgreSQL is killed: nobody ends, no command is lost that was acknowledged, and all goes on', async () => {
    const before = pids();
    const tokens: string[] = [];
    let running = true;
    const asking = (async () => {
      while (running) {
        for (const command of Object.values(commands())) {
          const told = await timed(command);
          if (told.status === 503) unavailable(told);
          else expect([200, 201]).toContain(told.status);
          const token = told.headers.get('opora-plan-entry');
          if (token) tokens.push(token);
        }
      }
    })();
    try {
      const killed = postmaster();
      process.kill(killed!, 'SIGKILL');
      await eventually(async () => postmaster(), (pid) => pid !== undefined && pid !== killed, PATIENCE_MS);
      await works();
    } finally {
      running = false;
    }
    await asking;
    await shown(tokens);
    expect(pids()).toEqual(before);
  }, 120_000);

  it('both are down while everybody starts: they wait, say why, and come up when both are there', async () => {
    await region.stopPostgres();
    await region.kafka.kill();
    await Promise.all(instances().map((instance) => instance.end('SIGKILL')));
    for (const name of names) await eventually(async () => log(name), (lines) => lines.some((line) => line.includes('waiting for the database')), PATIENCE_MS);
    const before = pids();
    await region.startPostgres();
    await ready();
    expect((await callers.lawyer.get(paths.matter)).status).toBe(200);
    await region.kafka.start();
    await works();
    expect(pids()).toEqual(before);
  }, 180_000);
}
