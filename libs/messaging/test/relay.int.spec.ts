import { topics } from '@opora/contracts';
import { eventually } from '@opora/testing';
import pg from 'pg';
import { Relay, type Broker, type BrokerRecord } from '../src/index.js';
import { startExampleService, type ExampleService } from './example-service.js';

/** Writes down what it is given; fails or waits when told to. */
class Recorder implements Broker {
  readonly records: BrokerRecord[] = [];
  /** Runs before anything is written down; what it throws is the broker's failure. */
  before: (records: readonly BrokerRecord[]) => Promise<void> = async () => undefined;

  async publish(records: readonly BrokerRecord[]): Promise<void> {
    await this.before(records);
    this.records.push(...records);
  }

  subscribe = () => Promise.reject(new Error('Nobody reads here'));
  close = async () => undefined;

  get facts(): string[] {
    return this.records.filter(({ topic }) => topic === 'facts').map(({ value }) => String(value));
  }

  /** Position and time of every watermark. */
  get watermarks(): { place: number; at: string }[] {
    return this.records.flatMap(({ topic, value }, place) => topic === topics.watermarks.name ? [{ place, at: (JSON.parse(String(value)) as { at: string }).at }] : []);
  }
}

describe('The relay', () => {
  let service: ExampleService;
  const relays: Relay[] = [];
  const clients: pg.Client[] = [];

  beforeEach(async () => { service = await startExampleService(); });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)));
    await service.close();
  });

  const startRelay = (broker: Broker, watermarkEveryMs = 3_600_000) => {
    const reports: string[] = [];
    const relay = new Relay({ module: 'example', databaseUrl: service.runtimeUrl, broker, watermarkEveryMs, report: (what) => reports.push(what) });
    relays.push(relay);
    relay.start();
    return { relay, reports, leads: () => eventually(async () => { relay.wake(); return reports.includes('relay-leading'); }, Boolean) };
  };
  const session = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: service.runtimeUrl });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const insert = `insert into outbox (topic, key, headers, value) values ('facts', $1, '{}', $2)`;
  const hasPublished = (broker: Recorder, ...facts: string[]) => eventually(async () => broker.facts, (out) => facts.every((fact) => out.includes(fact)));
  const now = async (client: pg.Client): Promise<string> => (await client.query<{ at: Date }>('select clock_timestamp() as at')).rows[0]!.at.toISOString();

  /** The order of each key's facts, as they were written: `<key> <number>`. */
  const inOrder = (facts: readonly string[]) => {
    const last = new Map<string, number>();
    for (const fact of facts) {
      const [key, number] = fact.split(' ') as [string, string];
      expect([key, Number(number)]).toEqual([key, (last.get(key) ?? 0) + 1]);
      last.set(key, Number(number));
    }
  };

  describe('holds the wrong algorithms beside the right one and shows them losing facts', () => {
    it('paging by `seq > last` loses what drew its number early and committed late; the relay does not', async () => {
      const [slow, fast, paging] = [await session(), await session(), await session()];
      const paged: string[] = [];
      let last = '0';
      const page = async () => {
        const { rows } = await paging.query<{ seq: string; value: string }>('select seq, value from outbox where seq > $1 order by seq limit 500', [last]);
        paged.push(...rows.map(({ value }) => value));
        last = rows.at(-1)?.seq ?? last;
      };
      const broker = new Recorder();
      await startRelay(broker).leads();

      await slow.query('begin');
      await slow.query(insert, ['p', 'p 1']);
      await fast.query(insert, ['q', 'q 1']);
      await page();
      await hasPublished(broker, 'q 1');
      await slow.query('commit');
      await fast.query(insert, ['q', 'q 2']);
      await page();
      await hasPublished(broker, 'p 1', 'q 2');

      expect(paged).toEqual(['q 1', 'q 2']);
      expect(broker.facts).toEqual(['q 1', 'p 1', 'q 2']);
    });

    it('sharing the work by `skip locked` breaks the order of one person; the relay, also when two are started, does not', async () => {
      const [writer, one, two] = [await session(), await session(), await session()];
      for (const number of [1, 2, 3]) await writer.query(insert, ['p', `p ${number}`]);
      const shared: string[] = [];
      const take = async (worker: pg.Client) => {
        await worker.query('begin');
        const { rows } = await worker.query<{ value: string }>('select value from outbox where published_at is null order by seq limit 1 for update skip locked');
        return rows.map(({ value }) => value);
      };
      const inHand = await take(one);
      shared.push(...await take(two));
      await two.query('rollback');
      shared.push(...inHand);
      await one.query('rollback');
      expect(shared).toEqual(['p 2', 'p 1']);

      const broker = new Recorder();
      startRelay(broker);
      startRelay(broker);
      await hasPublished(broker, 'p 3');
      expect(broker.facts).toEqual(['p 1', 'p 2', 'p 3']);
    });

    it('under concurrent writers of varied length the relay says every fact once, in order, and the watermark holds', async () => {
      const persons = ['a', 'b', 'c', 'd', 'e'];
      const [setup, paging] = [await session(), await session()];
      for (const person of persons) await setup.query(`insert into course (id, version, state, client_id) values (gen_random_uuid(), 0, to_jsonb($1::text), gen_random_uuid())`, [person]);
      const broker = new Recorder();
      startRelay(broker, 1);
      const committed = new Map<string, string>();

      /** As Store does: number and outbox row are drawn while the person's row is locked. */
      const write = async (client: pg.Client, person: string, facts: number, ms: number) => {
        await client.query('begin');
        const { rows } = await client.query<{ version: number }>('update course set version = version + $2 where state = to_jsonb($1::text) returning version', [person, facts]);
        const written = Array.from({ length: facts }, (_, i) => `${person} ${rows[0]!.version - facts + i + 1}`);
        for (const fact of written) await client.query(insert, [person, fact]);
        await client.query('select pg_sleep($1)', [ms / 1000]);
        await client.query('commit');
        const at = await now(client);
        for (const fact of written) committed.set(fact, at);
      };
      let writing = true;
      const paged = new Set<string>();
      const page = async () => {
        for (let last = '0', more = true; more;) {
          more = writing;
          const { rows } = await paging.query<{ seq: string; value: string }>('select seq, value from outbox where seq > $1 order by seq limit 500', [last]);
          for (const { value } of rows) paged.add(value);
          last = rows.at(-1)?.seq ?? last;
        }
      };
      const pager = page();
      const slow = await session();
      await slow.query('begin');
      await slow.query(insert, ['slow', 'slow 1']);
      const writers = await Promise.all(Array.from({ length: 8 }, session));
      await Promise.all(writers.map(async (client, w) => {
        for (let turn = 0; turn < 25; turn += 1) await write(client, persons[(w + turn) % 5]!, 1 + (w + turn) % 3, [0, 1, 3, 8, 20][(w * 3 + turn) % 5]!);
      }));
      await eventually(async () => paged.size, (count) => count > 0);
      await slow.query('commit');
      committed.set('slow 1', await now(slow));
      writing = false;
      await pager;
      await eventually(async () => broker.facts.length, (count) => count >= committed.size);

      expect(broker.facts).toHaveLength(committed.size);
      inOrder(broker.facts);
      expect(committed.size - paged.size).toBeGreaterThan(0);
      expect([...committed.keys()].filter((fact) => !paged.has(fact))).toContain('slow 1');
      for (const { place, at } of broker.watermarks) {
        const missing = [...committed].filter(([fact, when]) => when < at && !broker.records.slice(0, place).some(({ value }) => String(value) === fact));
        expect(missing).toEqual([]);
      }
      expect(broker.watermarks.length).toBeGreaterThan(5);
    });
  });

  it('has one leader; another takes over when the leader’s connection is cut', async () => {
    const writer = await session();
    const broker = new Recorder();
    const first = startRelay(broker);
    await first.leads();
    const second = startRelay(broker);
    for (let n = 1; n <= 50; n += 1) await writer.query(insert, ['p', `p ${n}`]);
    await hasPublished(broker, 'p 50');
    expect(second.reports).toEqual([]);

    const [leader] = await service.test.query<{ pid: number }>(
      `select pid from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted and application_name = 'relay example'`);
    await service.test.query('select pg_terminate_backend($1)', [leader!.pid]);
    await second.leads();
    for (let n = 51; n <= 100; n += 1) await writer.query(insert, ['p', `p ${n}`]);
    await hasPublished(broker, 'p 100');
    inOrder(broker.facts);
    await eventually(async () => first.reports, (reports) => reports.includes('relay-failed'));
    expect(first.reports.filter((what) => what === 'relay-leading')).toHaveLength(1);
  });

  it('loses nothing while the broker fails: partly, wholly, and for more than one batch', async () => {
    const writer = await session();
    await writer.query(`insert into outbox (topic, key, headers, value) select 'facts', 'p', '{}', 'p ' || n from generate_series(1, 1200) n`);
    const broker = new Recorder();
    let failures = 0;
    broker.before = async (records) => {
      failures += 1;
      if (failures === 2) broker.records.push(...records.slice(0, 7));
      if (failures <= 3) throw new Error('The broker is away');
    };
    const { relay, reports } = startRelay(broker);
    await eventually(async () => { relay.wake(); return broker.facts; }, (out) => out.includes('p 1200'));
    expect(reports.filter((what) => what === 'relay-failed')).toHaveLength(3);
    expect(broker.facts.slice(0, 7)).toEqual(['p 1', 'p 2', 'p 3', 'p 4', 'p 5', 'p 6', 'p 7']);
    inOrder(broker.facts.slice(7));
    const [left] = await service.test.query<{ count: string }>('select count(*) from example.outbox where published_at is null');
    expect(left).toEqual({ count: '0' });
  });

  it('says the watermark only when everything before it is out', async () => {
    const writer = await session();
    const broker = new Recorder();
    const { relay, leads } = startRelay(broker, 1);
    await leads();
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { letGo = resolve; });
    let waiting = false;
    broker.before = async ([record]) => {
      if (record?.topic !== 'facts') return;
      waiting = true;
      await gate;
    };
    await writer.query(`insert into outbox (topic, key, headers, value) select 'facts', 'p', '{}', 'p ' || n from generate_series(1, 501) n`);
    const committedAt = await now(writer);
    relay.wake();
    await eventually(async () => waiting, Boolean);
    expect(broker.watermarks.filter(({ at }) => at > committedAt)).toEqual([]);
    letGo();
    const after = await eventually(async () => { relay.wake(); return broker.watermarks.filter(({ at }) => at > committedAt); }, (marks) => marks.length > 0);
    expect(broker.records.slice(0, after[0]!.place).filter(({ topic }) => topic === 'facts')).toHaveLength(501);
  });

  it('forgets what was published more than a minute ago, and only that', async () => {
    const writer = await session();
    await writer.query(`insert into outbox (topic, key, headers, value, published_at) values ('facts', 'p', '{}', 'old', now() - interval '2 minutes'), ('facts', 'p', '{}', 'fresh', now())`);
    const { relay } = startRelay(new Recorder());
    const left = () => service.test.query<{ value: string }>('select value from example.outbox');
    expect(await eventually(async () => { relay.wake(); return left(); }, (rows) => rows.length === 1)).toEqual([{ value: 'fresh' }]);
  });
});
