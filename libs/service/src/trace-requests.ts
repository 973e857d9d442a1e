import { context, ROOT_CONTEXT, SpanKind, trace, type Context } from '@opentelemetry/api';
import { following, markFailed, startSpan } from '@opora/messaging';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const contexts = new WeakMap<FastifyRequest, Context>();

/** Routes that machines ask every few seconds. */
export const asksAfterUs = (route: string): boolean => route === '/metrics' || route.startsWith('/health/');

/** What the request belongs to. Hooks that run on a socket's events are outside of it. */
export const traceOf = (request: FastifyRequest): Context => contexts.get(request) ?? ROOT_CONTEXT;

/** One span per request, named by its route's pattern, under the caller's `traceparent`. */
export const traceRequests = (fastify: FastifyInstance, service: string): void => {
  fastify.addHook('onRequest', (request, { raw }, done) => {
    const { method, routeOptions: { url: route }, headers: { traceparent } } = request;
    if (route !== undefined && asksAfterUs(route)) return done();
    const attributes = { 'opora.service': service, 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) };
    const parent = following(traceparent);
    const span = startSpan(route === undefined ? method : `${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
    // Fastify's own hook does not tell an answer from one that nobody received.
    raw.once('close', () => {
      if (raw.writableFinished) span.setAttribute('http.response.status_code', raw.statusCode);
      if (!raw.writableFinished || raw.statusCode >= 500) markFailed(span, raw.writableFinished ? String(raw.statusCode) : 'aborted');
      span.end();
    });
    const within = trace.setSpan(parent, span);
    contexts.set(request, within);
    context.with(within, done);
  });
  // The body arrives on the socket's events.
  fastify.addHook('preValidation', (request, _reply, done) => context.with(traceOf(request), done));
};
