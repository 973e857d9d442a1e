import pg from 'pg';

/**
 * `append` is the only way in. Its lock makes the order of numbers the order of commits, so that a reader who moves on by
 * `seq > last` skips nothing; as one call it never leaves the lock with a client that stopped answering. Each statement sees
 * what was committed before the lock was won: an erasure just before is respected. A null on the topic `persons` takes everything
 * under that key from every topic.
 */
const DDL = `
  create table if not exists event_log.record (
    seq bigint generated always as identity (cache 1) primary key,
    topic text not null, key text not null, headers jsonb not null, value bytea,
    appended_at timestamptz not null default clock_timestamp());
  create index if not exists record_topic on event_log.record (topic, seq);
  create index if not exists record_key on event_log.record (topic, key, seq);

  create table if not exists event_log.cursor (
    grp text not null, topic text not null, seq bigint not null, primary key (grp, topic));

  create table if not exists event_log.erased (
    topic text not null, key text not null, primary key (topic, key));

  drop function if exists event_log.append(text[], text[], text[], bytea[], text[]);
  create or replace function event_log.append(topics text[], keys text[], headers text[], bodies bytea[], erasable text[], persons text default null)
  returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(hashtextextended('event_log append', 0));

    insert into event_log.erased (topic, key)
      select n.topic, n.key from unnest(topics, keys, bodies) as n (topic, key, body)
      where n.body is null and n.topic = any(erasable)
      on conflict do nothing;

    delete from event_log.record r using unnest(topics, keys, bodies) as n (topic, key, body)
      where n.body is null and n.topic = any(erasable) and r.key = n.key and (r.topic = n.topic or n.topic = persons);

    insert into event_log.record (topic, key, headers, value)
      select n.topic, n.key, n.header::jsonb, n.body
      from unnest(topics, keys, headers, bodies) with ordinality as n (topic, key, header, body, place)
      where n.body is null or not exists (select from event_log.erased e where e.topic in (n.topic, persons) and e.key = n.key)
      order by n.place;
  end $$;
`;

/** Creates the tables as the schema's owner. Two at once wait for each other; a second run changes nothing. */
export const migratePostgresLog = async (ownerUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'event_log migrate' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtextextended('event_log migrate', 0))`);
    await client.query(DDL);
    await client.query('commit');
  } finally {
    await client.end();
  }
};

/** Parameters: topics, group. A group that never committed starts before the oldest record. */
export const CURSORS = `
  select t.topic, coalesce(c.seq, 0) as seq
  from unnest($1::text[]) as t (topic) left join event_log.cursor c on c.grp = $2 and c.topic = t.topic`;

/** Records after each topic's position, oldest first. Parameters: topics, positions, limit. */
export const FETCH = `
  select r.seq, r.topic, r.key, r.headers, r.value
  from unnest($1::text[], $2::bigint[]) as c (topic, seq)
  cross join lateral (
    select * from event_log.record where topic = c.topic and seq > c.seq order by seq limit $3) r
  order by r.seq limit $3`;

export const FETCH_AGAIN = 'select seq, topic, key, headers, value from event_log.record where seq = any($1) order by seq';

/** Positions never move back, and never past what is there: a mistaken position must not skip what comes later. */
export const COMMIT = `
  insert into event_log.cursor as known (grp, topic, seq)
  select $1, c.topic, least(c.seq, (select coalesce(max(r.seq), 0) from event_log.record r where r.topic = c.topic))
  from unnest($2::text[], $3::bigint[]) as c (topic, seq)
  on conflict (grp, topic) do update set seq = greatest(known.seq, excluded.seq)`;

/** One parameter: rows of compacted topics that a newer row of their key replaced before that moment. */
export const SWEEP_SUPERSEDED = `
  delete from event_log.record where seq in (
    select r.seq from event_log.record r
    where r.topic = any($1) and r.appended_at < $2
      and exists (select from event_log.record n where n.topic = r.topic and n.key = r.key and n.seq > r.seq)
    limit 10000 for update of r skip locked)`;

export const SWEEP_FACTS = `
  delete from event_log.record where seq in (
    select r.seq from event_log.record r
    where r.topic <> all($1) and r.appended_at < $2
    limit 10000 for update of r skip locked)`;
