import { context } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { asksAfterUs, traceOf } from './trace-requests.js';

/** By route pattern, never by URL. */
export const measure = (fastify: FastifyInstance, metrics: Metrics, log: Log): void => {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId, routeOptions: { url: route = 'none' } } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    metrics.request(method, route, status, ms / 1000);
    context.with(traceOf(request), () => log.say(asksAfterUs(route) ? 'debug' : 'info', 'request', { requestId, method, route, status, ms: Math.round(ms) }));
    done();
  });
};
