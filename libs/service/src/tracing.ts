import { context, propagation, trace } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** A collector that does not answer must not hold up the end of the process. */
const FLUSH_MS = 2000;

const wanted = (environment: NodeJS.ProcessEnv): boolean =>
  environment['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' && Boolean(environment['OTEL_EXPORTER_OTLP_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);

/**
 * Records spans for the whole process and hands `traceparent` on, once `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) is set or an
 * exporter is given; otherwise does nothing and loads nothing. Call it once, before the first service boots. The exporter reads the other
 * standard variables (`OTEL_EXPORTER_OTLP_HEADERS` …) from the process's own environment. Answers how to stop: what is recorded is sent first.
 */
export const startTracing = async (serviceName: string, environment: NodeJS.ProcessEnv, exporter?: SpanExporter): Promise<() => Promise<void>> => {
  if (!exporter && !wanted(environment)) return async () => undefined;
  const [sdk, resources, { W3CTraceContextPropagator }, { AsyncLocalStorageContextManager }] = await Promise.all([
    import('@opentelemetry/sdk-trace'), import('@opentelemetry/resources'), import('@opentelemetry/core'), import('@opentelemetry/context-async-hooks'),
  ]);
  const share = Number(environment['OTEL_TRACES_SAMPLER_ARG'] ?? 1);
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource()
      .merge(resources.resourceFromAttributes({ 'service.name': environment['OTEL_SERVICE_NAME'] || serviceName }))
      .merge(resources.detectResources({ detectors: [resources.resourceAttributesEnvDetector] })),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(share) }),
    spanProcessors: [exporter ? new sdk.SimpleSpanProcessor({ exporter }) : new sdk.BatchSpanProcessor({ exporter: new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter() })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);

  return async () => {
    trace.disable();
    propagation.disable();
    context.disable();
    await Promise.race([provider.shutdown().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref())]);
  };
};
