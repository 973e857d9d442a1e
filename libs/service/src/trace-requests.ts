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
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions: { url: route }, headers: { traceparent } } = request;
    if (route !== undefined && asksAfterUs(route)) return done();
    const attributes = { 'opora.service': service, 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) };
    const parent = following(traceparent);
    const within = trace.setSpan(parent, startSpan(route === undefined ? method : `${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent));
    contexts.set(request, within);
    context.with(within, done);
  });
  // The body arrives on the socket's events.
  fastify.addHook('preValidation', (request, _reply, done) => context.with(traceOf(request), done));
  fastify.addHook('onResponse', (request, reply, done) => {
    const span = trace.getSpan(traceOf(request));
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (span && reply.statusCode >= 500) markFailed(span, String(reply.statusCode));
    span?.end();
    done();
  });
};
