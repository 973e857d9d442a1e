import type { Database } from '@opora/messaging';
import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Log } from './log.js';

/** By route pattern, never by URL. */
export const measure = (fastify: FastifyInstance, registry: Registry, database: Database, log: Log): void => {
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'By route and status', labelNames: ['method', 'route', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] });
  new Gauge({
    name: 'outbox_waiting', help: 'Facts not yet published', registers: [registry],
    async collect() {
      const [row] = await database.query<{ count: string }>('select count(*) from outbox where published_at is null');
      this.set(Number(row?.count ?? 0));
    },
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    duration.observe({ method: request.method, route, status: reply.statusCode }, seconds);
    log.say('info', 'request', { requestId: request.id, method: request.method, route, status: reply.statusCode, ms: Math.round(seconds * 1000) });
    done();
  });
};
