import { topics } from '@opora/contracts';
import { everyServicesMigrations } from '@opora/messaging';
import { caller, eventually, whyNoKafka } from '@opora/testing';
import { join } from 'node:path';
import type pg from 'pg';
import { playJourney } from '../src/demo/journey.js';
import type { Instance } from '../src/region/instance.js';
import { startRegion, type Region } from '../src/region/region.js';
import { services } from '../src/services.js';
import { startLoad } from './load.js';
import { inspect, readTopic, sharesOf } from './observing.js';
import { staff } from './staff.js';

const why = whyNoKafka({ users: [] });
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else describe('Two instances of every service', twoOfEach);

function twoOfEach() {
  let region: Region;
  let database: pg.Pool;
  let people: string[];

  const names = services.map(({ name }) => name);
  const schemaOf = (service: string) => service.replaceAll('-', '_');
  const deployment = (name: string) => region.deployment(name);
  const restarts = () => names.map((name) => deployment(name).restarts);
  const journey = () => playJourney({ gateway: region.gateway, mint: region.mint, say: () => undefined });
  const waiting = async (service: string) => Number((await database.query(`select count(*) from ${schemaOf(service)}.outbox where published_at is null`)).rows[0].count);
  /** Whose relay won last. */
  const leading = async (service: string): Promise<Instance> => eventually(async () => deployment(service).instances.filter((one) => one.running && one.lines.some((line) => line.includes('"relay-leading"'))),
    (leaders) => leaders.length === 1).then(([leader]) => leader!);

  beforeAll(async () => {
    region = await startRegion({ instances: 2, secured: true });
    database = await inspect(region);
    people = [await journey(), await journey(), await journey()];
  }, 240_000);

  afterAll(async () => {
    await database?.end();
    await region?.close();
  }, 60_000);

  it('migrate an empty database at once: each migration ran once, and nobody died of it', async () => {
    expect(restarts()).toEqual(names.map(() => 0));
    for (const { name, migrations } of services) {
      const { rows } = await database.query<{ name: string }>(`select name from ${schemaOf(name)}.migrations order by name`);
      expect(rows.map((row) => row.name)).toEqual([...everyServicesMigrations, ...migrations].map((migration) => migration.name).sort());
    }
  });

  it('have one relay that leads, each', async () => {
    for (const name of names) {
      const { rows } = await database.query<{ leads: boolean }>(
        `select exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted) as leads from pg_stat_activity a where application_name = $1`, [`relay ${name}`]);
      expect(rows.map(({ leads }) => leads).sort()).toEqual([false, true]);
      await leading(name);
    }
  });

  it('share the partitions of what they hear', async () => {
    const { rows: [projection] } = await database.query<{ epoch: string }>('select epoch from gateway.projection');
    for (const name of names) {
      // A coordinator that has just begun does not answer yet; kafkajs does not ask it again.
      const shares = await eventually(() => sharesOf(region, name === 'gateway' ? `gateway.${projection!.epoch}` : name).catch(() => []), ({ length }) => length === 2, 30_000);
      const consents = shares.map((share) => share[topics.consents.name] ?? []);
      expect(consents.map((partitions) => partitions.length)).toEqual([6, 6]);
      expect(consents.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    }
  }, 60_000);

  it('let everybody read what they wrote, through either gateway', async () => {
    const [a, b] = await Promise.all(deployment('gateway').instances.map(async ({ port }) => ({
      lawyer: caller(`http://127.0.0.1:${port}`, await region.mint(staff.lawyer)), counsellor: caller(`http://127.0.0.1:${port}`, await region.mint(staff.counsellor)),
    })));
    for (const clientId of people) {
      for (const [written, read] of [[a!, b!], [b!, a!], [a!, a!], [b!, b!]] as const) {
        const { body: { items: [{ id }] } } = await written.lawyer.get(`/v1/legal-aid/matters?clientId=${clientId}`);
        const { status, headers } = await written.lawyer.post(`/v1/legal-aid/matters/${id}/deadline`, { nextDeadline: `2031-0${1 + Math.floor(Math.random() * 9)}-1${Math.floor(Math.random() * 10)}` });
        expect(status).toBe(200);
        const seen = await read.counsellor.get(`/v1/clients/${clientId}/plan?after=${encodeURIComponent(headers.get('opora-plan-entry')!)}`, { prefer: 'wait=5' });
        expect(seen.headers.get('preference-applied')).toBe('wait');
      }
    }
  });

  it('roll to the next version, its migration included, under load: no request fails, no fact is lost', async () => {
    const load = await startLoad(region, people);
    const acknowledgedMore = (count: number) => { const now = load.acknowledged.length; return eventually(async () => load.acknowledged.length, (length) => length > now + count, 30_000); };
    await acknowledgedMore(20);
    const codes = await deployment('legal-aid').roll(join(import.meta.dirname, 'legal-aid-next.mjs'));
    await acknowledgedMore(20);
    await load.stop();

    console.log(`${load.requests} requests, ${load.acknowledged.length} commands and ${load.journeys} journeys while rolling`);
    expect(load.failed).toEqual([]);
    expect(codes).toEqual([0, 0]);
    expect(load.journeys).toBeGreaterThan(0);
    expect((await database.query(`select 1 from legal_aid.migrations where name = 'MatterNotices1800000000001'`)).rowCount).toBe(1);
    await everyFactIsThere(load.acknowledged);

    const admin = await region.as(staff.admin);
    await eventually(() => admin.get('/v1/modules'), ({ body }) => body.items.find((one: any) => one.module === 'legal-aid').version === '0.2.0');
    // An old one that comes up once more works on the new schema, and takes no word back.
    const late = await deployment('legal-aid').add(join(import.meta.dirname, '..', '..', 'legal-aid', 'dist', 'main.js'));
    await eventually(() => late.ready(), Boolean, 30_000);
    expect(await deployment('legal-aid').remove(late)).toBe(0);
    const { rows: announced } = await database.query<{ version: string }>(`select body->>'version' as version from legal_aid.snapshot where topic = $1 order by snapshot.version`, [topics.modules.name]);
    expect(announced.map(({ version }) => version)).toEqual(['0.1.0', '0.2.0']);
  }, 120_000);

  it('go on when the relay’s leader is killed: the other one leads, and nothing is lost', async () => {
    const load = await startLoad(region, people);
    await eventually(async () => load.acknowledged.length, (length) => length > 20);
    const leader = await leading('legal-aid');
    const standby = deployment('legal-aid').instances.find((one) => one !== leader)!;
    await leader.end('SIGKILL');
    await eventually(async () => standby.lines, (lines) => lines.some((line) => line.includes('"relay-leading"')));
    await eventually(async () => load.acknowledged.length, (length) => length > 100, 30_000);
    await load.stop();
    await everyFactIsThere(load.acknowledged);
    expect(deployment('legal-aid').restarts).toBe(1);
    await deployment('legal-aid').ready();
  }, 90_000);

  it('go on when a gateway is killed: the other one answers, and hears what the first would have heard', async () => {
    const [first, second] = deployment('gateway').instances;
    await first!.end('SIGKILL');
    const [lawyer, counsellor] = await Promise.all([region.as(staff.lawyer), region.as(staff.counsellor)]);
    for (const clientId of people) {
      const { body: { items: [{ id }] } } = await eventually(() => lawyer.get(`/v1/legal-aid/matters?clientId=${clientId}`).catch(() => ({ status: 0, body: undefined })), ({ status }) => status === 200);
      const { status, headers } = await lawyer.post(`/v1/legal-aid/matters/${id}/deadline`, { nextDeadline: '2032-02-02' });
      expect(status).toBe(200);
      await eventually(() => counsellor.get(`/v1/clients/${clientId}/plan?after=${encodeURIComponent(headers.get('opora-plan-entry')!)}`, { prefer: 'wait=2' }),
        (seen) => seen.headers.get('preference-applied') === 'wait', 30_000);
    }
    expect(second!.running).toBe(true);
    await deployment('gateway').ready();
  }, 90_000);

  /** In the owner's tables, on its topic in order and once, and in the gateway. */
  const everyFactIsThere = async (acknowledged: readonly { matterId: string; version: number; token: string }[]): Promise<void> => {
    await eventually(() => waiting('legal-aid'), (count) => count === 0, 20_000);
    const sequences = (rows: readonly { subject: string; sequence: number }[]) =>
      Map.groupBy(rows.filter(({ subject }) => acknowledged.some(({ matterId }) => matterId === subject)), ({ subject }) => subject);
    const { rows } = await database.query<{ subject: string; sequence: number }>('select aggregate_id as subject, sequence from legal_aid.fact order by aggregate_id, sequence');
    const stored = sequences(rows);
    // A relay that is killed between sending and marking leaves the same record to be sent once more.
    const records = [...new Map((await readTopic(region, 'opora.legal-aid.v1')).map((record) => [String(record.headers!['ce_id']), record])).values()];
    const said = sequences(records.map(({ headers }) => ({ subject: String(headers!['ce_subject']), sequence: Number(headers!['ce_sequence']) })));
    for (const [matterId, facts] of stored) {
      const numbers = facts.map(({ sequence }) => sequence);
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
      expect(said.get(matterId)!.map(({ sequence }) => sequence)).toEqual(numbers);
      for (const { version } of acknowledged.filter((one) => one.matterId === matterId)) expect(numbers).toContain(version);
    }
    const shown = async () => (await database.query<{ token: string }>(`select key || '@' || version as token from gateway.plan_entry where module = 'legal-aid'`)).rows.map(({ token }) => token);
    await eventually(async () => { const there = new Set(await shown()); return acknowledged.filter(({ token }) => !there.has(token)); }, (missing) => missing.length === 0, 30_000);
  };
}
