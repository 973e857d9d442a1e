import { Injectable } from '@nestjs/common';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { planEntryRecorded } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { On, startTracing, type ServiceDefinition } from '../src/index.js';
import { VisitsService } from './visits.js';

let broken = false;
const heard: string[] = [];

@Injectable()
class Hearing {
  @On(planEntryRecorded)
  async hear({ key }: { key: string }): Promise<void> {
    if (broken) throw new TypeError('Zyx9Canary');
    heard.push(key);
  }
}

const hearing: ServiceDefinition = { name: 'hearing', version: '0.1.0', titles: { en: 'Hearing', ru: 'Слух' }, controllers: [], reactions: [Hearing], migrations: [] };

let harness: Harness;
beforeAll(async () => { harness = await startHarness([VisitsService, hearing]); });
afterAll(() => harness?.close());

const parent = 'b7ad6b7169203331';
/** Each test has a trace of its own: what an earlier one set off may still be under way. */
let traceId: string;
let traceparent: string;
beforeEach(() => {
  traceId = randomUUID().replaceAll('-', '');
  traceparent = `00-${traceId}-${parent}-01`;
});
const visits = '/v1/visits/visits';
const plan = async (headers: Record<string, string> = {}) =>
  (await harness.as('visits', { roles: ['visits:practitioner'] })).post(`${visits}`, { clientId: newId(), note: 'Zyx9Canary', minutes: 30 }, headers);
const outboxHeaders = async (id: string) =>
  (await harness.database.query<{ headers: Record<string, string> }>(`select headers from visits.outbox where headers->>'ce_subject' = $1 order by seq`, [id])).map(({ headers }) => headers);

describe('With tracing', () => {
  const exporter = new InMemorySpanExporter();
  const spans = () => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  const named = (name: string) => spans().filter((span) => span.name === name);
  const attributesOf = (span: ReadableSpan) => span.attributes;
  let stop: () => Promise<void>;
  beforeAll(async () => { stop = await startTracing('test', {}, exporter); });
  afterAll(() => stop());

  it('leads from a request through outbox and broker to another service’s reaction', async () => {
    const before = harness.log.length;
    const { body: { id } } = await plan({ traceparent, tracestate: 'Zyx9Canary=Zyx9Canary', baggage: 'name=Zyx9Canary' });
    const [process] = await eventually(async () => named(`process ${planEntryRecorded.type}`), ({ length }) => length === 1);
    const [request, insert] = [named(`POST ${visits}`)[0]!, spans().find((span) => span.spanContext().spanId === process!.parentSpanContext!.spanId)!];
    expect(request.parentSpanContext).toMatchObject({ traceId, spanId: parent });
    expect(attributesOf(request)).toEqual({ 'opora.service': 'visits', 'http.request.method': 'POST', 'http.route': visits, 'http.response.status_code': 201 });
    expect(insert).toMatchObject({ name: 'outbox insert', parentSpanContext: { spanId: request.spanContext().spanId } });
    expect(attributesOf(process!)).toMatchObject({ 'opora.service': 'hearing', 'messaging.destination.name': planEntryRecorded.topic.name, 'opora.outcome': 'done' });
    expect(heard).toContain(`visits/${id}`);

    expect((await outboxHeaders(id)).map(({ ce_traceparent }) => ce_traceparent?.slice(3, 35))).toEqual([traceId, traceId]);
    expect(harness.log.slice(before).filter((line) => line.includes(`"traceId":"${traceId}"`)).map((line) => JSON.parse(line).event)).toContain('request');
  });

  it('tells nothing of a person, and nothing of what went wrong but its name', async () => {
    broken = true;
    const { body: { id } } = await plan({ traceparent });
    await eventually(async () => spans(), (all) => all.some(({ attributes }) => attributes['opora.outcome'] === 'dead'));
    broken = false;
    await (await harness.as('visits', { roles: ['visits:practitioner'] })).get(`${visits}/${id}?name=Zyx9Canary`, { traceparent });
    await fetch(`${harness.url('visits')}/Zyx9Canary`, { headers: { traceparent } });
    await eventually(async () => [...named(`GET ${visits}/:id`), ...named('GET')], ({ length }) => length === 2);
    const told = JSON.stringify(spans().map(({ name, attributes, events, links, status }) => ({ name, attributes, events, links, status })));
    expect(told).toContain('"error.type":"dead"');
    expect(told).not.toMatch(/Zyx9Canary/);
    expect(told).not.toContain(id);
  });

  it('begins a trace of its own where nobody sent one that can be read', async () => {
    for (const headers of [{} as Record<string, string>, { traceparent: 'Zyx9Canary' }, { traceparent: traceparent.replace(traceId, '0'.repeat(32)) }]) {
      const { body: { id } } = await plan(headers);
      const [first] = await outboxHeaders(id);
      const request = await eventually(async () => exporter.getFinishedSpans().find((span) => span.name === `POST ${visits}` && span.spanContext().traceId === first!.ce_traceparent!.slice(3, 35)), (found) => found !== undefined);
      expect(request!.parentSpanContext).toBeUndefined();
    }
  });

  it('keeps a repeated request’s own reading in its trace', async () => {
    const once = { traceparent, 'idempotency-key': newId() };
    const clientId = newId();
    const worker = await harness.as('visits', { roles: ['visits:practitioner'] });
    for (let i = 0; i < 2; i += 1) expect(await worker.post(visits, { clientId, note: 'once', minutes: 30 }, once)).toMatchObject({ status: 201 });
    const [read] = await eventually(async () => named(`GET ${visits}/:id`), ({ length }) => length === 1);
    expect(read!.spanContext().traceId).toBe(traceId);
  });

  it('records nothing when the caller decided so, and still hands the trace on', async () => {
    const { body: { id } } = await plan({ traceparent: `00-${traceId}-${parent}-00` });
    await eventually(async () => heard, (keys) => keys.includes(`visits/${id}`));
    expect(spans()).toEqual([]);
    expect((await outboxHeaders(id)).every(({ ce_traceparent }) => ce_traceparent?.startsWith(`00-${traceId}-`) && ce_traceparent.endsWith('-00'))).toBe(true);
  });

  it('shows a request whose caller went away, and one that failed', async () => {
    const holder = new pg.Client({ connectionString: harness.database.adminUrl });
    await holder.connect();
    try {
      await holder.query('begin; lock table visits.visit');
      const away = new AbortController();
      const asked = fetch(`${harness.url('visits')}/v1/visits/count`, { headers: { traceparent }, signal: away.signal }).catch((error: Error) => error.name);
      await eventually(() => harness.database.query(`select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`), ({ length }) => length > 0);
      away.abort();
      expect(await asked).toBe('AbortError');
      await eventually(async () => spans().map(({ attributes }) => attributes['error.type']), ([one]) => one === 'aborted');
    } finally {
      await holder.query('rollback');
      await holder.end();
    }
    await harness.database.query('alter table visits.visit rename to moved');
    const failed = await fetch(`${harness.url('visits')}/v1/visits/count`, { headers: { traceparent } }).finally(() => harness.database.query('alter table visits.moved rename to visit'));
    expect(failed.status).toBe(500);
    await eventually(async () => spans().map(({ attributes }) => attributes['error.type']), ([, two]) => two === '500');
  });

  it('leaves out what asks whether the service is there', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics']) await fetch(harness.url('visits') + path, { headers: { traceparent } });
    expect(spans()).toEqual([]);
  });
});

describe('Without an address to send them to', () => {
  it('nothing is recorded and nothing handed on', async () => {
    const stop = await startTracing('test', { OTEL_SERVICE_NAME: 'x' });
    const before = harness.log.length;
    const { body: { id } } = await plan({ traceparent });
    await eventually(async () => heard, (keys) => keys.includes(`visits/${id}`));
    for (const headers of await outboxHeaders(id)) expect(headers).not.toHaveProperty('ce_traceparent');
    expect(harness.log.slice(before).join()).not.toContain('traceId');
    await stop();
  });
});

describe('With the address of a collector', () => {
  const environment = process.env;
  afterEach(() => { process.env = environment; });

  it('sends its spans there as OTLP, the last ones before it stops', async () => {
    const received: string[] = [];
    const collector = createServer((request, response) => {
      void (async () => {
        for await (const part of request) received.push(String(part));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      })();
    });
    await new Promise<void>((resolve) => { collector.listen(0, '127.0.0.1', resolve); });
    const { port } = collector.address() as { port: number };
    process.env = { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' };
    const stop = await startTracing('region', process.env);
    await plan({ traceparent });
    await stop();
    collector.close();
    expect(received.join('')).toContain(`"name":"POST ${visits}"`);
    expect(received.join('')).toMatch(/"deployment.environment.name","value":\{"stringValue":"test"\}.*"service.name","value":\{"stringValue":"region"\}/);
  });

  it('stops soon, when no collector answers', async () => {
    process.env = { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const stop = await startTracing('region', process.env);
    await plan({ traceparent });
    const startedAt = performance.now();
    await stop();
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
