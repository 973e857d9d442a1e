import replyFrom from '@fastify/reply-from';
import { reservedNames } from '@opora/contracts';
import { traceHeaders } from '@opora/messaging';
import { problem, sendProblem, toProblem } from '@opora/service';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { targetOf } from './domain/upstreams.js';
import type { ForeignAccess } from './foreign-access.js';
import { IDLE_MS, lookupOpen } from './reach.js';
import { Upstreams } from './upstreams.js';

/** RFC 9110 §7.6.1, and what each side of the gateway settles for itself. */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect']);

/** Where the caller came from: we say it, nobody else. */
const origins = new Set(['forwarded', 'x-real-ip']);
const ofCaller = (name: string): boolean => !origins.has(name) && !name.startsWith('x-forwarded-');

const endToEnd = <H extends object>(headers: H): H => Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name.toLowerCase()))) as H;

/** What a module sends stands under the gateway's own address: no page of it may act there. A form for paper has its own style, which loads nothing. */
const harmless = { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox", 'x-content-type-options': 'nosniff' };

/** As large as a service takes one. */
const BODY_LIMIT = 2 * 1024 * 1024;

const unavailable = (reply: FastifyReply) =>
  sendProblem(reply, problem(503, 'Not available at the moment', 'module-unavailable', 'The module does not answer; the plan does, and so do the other modules'));

interface ModuleAnswer { readonly statusCode: number; readonly stream: Readable }

/** Nobody hears an answer that is not on record. */
const tell = async (recorded: Promise<void>, reply: FastifyReply, answer: Readable): Promise<void> => {
  try {
    await recorded;
    void reply.send(answer);
  } catch (error) {
    answer.on('error', () => undefined).destroy();
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    sendProblem(reply, toProblem(error));
  }
};

/** Hands `/v1/<module>/**` on to whichever module announced itself under that name, bodies unread in both directions. */
export const forward = async (fastify: FastifyInstance, upstreams: Upstreams, foreign: ForeignAccess, self: string): Promise<void> => {
  const { timeoutMs } = upstreams;
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblem(error)));
    await scope.register(replyFrom, {
      disableCache: true, disableRequestLogging: true, destroyAgent: true,
      // reply-from itself turns certificate checks off unless told otherwise.
      undici: {
        connections: 64, keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS, connect: { lookup: lookupOpen, timeout: Math.min(timeoutMs, 3000), rejectUnauthorized: true }, tls: { rejectUnauthorized: true }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs,
      } as object,
    });

    scope.all<{ Params: { module: string } }>('/v1/:module(^[a-z][a-z0-9-]{1,39}$)/*', async (request, reply) => {
      const { module } = request.params;
      const found = module === self || reservedNames.has(module) ? undefined : await upstreams.of(module);
      if (found && 'refusal' in found) {
        sendProblem(reply, found.refusal);
        return reply;
      }
      const target = found && targetOf(found.manifest.baseUrl, module, request.raw.url ?? '');
      if (!found || target === undefined) {
        sendProblem(reply, problem(404, 'Not found', 'not-found', 'There is nothing here'));
        return reply;
      }
      if (request.headers['opora-forwarded']) {
        sendProblem(reply, problem(508, 'It leads back here', 'forwarding-loop', 'The module announced the gateway’s own address'));
        return reply;
      }
      if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) {
        sendProblem(reply, problem(413, 'The request was refused', 'body-too-large', 'The body is too large'));
        return reply;
      }
      const watched = found.manifest.accessLog ? undefined : await foreign.admit(request, found.manifest, target);
      const bodyless = request.method === 'GET' || request.method === 'HEAD';
      return reply.from(target, {
        // One: an idle connection may just have been closed. More would also repeat requests that a module answers with 503.
        retriesCount: 1,
        rewriteRequestHeaders: (_request, headers) => {
          const { 'content-length': length, ...others } = endToEnd(headers) as IncomingHttpHeaders;
          const own = Object.fromEntries(Object.entries(others).filter(([name]) => ofCaller(name.toLowerCase())));
          return { ...own, ...traceHeaders(), 'x-forwarded-for': request.ip, 'opora-forwarded': '1', ...(!bodyless && length !== undefined && { 'content-length': length }) };
        },
        rewriteHeaders: (headers) => {
          const { 'set-cookie': _, ...others } = endToEnd(headers);
          return { ...others, ...harmless };
        },
        ...(watched && { onResponse: (_request: unknown, answer: unknown, { statusCode, stream }: ModuleAnswer) => void tell(watched.answered(statusCode), answer as FastifyReply, stream) }),
        onError: (failed) => void (watched?.answered(503) ?? Promise.resolve()).catch(() => undefined).then(() => unavailable(failed as FastifyReply)),
      });
    });
  });
};
