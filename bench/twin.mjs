// What our services are measured against, a process of its own: raw Fastify and pg, or pg alone, doing what it is told to.
import { AuditTrail, tokenCheck } from '@opora/access';
import Fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { fetch } from 'undici';
import { serve } from './child.mjs';

const POOL = 10;

const ENTRIES = 'select distinct on (key) body from plan_entry where client_id = $1 order by key, version desc';

/** The captured statements for somebody or something else. */
const of = (statements, captured, id) => JSON.parse(JSON.stringify(statements).replaceAll(captured, id));
const connect = ({ databaseUrl, service, auditKey }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL });
  const trail = AuditTrail.open({ service, databaseUrl, key: auditKey, report: () => undefined });
  return Promise.all([pool, trail]);
};

/** `/same`: the selects, the audit rows (group-committed and awaited) and the token check of a plan read; `/text`: and asks the modules; `/bare`: the entries and nothing else. */
const open = async ({ statements, audited, captured, tokens, textsUrl, modules, ...access }) => {
  const [pool, trail] = await connect(access);
  const check = tokenCheck(tokens);
  const server = Fastify();
  const own = (id) => statements.map(({ values, ...statement }) => ({ ...statement, values: of(values, captured, id) }));
  const select = async (id) => {
    const [first, ...others] = own(id);
    const found = [await pool.query(first), ...await Promise.all(others.map((statement) => pool.query(statement)))];
    return found.map(({ rows }) => rows);
  };
  const read = (more) => async ({ params: { id }, headers: { authorization } }) => {
    await check(authorization.slice('Bearer '.length));
    const selected = await select(id);
    const texts = await more(selected, authorization);
    await trail.record(of(audited, captured, id));
    return { selected, ...(texts && { texts }) };
  };
  server.get('/bare/:id', async ({ params: { id } }) => (await pool.query(ENTRIES, [id])).rows);
  server.get('/same/:id', read(async () => undefined));
  server.get('/text/:id', read((selected, authorization) => Promise.all(modules.map(async (module) => {
    const answer = await fetch(`${textsUrl}/v1/${module}/plan-texts`, {
      method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ entries: selected.flat().length > 0 ? [{ entryId: randomUUID(), version: 1 }] : [] }),
    });
    return answer.json();
  }))));
  return server.listen({ host: '127.0.0.1', port: 0 });
};

/** The captured transaction again and again, each time for a new id; the audit's rows are awaited before the commit. Answers how many a second. */
const replay = async ({ statements, audited, captured, seconds, workers = 32, ...access }) => {
  const [pool, trail] = await (opened ??= connect(access));
  const began = performance.now();
  let count = 0;
  await Promise.all(Array.from({ length: workers }, async () => {
    while (performance.now() - began < seconds * 1000) {
      const client = await pool.connect();
      for (const { text, values } of of(statements, captured, randomUUID())) {
        if (text === 'COMMIT') await trail.record(audited);
        await client.query(text, values);
      }
      client.release();
      count += 1;
    }
  }));
  return count / ((performance.now() - began) / 1000);
};
let opened;

serve({ open, replay });
