import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { consentsChanged } from '@opora/contracts';
import { Counselling } from '@opora/counselling';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { startTracing } from '@opora/service';
import { eventually, startHarness, type Caller, type Harness } from '@opora/testing';
import { randomUUID } from 'node:crypto';

const exporter = new InMemorySpanExporter();
let harness: Harness;
let worker: Caller;
let stop: () => Promise<void>;

beforeAll(async () => {
  harness = await startHarness([Intake, Counselling], { agency: 'centre' });
  await harness.boot(Gateway, { environment: { GATEWAY_UPSTREAMS: 'http://127.0.0.1:*' } });
  worker = await harness.as('gateway', { sub: 'worker-1', agency: 'centre', roles: ['intake-worker'] });
  await eventually(() => worker.get('/v1/modules'), ({ body }) => body.items.length >= 2);
  stop = await startTracing('opora', {}, exporter);
});

afterAll(async () => {
  await stop?.();
  await harness?.close();
});

/** `service: span`, from the outermost inwards. */
const pathOf = (span: ReadableSpan): string[] => {
  const above = exporter.getFinishedSpans().find((one) => one.spanContext().spanId === span.parentSpanContext?.spanId);
  return [...(above ? pathOf(above) : []), `${String(span.attributes['opora.service'])}: ${span.name}`];
};
const paths = (traceId: string) => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId).map((span) => pathOf(span).join(' > '));
const newTrace = () => {
  const traceId = randomUUID().replaceAll('-', '');
  return { traceId, traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
};

it('one trace leads from the gateway through a module, its outbox and the broker to everybody who hears', async () => {
  const { body: { id } } = await worker.post('/v1/intake/clients', { anonymous: true });
  const { traceId, traceparent } = newTrace();
  expect(await worker.post(`/v1/intake/clients/${id}/consents`, { purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent' }, { traceparent })).toMatchObject({ status: 201 });
  const route = 'gateway: POST /v1/:module(^[a-z][a-z0-9-]{1,39}$)/* > intake: POST /v1/intake/clients/:id/consents > intake: outbox insert';
  const wanted = ['counselling', 'gateway'].map((service) => `${route} > ${service}: process ${consentsChanged.type}`);
  await eventually(async () => paths(traceId), (all) => wanted.every((one) => all.includes(one)));
});

it('what the gateway asks of modules for one reader belongs to the reader’s request', async () => {
  const { body: { id } } = await worker.post('/v1/intake/clients', { anonymous: true });
  expect(await worker.post('/v1/intake/needs', { clientId: id, needCode: 'housing', severity: 'moderate', reason: 'sleeps in the station' })).toMatchObject({ status: 201 });
  const { traceId, traceparent } = newTrace();
  await eventually(() => worker.get(`/v1/clients/${id}/plan?expand=person`, { traceparent }), ({ status }) => status === 200);
  const wanted = 'gateway: GET /v1/clients/:id/plan > gateway: ask clients:display > intake: POST /v1/intake/clients:display';
  await eventually(async () => paths(traceId), (all) => all.some((one) => one.replace('::', ':') === wanted));
});
