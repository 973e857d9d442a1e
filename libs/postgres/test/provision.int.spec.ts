import { addressOf, provision } from '@opora/postgres';
import { createTestDatabase, type TestDatabase } from '@opora/testing';
import pg from 'pg';

let db: TestDatabase;
beforeAll(async () => { db = await createTestDatabase(); });
afterAll(() => db.drop());

async function as<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('provision', () => {
  it('lets the runtime login work on the rows of its own schema and on nothing else', async () => {
    const [mine, other] = await Promise.all([db.provision('legal-aid'), db.provision('intake'), db.provision('event-log')]);
    expect(mine.schema).toBe('legal_aid');
    await as(mine.ownerUrl, (owner) => owner.query('create table matter (id bigserial primary key, state text)'));
    await as(other.ownerUrl, (owner) => owner.query('create table client (id int)'));
    await as(mine.runtimeUrl, async (runtime) => {
      await runtime.query(`insert into matter (state) values ('open')`);
      await expect(runtime.query('select * from intake.client')).rejects.toMatchObject({ code: '42501' });
      await expect(runtime.query('insert into intake.client values (1)')).rejects.toMatchObject({ code: '42501' });
      await expect(runtime.query('create table mine (id int)')).rejects.toMatchObject({ code: '42501' });
      await expect(runtime.query('create table public.mine (id int)')).rejects.toMatchObject({ code: '42501' });
      await expect(runtime.query('create temporary table mine (id int)')).rejects.toMatchObject({ code: '42501' });
      await expect(runtime.query('truncate matter')).rejects.toMatchObject({ code: '42501' });
    });
    await as(mine.ownerUrl, (owner) => expect(owner.query('select * from intake.client')).rejects.toMatchObject({ code: '42501' }));
  });

  it('run again changes only the passwords', async () => {
    const services = { service: 'gateway', rolePrefix: `${db.name}_`, ownerPassword: 'first', runtimePassword: 'first' };
    const first = await provision(db.adminUrl, services);
    await as(first.ownerUrl, (owner) => owner.query('create table kept as select 1 as n'));
    const second = await provision(db.adminUrl, { ...services, runtimePassword: 'sécond/@:' });
    expect(await as(second.runtimeUrl, async (runtime) => (await runtime.query('select n from kept')).rows)).toEqual([{ n: 1 }]);
    await expect(as(first.runtimeUrl, (runtime) => runtime.query('select 1'))).rejects.toMatchObject({ code: '28P01' });
  });

  it('survives many at once, for the same service too', async () => {
    const all = await Promise.all(['a', 'b', 'c', 'a', 'b', 'c'].map((service) => db.provision(service)));
    for (const { runtimeUrl, schema } of all) {
      expect(await as(runtimeUrl, async (runtime) => (await runtime.query('select current_schema() as schema')).rows)).toEqual([{ schema }]);
    }
  });

  it('needs no superuser, only a login that may create roles and databases', async () => {
    const login = `${db.name}_provisioner`;
    const database = `${db.name}_second`;
    await db.query(`create role ${login} login createrole createdb password 'p'`);
    const adminUrl = addressOf(db.adminUrl, { database: 'postgres', user: login, password: 'p' });
    const services = { database, rolePrefix: `${db.name}_second_`, ownerPassword: 'o', runtimePassword: 'r' };
    try {
      for (const round of ['first', 'again']) {
        const [mine, other] = await Promise.all(['intake', 'gateway'].map((service) => provision(adminUrl, { ...services, service })));
        await as(mine!.ownerUrl, (owner) => owner.query(`create table ${round} as select 1 as n`));
        await as(mine!.runtimeUrl, (runtime) => runtime.query(`select n from ${round}`));
        await as(other!.runtimeUrl, (runtime) => expect(runtime.query(`select n from intake.${round}`)).rejects.toMatchObject({ code: '42501' }));
      }
    } finally {
      await db.query(`drop database if exists ${database} with (force)`);
    }
  });

  it('leaves nothing behind when a test database is dropped', async () => {
    const fleeting = await createTestDatabase();
    await fleeting.provision('intake');
    await fleeting.drop();
    expect(await db.query(`select datname from pg_database where datname = $1 union all select rolname from pg_roles where starts_with(rolname, $1)`, [fleeting.name])).toEqual([]);
  });
});
