import fastifyStatic from '@fastify/static';
import { problem, sendProblem, toProblem, type Problem } from '@opora/service';
import type { FastifyInstance } from 'fastify';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { readJson } from './asking.js';
import { ModuleRegistry } from './module-registry.js';
import { referencePage, startScript } from './reference-page.js';
import { Upstreams } from './upstreams.js';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const served = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/swagger-ui-standalone-preset.js', '/favicon-32x32.png']);

const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** One page over the API descriptions of all modules, made from the registry at every request: who joins is on it. */
export const describeModules = async (fastify: FastifyInstance, modules: ModuleRegistry, upstreams: Upstreams, self: string): Promise<void> => {
  /** The module's own description as it answers it; the caller's token stays here. */
  const description = async (name: string): Promise<{ document: unknown } | { refusal: Problem }> => {
    if (name === self) return { document: (await fastify.inject('/openapi.json')).json() };
    const found = await upstreams.of(name);
    if ('refusal' in found) return found;
    if (!found.manifest.serves.includes('openapi')) return { refusal: problem(404, 'Not found', 'not-found', 'This module has no API description') };
    return readJson(`${found.manifest.baseUrl}/openapi.json`, 5000).then(
      (document) => ({ document }),
      () => ({ refusal: problem(503, 'Not available at the moment', 'module-unavailable', 'The module does not answer') }));
  };

  await fastify.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblem(error)));
    await scope.register(fastifyStatic, { root: assets, prefix: '/reference/assets/', index: false, decorateReply: false, allowedPath: (path) => served.has(path) });

    scope.get('/reference', async (_request, reply) => reply.type('text/html; charset=utf-8').header('content-security-policy', policy).header('cache-control', 'no-cache')
      .send(referencePage((await modules.present()).filter(({ serves }) => serves.includes('openapi')).sort((a, b) => Number(b.module === self) - Number(a.module === self)))));
    scope.get('/reference/start.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(startScript));

    scope.get<{ Params: { module: string } }>('/openapi/:module(^[a-z][a-z0-9-]{1,39}).json', async (request, reply) => {
      const answer = await description(request.params.module);
      if ('document' in answer) return reply.header('cache-control', 'no-cache').send(answer.document);
      sendProblem(reply, answer.refusal);
      return reply;
    });
  });
};
