import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace, type Context, type Span, type SpanOptions } from '@opentelemetry/api';

/**
 * `traceparent` (W3C Trace Context) of the span in hand, for whoever is asked or told next; empty when nobody traces. `tracestate` and
 * `baggage` are neither read nor handed on: a stranger may have put anything into them.
 */
export const traceHeaders = (): { traceparent?: string } => {
  const headers: { traceparent?: string } = {};
  propagation.inject(context.active(), headers);
  return headers;
};

/** What goes on from a `traceparent`, or begins when there is none that can be read. */
export const following = (traceparent: unknown): Context => propagation.extract(ROOT_CONTEXT, { traceparent });

export const startSpan = (name: string, options: SpanOptions, parent: Context): Span => trace.getTracer('opora').startSpan(name, options, parent);

/** The span as failed. By name or code alone: messages of errors may quote data. */
export const markFailed = (span: Span, code: string): void => {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', code);
};

/** Does the work within a span. */
export const inSpan = async <T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>, parent = context.active()): Promise<T> => {
  const span = startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    markFailed(span, error instanceof Error ? error.name : 'error');
    throw error;
  } finally {
    span.end();
  }
};
